import { generateMany } from './many.mjs';
import { startServers, startSluice } from './processes.mjs';
import { quantile } from './rounds.mjs';
import { SHAPES } from './shapes.mjs';
const before = process.argv[2] === '-' ? undefined : process.argv[2];
const rounds = Number(process.argv[3] ?? 3),
  n = 100;
const names = before ? ['now', 'before'] : ['now'];
const s = { now: await startServers() };
if (before) s.before = await startServers(before);
const run = {};
for (const k of names) run[k] = await startSluice(s[k], { slots: 2 });
const contents = await generateMany(s.now.folder, n);
if (process.env.LOGSQL) {
  await s.now.client.query('ALTER SYSTEM SET log_min_duration_statement=0');
  await s.now.client.query("ALTER SYSTEM SET log_line_prefix='%m [%p] %a '");
  await s.now.client.query('select pg_reload_conf()');
}
for (let r = 0; r <= rounds; r++) {
  for (const k of r % 2 ? names : [...names].reverse()) {
    const post = [],
      all = [];
    for (const c of contents) {
      const t = performance.now();
      const id = await run[k].send(SHAPES.customers.dataset.name, c);
      post.push(performance.now() - t);
      await run[k].ended(id, 2);
      all.push(performance.now() - t);
    }
    console.log(
      r,
      k,
      'post p50',
      quantile(post, 0.5).toFixed(1),
      'total p50',
      quantile(all, 0.5).toFixed(1),
      'p90',
      quantile(all, 0.9).toFixed(1),
    );
  }
}
if (process.env.LOGSQL) {
  const { execSync } = await import('node:child_process');
  execSync(`cp -r ${s.now.folder} /tmp/latfolder`);
}
for (const k of names) {
  await run[k].stop();
  await s[k].stop();
}

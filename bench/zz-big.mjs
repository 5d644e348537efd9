import path from 'node:path';
import { startServers, startSluice, usedCpuMs, usedByPostgresMs } from './processes.mjs';
import { generate, SHAPES } from './shapes.mjs';
const [before, shapesArg, mb, rounds] = process.argv.slice(2);
const s = { now: await startServers(), before: await startServers(before) };
const run = {};
for (const k of ['now', 'before']) run[k] = await startSluice(s[k], { slots: 2 });
for (const sh of shapesArg.split(',')) {
  const [name, q] = sh.split(':');
  const shape = SHAPES[name];
  const res = { now: [], before: [] };
  for (let r = 0; r < Number(rounds); r++)
    for (const k of r % 2 ? ['now', 'before'] : ['before', 'now']) {
      const file = path.join(s[k].folder, 'b.csv');
      const rows = await generate(file, shape, { bytes: Number(mb) * 1e6, quoted: q === 'q' });
      await s[k].client.query(`TRUNCATE ${shape.dataset.target.table}`);
      await s[k].client.query('CHECKPOINT');
      const c0 = usedCpuMs(run[k].workers[0]),
        p0 = usedByPostgresMs(s[k]);
      const { workMs } = await run[k].importFile(shape.dataset.name, file, rows);
      res[k].push({ workMs, w: usedCpuMs(run[k].workers[0]) - c0, p: usedByPostgresMs(s[k]) - p0 });
    }
  const med = (a) => [...a].sort((x, y) => x - y)[Math.floor(a.length / 2)];
  for (const k of ['now', 'before'])
    console.log(
      sh,
      k,
      'work',
      res[k].map((x) => x.workMs).join(' '),
      '| worker cpu',
      res[k].map((x) => x.w).join(' '),
      '| pg',
      res[k].map((x) => x.p).join(' '),
      '| med',
      med(res[k].map((x) => x.workMs)),
      med(res[k].map((x) => x.w)),
      med(res[k].map((x) => x.p)),
    );
}
for (const k of ['now', 'before']) {
  await run[k].stop();
  await s[k].stop();
}

// `npm run bench -- --polls`: status polls/s against a bare Fastify route that does one select by primary key with pg.
// Same machine, same Postgres, same client; each server is a process of its own; rounds alternate and medians are quoted.
//   --connections N  kept connections of the client (default 50)
//   --rounds N       rounds of each (default 5)
//   --seconds N      length of a round (default 3)
import { execFile } from 'node:child_process';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { generate } from './generate.mjs';
import { machine, median, ROOT, startSluice, writeResult } from './sluice.mjs';
import { readFileSync } from 'node:fs';

const { values: options } = parseArgs({
  options: {
    polls: { type: 'boolean' },
    connections: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
  },
});

/** @returns answers per second */
async function poll(url, { status = 200, headers = {}, seconds = options.seconds } = {}) {
  const { stdout } = await promisify(execFile)(process.execPath, [
    path.join(ROOT, 'bench', 'poll-client.mjs'),
    url,
    options.connections,
    String(Number(seconds) * 1000),
    String(status),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]);
  return Number(stdout);
}

const sluice = await startSluice();
try {
  const bare = await sluice.start(
    [path.join(ROOT, 'bench', 'bare-polls.mjs')],
    /listening on (http:[^"]+)"/,
    { DATABASE_URL: sluice.databaseUrl },
  );
  const file = path.join(sluice.folder, 'small.csv');
  await generate(file, { bytes: 1000 });
  const id = await sluice.send(readFileSync(file));
  await sluice.ended(id, 20);
  const { headers } = sluice;
  const url = `${sluice.url}/v1/tasks/${id}`;
  const etag = (await fetch(url, { headers })).headers.get('etag');

  const contestants = {
    bare: () => poll(`${bare}/plain/${id}`),
    'bare, prepared': () => poll(`${bare}/prepared/${id}`),
    sluice: () => poll(url, { headers }),
    'sluice, 304': () => poll(url, { status: 304, headers: { ...headers, 'if-none-match': etag } }),
  };
  console.log(
    `${machine()}, ${options.connections} connections, ${options.rounds} rounds of ${options.seconds} s\n`,
  );
  const rounds = [];
  for (let round = 0; round <= Number(options.rounds); round++) {
    const found = {};
    for (const [name, run] of Object.entries(contestants)) found[name] = await run();
    if (round === 0) continue; // warms up all
    rounds.push(found);
    console.log(
      `round ${round}: ${Object.entries(found)
        .map(([name, rate]) => `${name} ${rate}/s`)
        .join('; ')}`,
    );
  }
  const ratio = (name, to) => median(rounds.map((found) => found[name] / found[to]));
  const result = {
    pollsPerSecond: Object.fromEntries(
      Object.keys(contestants).map((name) => [name, median(rounds.map((found) => found[name]))]),
    ),
    pollsToBare: ratio('sluice', 'bare'),
    pollsToBarePrepared: ratio('sluice', 'bare, prepared'),
    unchangedToBare: ratio('sluice, 304', 'bare'),
  };
  writeResult('polls', result);
  console.log(
    `\npolls / bare: ${result.pollsToBare.toFixed(2)} (against a prepared statement: ${result.pollsToBarePrepared.toFixed(2)}; 304: ${result.unchangedToBare.toFixed(2)})`,
  );
} finally {
  await sluice.stop();
}

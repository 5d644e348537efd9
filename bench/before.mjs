// (m) This build against the one in `--before DIR`, each with servers of its own, in turns: the six files of copy, many, and latency.
import path from 'node:path';
import { generateMany, importAll } from './many.mjs';
import { startServers, startSluice } from './processes.mjs';
import { alternate, medianOf, quantile } from './rounds.mjs';
import { generate, SHAPES } from './shapes.mjs';

export const title = 'this build / the build before';
const MB = 1_000_000;
const LEAST = 0.97;
/** Goals of small imports. */
const LEAST_MANY = 3;
const MOST_LATENCY = 0.5;
const LATENCY_IMPORTS = 100;
const POLL_MS = 2;

export async function measure({ servers, options, print }) {
  const before = await startServers(path.resolve(options.before));
  const builds = { now: servers, before };
  const running = {};
  try {
    for (const [name, each] of Object.entries(builds))
      running[name] = await startSluice(each, { slots: options.slots });
    const turns = (rounds, work, tell) =>
      alternate(
        rounds,
        Object.fromEntries(
          Object.keys(builds).map((name) => [name, () => work(builds[name], running[name])]),
        ),
        (round, { now, before }) =>
          print(`${tell}, round ${round}: ${now.toFixed(1)}, before ${before.toFixed(1)}`),
      );
    const figures = [];
    for (const [shape, each] of Object.entries(SHAPES))
      for (const quoted of [false, true]) {
        const what = `${shape} ${quoted ? 'quoted' : 'plain'}`;
        const work = (on, sluice) => workMs(on, sluice, each, quoted, options.mb);
        // Code that has not run yet is slow, and slow by chance.
        for (const name of Object.keys(builds)) await work(builds[name], running[name]);
        const rounds = await turns(options.rounds, work, `${what}, ms`);
        figures.push({ what, value: medianOf(rounds, ({ now, before }) => before / now), atLeast: LEAST });
      }
    const contents = await generateMany(servers.folder, options.many);
    const many = await turns(
      options.rounds,
      async (on, sluice) => (await importAll(on, sluice, contents)).perSecond,
      'many, imports/s',
    );
    figures.push({
      what: 'many',
      value: medianOf(many, ({ now, before }) => now / before),
      atLeast: LEAST_MANY,
    });
    const latency = await turns(
      options.rounds,
      async (_on, sluice) => quantile(await waits(sluice, contents), 0.5),
      'latency, p50 ms',
    );
    figures.push({
      what: 'latency, p50 (now / before)',
      value: medianOf(latency, ({ now, before }) => now / before),
      atMost: MOST_LATENCY,
    });
    return { figures, details: {} };
  } finally {
    for (const sluice of Object.values(running)) await sluice.stop();
    await before.stop();
  }
}

/** The same file for both builds: it is made from a seed. */
async function workMs({ client, folder }, sluice, shape, quoted, megabytes) {
  const file = path.join(folder, 'before.csv');
  const rows = await generate(file, shape, { bytes: megabytes * MB, quoted });
  await client.query(`TRUNCATE ${shape.dataset.target.table}`);
  await client.query('CHECKPOINT').catch(() => undefined);
  return (await sluice.importFile(shape.dataset.name, file, rows)).workMs;
}

/** From POST to `succeeded`, one import after the other. */
async function waits(sluice, contents) {
  const all = [];
  for (const content of contents.slice(0, LATENCY_IMPORTS)) {
    const began = performance.now();
    await sluice.ended(await sluice.send(SHAPES.customers.dataset.name, content), POLL_MS);
    all.push(performance.now() - began);
  }
  return all;
}

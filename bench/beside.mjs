// (l) Small files beside a large one: what the large import keeps of its speed while a file of ten rows comes each 100 ms, and how much
// longer these wait for their end than alone. They come at their times, whether or not those before have ended: senders that wait for
// the end would send more the faster they are served.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateMany } from './many.mjs';
import { startSluice } from './processes.mjs';
import { alternate, medianOf, quantile } from './rounds.mjs';
import { generate, SHAPES } from './shapes.mjs';

export const title = 'small imports beside a large one';
const MB = 1_000_000;
/** Of --mb: while the large file lasts, enough small ones come to speak of their p95. */
const TIMES_MB = 3;
const SMALL_FILES = 400;
/** Small imports that are measured alone. */
const ALONE = 50;
/** From the beginning of one small import to that of the next. */
const EACH_MS = 100;
const POLL_MS = 2;
const LEAST_KEPT = 0.8;
const MOST_WAIT = 3;

export async function measure({ servers, options, print }) {
  const { client, folder } = servers;
  const { dataset } = SHAPES.customers;
  const smallFiles = await generateMany(folder, SMALL_FILES);
  const file = path.join(folder, 'large.csv');
  const rows = await generate(file, SHAPES.customers, { bytes: TIMES_MB * options.mb * MB });
  const sluice = await startSluice(servers, { slots: options.slots });
  const importLarge = async () => (await sluice.importFile(dataset.name, file, rows)).workMs;
  const importOne = async (content, due) => {
    await sluice.ended(await sluice.send(dataset.name, content), POLL_MS);
    return performance.now() - due;
  };
  /** @returns milliseconds from when each was to be sent to `succeeded`, until `isOver` */
  const importSmall = async (isOver) => {
    const sent = [];
    const began = performance.now();
    while (!isOver(sent.length)) {
      const due = began + sent.length * EACH_MS;
      await sleep(Math.max(0, due - performance.now()));
      sent.push(importOne(smallFiles[sent.length % SMALL_FILES], due));
    }
    return Promise.all(sent);
  };
  const fresh = async (work) => {
    await client.query(`TRUNCATE ${dataset.target.table}`);
    await client.query('CHECKPOINT').catch(() => undefined);
    return work();
  };
  try {
    const rounds = await alternate(
      options.rounds,
      {
        large: () => fresh(importLarge),
        small: () => fresh(() => importSmall((done) => done === ALONE)),
        both: () =>
          fresh(async () => {
            let isOver = false;
            const small = importSmall(() => isOver);
            const large = await importLarge();
            isOver = true;
            return { large, small: await small };
          }),
      },
      (round, { large, small, both }) =>
        print(
          `round ${round}: large alone ${large} ms, beside ${both.large} ms; small p95 alone ${quantile(small, 0.95).toFixed(1)} ms, beside ${quantile(both.small, 0.95).toFixed(1)} ms (${both.small.length} of them)`,
        ),
    );
    return {
      figures: [
        {
          what: 'speed that the large one keeps',
          value: medianOf(rounds, ({ large, both }) => large / both.large),
          atLeast: LEAST_KEPT,
        },
        {
          what: 'p95 of the small ones, to alone',
          value: medianOf(rounds, ({ small, both }) => quantile(both.small, 0.95) / quantile(small, 0.95)),
          atMost: MOST_WAIT,
        },
      ],
      details: rounds.map(({ large, small, both }) => ({
        largeAloneMs: large,
        largeBesideMs: both.large,
        smallAloneMs: { p50: quantile(small, 0.5), p95: quantile(small, 0.95) },
        smallBesideMs: { p50: quantile(both.small, 0.5), p95: quantile(both.small, 0.95) },
      })),
    };
  } finally {
    await sluice.stop();
    rmSync(file);
    await client.query(`TRUNCATE ${dataset.target.table}`);
  }
}

// (g) Rows/s of one import by 1, 2 and 4 slots in one worker, and by two workers; ratios are to one slot.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { startSluice } from './processes.mjs';
import { alternate, medianOf } from './rounds.mjs';
import { generate, SHAPES } from './shapes.mjs';

export const title = 'rows/s by slots and workers, to one slot';
const MB = 1_000_000;
/** Enough chunks for four slots to be busy for some rounds. */
const SIZE_FACTOR = 3;
const SETUPS = [
  { workers: 1, slots: 1 },
  { workers: 1, slots: 2 },
  { workers: 1, slots: 4 },
  { workers: 2, slots: 1 },
  { workers: 2, slots: 2 },
];
const nameOf = ({ workers, slots }) => `${workers} worker${workers > 1 ? 's' : ''} × ${slots}`;

export async function measure({ servers, options, print }) {
  const { client, folder } = servers;
  const { dataset } = SHAPES.customers;
  const small = path.join(folder, 'warm-up.csv');
  const smallRows = await generate(small, SHAPES.customers, { bytes: options.mb * MB });
  const file = path.join(folder, 'scale.csv');
  const rows = await generate(file, SHAPES.customers, { bytes: SIZE_FACTOR * options.mb * MB });
  /** Fresh processes, warmed up by a smaller file. */
  const run = (setup) => async () => {
    const sluice = await startSluice(servers, setup);
    try {
      await sluice.importFile(dataset.name, small, smallRows);
      await client.query(`TRUNCATE ${dataset.target.table}`);
      await client.query('CHECKPOINT').catch(() => undefined);
      const { workMs } = await sluice.importFile(dataset.name, file, rows);
      return (rows / workMs) * 1000;
    } finally {
      await sluice.stop();
      await client.query(`TRUNCATE ${dataset.target.table}`);
    }
  };
  const contestants = Object.fromEntries(SETUPS.map((setup) => [nameOf(setup), run(setup)]));
  const rounds = await alternate(options.scaleRounds, contestants, (round, given) =>
    print(
      `round ${round}: ${Object.entries(given)
        .map(([name, rate]) => `${name}: ${Math.round(rate)} rows/s`)
        .join('; ')}`,
    ),
  );
  rmSync(file);
  rmSync(small);
  const one = nameOf(SETUPS[0]);
  return {
    figures: SETUPS.map((setup) => ({
      what: nameOf(setup),
      value: medianOf(rounds, (given) => given[nameOf(setup)] / given[one]),
    })),
    details: Object.fromEntries(
      SETUPS.map((setup) => [nameOf(setup), Math.round(medianOf(rounds, (given) => given[nameOf(setup)]))]),
    ),
  };
}

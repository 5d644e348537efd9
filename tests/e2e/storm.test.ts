// The storm (docs/reliability.md): a short one with every run of the tests; `npm run storm` sets its length and its seed.
import { expect, it } from 'vitest';
import { REDIS_FORMS } from '../storm/redis.ts';
import { STORAGE_FORMS } from '../storm/storage.ts';
import { runStorm } from '../storm/storm.ts';

const {
  SLUICE_STORM_ROUNDS,
  SLUICE_STORM_MINUTES,
  SLUICE_STORM_SEED,
  SLUICE_STORM_PGBOUNCER,
  SLUICE_STORM_REDIS,
  SLUICE_STORM_STORAGE,
} = process.env;
const LONG = SLUICE_STORM_ROUNDS !== undefined;
const HOURS = 24;

it(
  'imports are exact whatever dies',
  async () => {
    const { differences, closingLine } = await runStorm({
      seed: Number(SLUICE_STORM_SEED ?? 20_261_122),
      rounds: Number(SLUICE_STORM_ROUNDS ?? 3),
      minutes: Number(SLUICE_STORM_MINUTES ?? (LONG ? HOURS * 60 : 0.6)),
      form: {
        pgbouncer: SLUICE_STORM_PGBOUNCER === '1',
        redis: REDIS_FORMS.find((form) => form === SLUICE_STORM_REDIS) ?? 'single',
        storage: STORAGE_FORMS.find((form) => form === SLUICE_STORM_STORAGE) ?? 'folder',
      },
      ...(LONG ? {} : { mostRecords: 4000 }),
      say: (line) => void process.stdout.write(`${line}\n`),
    });
    process.stdout.write(`${closingLine}\n`);
    expect(differences).toEqual([]);
  },
  HOURS * 3_600_000,
);

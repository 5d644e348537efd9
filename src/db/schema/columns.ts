// Tables in this folder are Sluice's own, in the Postgres schema `sluice`; those of datasets live elsewhere
// (db/datasets/dataset-tables.ts). A change here needs `npm run migrations:generate`; migrations go forward only.
import { bigint, customType, pgSchema } from 'drizzle-orm/pg-core';
import { readInstant, writeInstant } from '../instants.ts';

export const sluice = pgSchema('sluice');
/** Rows of imports on their way: tables that come and go, see db/landing/staging.ts. */
export const sluiceStaging = pgSchema('sluice_staging');
/** Beside each table that exists one that knows who brought which row, see db/datasets/existing-tables.ts. */
export const sluiceProvenance = pgSchema('sluice_provenance');

export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
/** A time, to the millisecond. Drizzle's own type reads a time before the year 1000 as another one. */
export const instant = customType<{ data: Date; driverData: string }>({
  dataType: () => 'timestamp (3) with time zone',
  fromDriver: readInstant,
  toDriver: writeInstant,
});
/** A whole number up to 2^53. */
export const count = (name: string) => bigint(name, { mode: 'number' });

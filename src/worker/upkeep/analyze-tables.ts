import { analyzeTable, listGrownTables } from '../../db/grown-tables.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

const EVERY_MS = 2000;

/**
 * Has Postgres look at tables that have grown fast. Each session keeps the plan of a statement until then; one that was made for an empty
 * table reads all of it at each call when a hundred thousand rows have come. Autovacuum would look too, but only once a minute.
 */
export function analyzeTables({ db, logger }: Pick<UpkeepDeps, 'db' | 'logger'>): Duty {
  return {
    name: 'the look at tables that grow',
    everyMs: EVERY_MS,
    run: async () => {
      for (const table of await listGrownTables(db.$client)) {
        await analyzeTable(db.$client, table);
        logger.debug({ table }, 'a table that has grown was analyzed');
      }
    },
  };
}

// Tables of Sluice that have become others than Postgres plans for.
import type { Queryable } from './connection.ts';
import { prepared } from './prepared.ts';
import { qualifiedName } from './identifiers.ts';

/**
 * Changes that tell nothing of a table: of one that has seen no more, any plan is good enough. Postgres counts them about once a second.
 */
const FEW_CHANGES = 2000;

// Not those of staged rows, which are unlogged and live as long as one import.
const GROWN = prepared(`
  SELECT relname AS name FROM pg_class
   WHERE relnamespace = 'sluice'::regnamespace AND relkind = 'r' AND relpersistence = 'p'
     AND pg_stat_get_mod_since_analyze(oid) > greatest($1, 2 * reltuples) AND pg_has_role(relowner, 'USAGE')`);

/** The tables in which more rows have changed than twice those that Postgres knows of, and which this role may analyze. */
export async function listGrownTables(client: Queryable): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>({ ...GROWN, values: [FEW_CHANGES] });
  return rows.map((row) => row.name);
}

/** Has Postgres look at the table; all sessions plan their statements on it anew. One that is being vacuumed is left alone. */
export async function analyzeTable(client: Queryable, name: string): Promise<void> {
  await client.query(`ANALYZE (SKIP_LOCKED) ${qualifiedName({ schema: 'sluice', table: name })}`);
}

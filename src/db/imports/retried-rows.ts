// Which rejected records of a file its retries have landed. A record is claimed in the transaction that lands or stages its row,
// before it does, so of any number of retries at once one has it and the others wait.
import { sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { REFUSED } from '../landing/refusals/refused-rows.ts';
import { retriedRows } from '../schema/imported-rows.ts';
import { imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';
import type { Tx } from '../transaction.ts';
import { tableName } from '../identifiers.ts';

/** A retry, and the first import of its chain, by whose numbers rows go. */
export interface Retry {
  readonly importId: string;
  readonly rootId: string;
}

const ROWS_PER_QUERY = 50_000;

/** The claimed rows from `first` to `last`, ascending, some at a time; `own`: by this retry itself. */
export async function* readClaims(
  db: Database,
  { rootId, importId }: Retry,
  first: number,
  last: number,
): AsyncGenerator<{ row: number; own: boolean }[]> {
  for (let from = first; ;) {
    const { rows } = await db.execute<{ row: string; own: boolean }>(sql`
      SELECT row, import_id = ${importId} AS own FROM ${retriedRows}
       WHERE root_id = ${rootId} AND row BETWEEN ${from} AND ${last} ORDER BY row LIMIT ${ROWS_PER_QUERY}`);
    const claims = rows.map(({ row, own }) => ({ row: Number(row), own }));
    yield claims;
    if (claims.length < ROWS_PER_QUERY) return;
    from = claims.at(-1)!.row + 1;
  }
}

/** Claims rows. Waits for others that are claiming one of them. @returns whether all were free */
export async function claimRows(
  db: Database,
  { rootId, importId }: Retry,
  rows: readonly number[],
): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    INSERT INTO ${retriedRows} (root_id, row, import_id)
    SELECT ${rootId}, row, ${importId} FROM unnest(${sql.param(rows)}::bigint[]) AS row ORDER BY row
        ON CONFLICT DO NOTHING`);
  return rowCount === rows.length;
}

/** Frees what retries had claimed that have ended without landing it: they were staged, and never published, or dry runs. */
export async function freeClaimsOfEnded(db: Database, rootId: string): Promise<void> {
  await db.execute(sql`
    DELETE FROM ${retriedRows} r USING ${imports} i, ${tasks} t
     WHERE r.root_id = ${rootId} AND i.id = r.import_id AND t.id = i.id
       AND (i.mode <> 'insert' OR i.on_error <> 'reject' OR i.dry_run OR i.commit_of IS NOT NULL)
       AND (t.status IN ('failed', 'cancelled') OR (t.status = 'succeeded' AND i.dry_run))`);
}

/** Frees rows that a retry has claimed and that Postgres refused. */
export async function freeClaims(
  db: Database,
  importId: string,
  refused: readonly { readonly row: number }[],
): Promise<void> {
  const rows = refused.map(({ row }) => row);
  await db.execute(
    sql`DELETE FROM ${retriedRows} WHERE import_id = ${importId} AND row = ANY(${sql.param(rows)}::bigint[])`,
  );
}

/** Frees all that a retry has claimed: its chunks are to be staged anew. */
export async function freeAllClaims(db: Database, importId: string): Promise<void> {
  await db.execute(sql`DELETE FROM ${retriedRows} WHERE import_id = ${importId}`);
}

/** Frees the rows that Postgres has refused when they were published. */
export async function freeRefusedClaims(tx: Tx, importId: string): Promise<void> {
  await tx.$client.query(
    `DELETE FROM ${tableName(retriedRows)} r USING ${REFUSED} f WHERE r.import_id = $1 AND r.row = f.row`,
    [importId],
  );
}

import pg from 'pg';
import { landingTables } from '../../core/dataset/tables/landing-tables.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { isExisting, isSameRow, requireProvenance, targetOf } from '../datasets/existing-tables.ts';
import { databaseOn, type Tx } from '../transaction.ts';
import { identifier, qualifiedName, tableName } from '../identifiers.ts';
import type { ImportRow } from './imports.ts';
import { importMatches } from '../schema/imported-rows.ts';
import { imports } from '../schema/imports.ts';

/** A record of a file and the id of its row in the dataset's table. */
export interface AcceptedRow {
  /** Null when somebody has taken the row's `import_row` away. */
  readonly row: string | null;
  /** Of a table that exists the row's key; of several columns their values with commas. */
  readonly id: string;
}

const ROWS_PER_FETCH = 5000;

/** What tells of some rows was removed with the files of the import. */
export class MatchesRemoved extends Error {}

/**
 * The records of an import whose rows stand in the table at this moment, in file order, some at a time. Holds a transaction
 * until it is read to its end or left: Postgres ends it when nobody reads for as long as a transaction may be idle.
 * @throws MatchesRemoved, before the first rows, for an upsert whose files are past their retention
 */
export async function* readAcceptedRows(
  client: pg.ClientBase,
  imp: Pick<ImportRow, 'id' | 'document' | 'mode'>,
): AsyncGenerator<AcceptedRow[]> {
  const importId = pg.escapeLiteral(imp.id);
  await client.query('BEGIN READ ONLY');
  try {
    const rows = await rowsOf(databaseOn(client) as Tx, imp.document);
    // A cursor takes no parameters.
    await client.query(
      `DECLARE accepted NO SCROLL CURSOR FOR
         SELECT r.import_row AS row, r.key AS id FROM ${rows} AS r WHERE r.import_id = ${importId}
         UNION ALL
         SELECT m.row, r.key FROM ${tableName(importMatches)} m JOIN ${rows} AS r ON r.id = m.id
          WHERE m.import_id = ${importId}
         ORDER BY 1`,
    );
    // They are removed in one transaction, so the cursor has all of them if it was not there before.
    if (imp.mode === 'upsert' && (await areFilesRemoved(client, imp.id))) throw new MatchesRemoved();
    for (;;) {
      const { rows } = await client.query<AcceptedRow>(`FETCH ${ROWS_PER_FETCH} FROM accepted`);
      if (rows.length > 0) yield rows;
      if (rows.length < ROWS_PER_FETCH) return;
    }
  } finally {
    // A lost connection cannot answer.
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

/** SQL: the rows of the dataset's table with `id`, `import_id`, `import_row` and the key to tell. */
async function rowsOf(tx: Tx, dataset: Dataset): Promise<string> {
  const table = qualifiedName(landingTables(dataset).at(-1)!);
  if (!isExisting(dataset)) return `(SELECT id, id::text AS key, import_id, import_row FROM ${table})`;
  const side = await requireProvenance(tx, targetOf(dataset));
  const keys = side.key.map((column) => `t.${identifier(column)}::text`);
  return `(SELECT p.id, concat_ws(',', ${keys.join(', ')}) AS key, p.import_id, p.import_row
             FROM ${side.table} AS p JOIN ${table} AS t ON ${isSameRow(side, 'p', 't')})`;
}

async function areFilesRemoved(client: pg.ClientBase, id: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT FROM ${tableName(imports)} WHERE id = $1 AND files_removed_at IS NOT NULL`,
    [id],
  );
  return rows.length > 0;
}

import pg from 'pg';
import { landingTables } from '../../core/dataset/tables/landing-tables.ts';
import { qualifiedName, tableName } from '../identifiers.ts';
import type { ImportRow } from './imports.ts';
import { importMatches, imports } from '../schema.ts';

/** A record of a file and the id of its row in the dataset's table. */
export interface AcceptedRow {
  /** Null when somebody has taken the row's `import_row` away. */
  readonly row: string | null;
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
  const table = qualifiedName(landingTables(imp.document).at(-1)!);
  await client.query('BEGIN READ ONLY');
  try {
    // A cursor takes no parameters.
    await client.query(
      `DECLARE accepted NO SCROLL CURSOR FOR
         SELECT import_row AS row, id FROM ${table} WHERE import_id = ${importId}
         UNION ALL
         SELECT m.row, m.id FROM ${tableName(importMatches)} m
          WHERE m.import_id = ${importId} AND EXISTS (SELECT FROM ${table} t WHERE t.id = m.id)
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

async function areFilesRemoved(client: pg.ClientBase, id: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT FROM ${tableName(imports)} WHERE id = $1 AND files_removed_at IS NOT NULL`,
    [id],
  );
  return rows.length > 0;
}

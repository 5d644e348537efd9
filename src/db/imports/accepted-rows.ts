import pg from 'pg';
import { landingTables } from '../../core/dataset/tables/landing-tables.ts';
import { qualifiedName, tableName } from '../identifiers.ts';
import type { ImportRow } from './imports.ts';
import { importMatches } from '../schema.ts';

/** A record of a file and the id of its row in the dataset's table. */
export interface AcceptedRow {
  readonly row: string;
  readonly id: string;
}

const ROWS_PER_FETCH = 5000;

/**
 * The records of an import whose rows stand in the table at this moment, in file order, some at a time. Holds a transaction
 * until it is read to its end or left: Postgres ends it when nobody reads for as long as a transaction may be idle.
 */
export async function* readAcceptedRows(
  client: pg.ClientBase,
  imp: Pick<ImportRow, 'id' | 'document'>,
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

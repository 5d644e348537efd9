// Postgres tells a broken check of a domain without the column whose value it was.
import pg from 'pg';
import { SQLSTATE } from '../../errors.ts';
import { identifier as name, qualifiedName } from '../../identifiers.ts';
import type { Tx } from '../../transaction.ts';
import { REFUSED } from '../refusals/refused-rows.ts';
import type { StagedExisting } from './insert-noting.ts';

const UNNAMED = `refused.code = '${SQLSTATE.checkViolation}' AND refused.columns = '{}'`;

/** Finds the column among the staged rows that were refused so, and notes it. */
export async function nameDomainColumns(tx: Tx, { target, staged }: StagedExisting): Promise<void> {
  const { rows: unnamed } = await tx.$client.query(
    `SELECT FROM ${REFUSED} AS refused WHERE ${UNNAMED} LIMIT 1`,
  );
  if (unnamed.length === 0) return;
  const { rows } = await tx.$client.query<{ column: string; type: string }>(
    `SELECT a.attname AS column, format_type(a.atttypid, -1) AS type
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = $1::regclass AND a.attname = ANY ($2) AND t.typtype = 'd' ORDER BY a.attnum`,
    [qualifiedName(target), target.columns],
  );
  for (const { column, type } of rows)
    await tx.$client.query(
      `UPDATE ${REFUSED} AS refused SET columns = ARRAY[${pg.escapeLiteral(column)}]
         FROM ${staged} AS s
        WHERE s.import_row = refused."row" AND ${UNNAMED} AND s.${name(column)} IS NOT NULL
          AND NOT sluice.fits(s.${name(column)}::text, ${pg.escapeLiteral(type)})`,
    );
}

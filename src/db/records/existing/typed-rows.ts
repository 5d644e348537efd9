// Rows of a request as values of a table that exists, for one statement.
import pg from 'pg';
import type { GivenValues } from '../../../core/records/read-record.ts';
import type { RecordColumn, RecordShape } from '../../../core/records/record-shape.ts';
import type { Value } from '../../../core/records/write-record.ts';
import { identifier } from '../../identifiers.ts';
import { unfitValues } from '../../landing/existing/stage-existing.ts';
import type { Tx } from '../../transaction.ts';
import { queryRows } from '../read-records.ts';
import { Parameters } from '../select-sql.ts';

const { escapeLiteral } = pg;

export interface TypedColumn {
  /** SQL. */
  readonly name: string;
  readonly sqlType: string;
  readonly values: readonly Value[];
}

/** The number of a row, from 1. */
export const AT = 'sluice_row_at';

/** SQL of a table: the rows, numbered by `AT`. Values come as texts, also those of arrays, which would be taken apart otherwise. */
export function typedRows(parameters: Parameters, columns: readonly TypedColumn[]): string {
  const arrays = columns.map(({ values }) => parameters.add(values, 'text[]'));
  const casts = columns.map(({ name, sqlType }, at) => `CAST(v${at} AS ${sqlType}) AS ${name}`);
  const names = columns.map((_, at) => `v${at}`);
  return `(SELECT at AS ${AT}, ${casts.join(', ')} FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS v (${[...names, 'at'].join(', ')}))`;
}

export function typedColumn(
  { name, sqlType }: RecordColumn,
  rows: readonly GivenValues[],
  as = identifier(name),
): TypedColumn {
  return { name: as, sqlType, values: rows.map((row) => row.get(name) ?? null) };
}

/**
 * Values that Postgres would round, and those that are too long or too large, of which it would not say whose they are.
 * @throws pg.DatabaseError with the column
 */
export async function refuseUnfit(
  tx: Tx,
  columns: readonly RecordColumn[],
  rows: readonly GivenValues[],
): Promise<void> {
  const given = columns.filter(({ name }) => rows.some((row) => row.has(name)));
  const unfit = given.flatMap(({ existing }) => (existing === undefined ? [] : unfitValues(existing)));
  if (unfit.length === 0) return;
  const parameters = new Parameters();
  const cases = unfit.map(({ isUnfit }, at) => `WHEN ${isUnfit} THEN ${at}`);
  const table = typedRows(
    parameters,
    given.map((column) => typedColumn(column, rows)),
  );
  const [found] = await queryRows(tx.$client, {
    text: `SELECT unfit FROM (SELECT CASE ${cases.join(' ')} END AS unfit FROM ${table} AS s) AS s WHERE unfit IS NOT NULL LIMIT 1`,
    values: parameters.values,
  });
  if (found !== undefined) await raise(tx, unfit[Number(found[0])]!);
}

/** Fails as a trigger of the table would, so that it is told as all else that Postgres refuses. @throws pg.DatabaseError */
export async function raise(
  tx: Tx,
  { message, code = 'P0001', column }: { message: string; code?: string; column?: string },
): Promise<never> {
  const of = column === undefined ? '' : `, COLUMN = ${escapeLiteral(column)}`;
  const block = `BEGIN RAISE EXCEPTION USING MESSAGE = ${escapeLiteral(message)}, ERRCODE = ${escapeLiteral(code)}${of}; END`;
  await tx.$client.query(`DO ${escapeLiteral(block)}`);
  throw new Error('a block that raises did not');
}

/** The field whose value is none of its column, when Postgres does not say which. */
export async function fieldOfRefusal(
  tx: Tx,
  { columns }: RecordShape,
  given: GivenValues,
): Promise<string | undefined> {
  const suspects = columns.filter(
    ({ name, existing }) => existing !== undefined && (given.get(name) ?? null) !== null,
  );
  const [found] = await queryRows(tx.$client, {
    text: `SELECT name FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS v (name, value, type, at)
            WHERE NOT sluice.fits(value, type) ORDER BY at LIMIT 1`,
    values: [
      suspects.map(({ name }) => name),
      suspects.map(({ name }) => given.get(name)),
      suspects.map(({ existing }) => existing!.plainType),
    ],
  });
  return found?.[0] ?? undefined;
}

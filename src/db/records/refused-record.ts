// What Postgres alone knows to be wrong with a record, in the words of the request.
import type pg from 'pg';
import { escapePointer } from '../../core/records/json-query.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import type { ErrorItem } from '../../errors.ts';
import { SQLSTATE } from '../errors.ts';
import type { GivenValues } from '../../core/records/read-record.ts';
import { refusalCode, refusalText } from '../refusal-words.ts';
import type { Tx } from '../transaction.ts';
import { fieldOfRefusal } from './existing/typed-rows.ts';

/** @param pointer of the record. To be called after the failed statement was rolled back */
export async function describeRefusal(
  tx: Tx,
  shape: RecordShape,
  error: pg.DatabaseError,
  pointer: string,
  given: GivenValues,
): Promise<ErrorItem> {
  const { columns, dataset } = shape;
  const broken = error.column === undefined ? await columnsOf(tx, error) : [error.column];
  // A check of several columns does not say which of them is wrong.
  const said = error.code === SQLSTATE.checkViolation && broken.length > 1 ? undefined : broken[0];
  const named =
    said === undefined && shape.beside !== undefined ? await fieldOfRefusal(tx, shape, given) : said;
  // Postgres quotes values, and nobody knows of which field.
  const isSensitive = dataset.schema.fields.some((each) => each.sensitive === true);
  const message = isSensitive
    ? `SQLSTATE ${error.code ?? 'unknown'}${error.constraint === undefined ? '' : `, ${error.constraint}`}; values are not shown, because the dataset has sensitive fields`
    : refusalText(error);
  const field = columns.find(({ name, readOnly }) => name === named && !readOnly)?.name;
  return {
    code: refusalCode(error),
    pointer: field === undefined ? pointer : `${pointer}/${escapePointer(field)}`,
    ...(field === undefined ? {} : { field }),
    detail: `Postgres refuses the record: ${message}.`,
  };
}

/** Those of the constraint or unique index, in its order. */
async function columnsOf(tx: Tx, { schema, table, constraint }: pg.DatabaseError): Promise<string[]> {
  if (schema === undefined || table === undefined || constraint === undefined) return [];
  const { rows } = await tx.$client.query<{ name: string }>(
    `SELECT a.attname AS name
       FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
       CROSS JOIN LATERAL (
         SELECT conkey AS keys FROM pg_constraint WHERE conrelid = t.oid AND conname = $3
         UNION ALL
         SELECT i.indkey::int2[] FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
          WHERE i.indrelid = t.oid AND c.relname = $3) AS k
       CROSS JOIN LATERAL unnest(k.keys) WITH ORDINALITY AS u (attnum, at)
       JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.attnum
      WHERE n.nspname = $1 AND t.relname = $2 ORDER BY u.at`,
    [schema, table, constraint],
  );
  return [...new Set(rows.map(({ name }) => name))];
}

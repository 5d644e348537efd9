// A field over cells that Postgres wrote: the database has said which are NULL, and how values are written.
import type { TableSchema, WrittenField } from '../types.ts';

/** Without missing values of its own, or of its dataset, the empty text is a value. Texts are normalized; other values need not be. */
export function asWrittenByPostgres(field: WrittenField, schema: TableSchema): WrittenField {
  const { normalize, ...said } = { missingValues: schema.missingValues ?? [], ...field };
  const isText = field.type === 'string' || field.type === 'any';
  return { ...said, ...(isText && normalize !== undefined ? { normalize } : {}), writtenBy: 'postgres' };
}

// A field over values that come as JSON, which has null beside the empty text.
import type { TableSchema, WrittenField } from '../types.ts';

/**
 * An empty text is one, as of what Postgres writes (postgres-field.ts), unless the field or its dataset names missing values. In a field
 * that can hold no empty text it is no value, as an empty cell is; so it is where it would refer to another record.
 */
export function asSaidInJson(field: WrittenField, { missingValues = [] }: TableSchema): WrittenField {
  const { type, format = 'default', lookup } = field;
  const holdsEmpty = type === 'any' || (type === 'string' && format === 'default');
  return holdsEmpty && lookup === undefined ? { missingValues, ...field } : field;
}

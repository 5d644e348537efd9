// In which types rows in COPY's binary form come for a table that exists: those that its columns read the same bytes as.
import type { Field } from '../types.ts';
import type { ExistingColumn, ExistingTable } from './existing-table.ts';
import { provenanceType } from './provenance-columns.ts';

/** By the type that a column is made of. Of `real` the nearest value of a text is not told here, so it is left to Postgres. */
const BINARY_TYPES: Readonly<Record<string, string>> = {
  text: 'text',
  'character varying': 'text',
  bpchar: 'text',
  json: 'text',
  jsonb: 'jsonb',
  smallint: 'smallint',
  integer: 'integer',
  bigint: 'bigint',
  numeric: 'numeric',
  'double precision': 'double precision',
  boolean: 'boolean',
  date: 'date',
  'time without time zone': 'time',
  'timestamp with time zone': 'timestamptz',
  uuid: 'uuid',
};

/**
 * The types of the columns that rows bring, in their order.
 * @returns undefined when one of them takes values that only Postgres can read, so that rows go as text
 */
export function binaryTypesOf(
  table: ExistingTable,
  columns: readonly string[],
  fields: readonly Field[],
): string[] | undefined {
  const types = columns.map((name) => {
    const own = provenanceType(name);
    if (own !== undefined) return own;
    const column = table.columns.find((each) => each.name === name);
    return column && typeOf(column, fields.find((field) => field.name === name)?.type);
  });
  return types.every((type) => type !== undefined) ? types : undefined;
}

function typeOf({ labels, baseType }: ExistingColumn, field: Field['type'] | undefined): string | undefined {
  if (labels !== null) return 'text';
  // Not each JSON text is one to jsonb: fields of these types take only what is.
  if (baseType === 'jsonb' && field !== 'object' && field !== 'array') return undefined;
  return BINARY_TYPES[baseType];
}

// The fields of a table that exists, for a dataset that names none: one for each column that a file may fill.
import { foldHeader } from '../header/mapping.ts';
import type { Constraints, Dataset, Field, TableSchema } from '../types.ts';
import type { ExistingCheck, ExistingColumn, ExistingTable } from './existing-table.ts';

/** The dataset with the fields of its table, in the order of the columns. What the document says itself stays. */
export function withFieldsOf(dataset: Dataset, table: ExistingTable): Dataset {
  if (dataset.schema.fields.length > 0) return dataset;
  const fields = table.columns.filter(isFilledByFiles).map((column) => fieldOf(column, table));
  const key = dataset.schema.primaryKey ?? keyOf(fields, table);
  return {
    ...(table.comment === null ? {} : { description: table.comment }),
    ...dataset,
    schema: {
      ...dataset.schema,
      fields,
      ...(key === undefined ? {} : { primaryKey: key }),
    } satisfies TableSchema,
  };
}

/** What Postgres fills and numbers is its own. */
function isFilledByFiles({ filledBy, isNumbered, baseType }: ExistingColumn): boolean {
  return filledBy === null && !isNumbered && baseType !== 'bytea';
}

/** A key that a file can have: its columns are fields, and never null. */
function keyOf(fields: readonly Field[], { keys, columns }: ExistingTable): readonly string[] | undefined {
  const isField = (name: string): boolean => fields.some((field) => field.name === name);
  const isSure = (name: string): boolean =>
    columns.find((column) => column.name === name)?.nullable === false;
  const ofFiles = keys.filter((key) => key.columns.every((name) => isField(name) && isSure(name)));
  return (ofFiles.find(({ primary }) => primary) ?? ofFiles[0])?.columns;
}

/** What a file may have for the column. */
export function fieldOf(column: ExistingColumn, table: ExistingTable): Field {
  const constraints = { ...ofType(column), ...ofTable(column, table) };
  // A header must mean one field: a title that is the name of another column is left out.
  const title = column.name.replaceAll('_', ' ');
  const isFree = !table.columns.some(
    ({ name }) => name !== column.name && foldHeader(name) === foldHeader(title),
  );
  return {
    name: column.name,
    ...typeOf(column),
    ...(title !== column.name && isFree ? { title } : {}),
    ...(column.comment === null ? {} : { description: column.comment }),
    ...(Object.keys(constraints).length === 0 ? {} : { constraints }),
  };
}

function typeOf({ baseType }: ExistingColumn): Pick<Field, 'type' | 'format' | 'nonFinite'> {
  switch (baseType) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return { type: 'integer' };
    case 'numeric':
      return { type: 'number' };
    case 'real':
    case 'double precision':
      return { type: 'number', nonFinite: true };
    case 'boolean':
      return { type: 'boolean' };
    case 'date':
      return { type: 'date', format: 'any' };
    case 'timestamp without time zone':
    case 'timestamp with time zone':
      return { type: 'datetime', format: 'any' };
    case 'time without time zone':
      return { type: 'time', format: 'any' };
    case 'uuid':
      return { type: 'string', format: 'uuid' };
    case 'json':
    case 'jsonb':
      return { type: 'object' };
    default:
      return { type: 'string' };
  }
}

const RANGES: Readonly<Record<string, readonly [least: string, most: string]>> = {
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
};

function ofType({ baseType, maxLength, labels }: ExistingColumn): Constraints {
  const range = RANGES[baseType];
  return {
    ...(range === undefined ? {} : { minimum: range[0], maximum: range[1] }),
    ...(maxLength === null ? {} : { maxLength }),
    ...(labels === null ? {} : { enum: labels }),
  };
}

function ofTable(column: ExistingColumn, { keys, checks }: ExistingTable): Constraints {
  const { name, nullable, default: fill } = column;
  const isUnique = keys.some(({ columns }) => columns.length === 1 && columns[0] === name);
  return {
    // What has a default need not be in the file.
    ...(nullable || fill !== null ? {} : { required: true }),
    ...(isUnique ? { unique: true } : {}),
    ...Object.fromEntries(
      checks
        .filter((check) => check.columns.length === 1 && check.columns[0] === name)
        .flatMap((check) => Object.entries(ofCheck(check, column))),
    ),
  };
}

/** `quantity > 0`, `rate >= 0::numeric`, with AND between such. */
const COMPARISON = /^\(*"?([^"()]+?)"? (>=|<=|>|<) \(?'?(-?\d+(?:\.\d+)?)'?\)?(?:::[a-z ]+)?\)*$/;

/**
 * The part of a check that a field can say; Postgres keeps the rest, and refuses what breaks it. @returns none of a check with OR, or of
 * which a part is not understood
 */
function ofCheck({ expression }: ExistingCheck, { name, baseType }: ExistingColumn): Constraints {
  const range = RANGES[baseType];
  if (range === undefined && baseType !== 'numeric') return {};
  if (/ OR /i.test(expression)) return {};
  const limits: { minimum?: string; maximum?: string } = {};
  for (const part of expression.split(' AND ')) {
    const [, column, sign, bound] = COMPARISON.exec(part.trim()) ?? [];
    if (column !== name || sign === undefined || bound === undefined) continue;
    const isOpen = sign === '>' || sign === '<';
    // The next whole number; a fraction has none.
    if (isOpen && (range === undefined || bound.includes('.'))) continue;
    if (sign.startsWith('>')) limits.minimum = isOpen ? String(BigInt(bound) + 1n) : bound;
    else limits.maximum = isOpen ? String(BigInt(bound) - 1n) : bound;
  }
  return limits;
}

// The records of a table that somebody else has made: its key, the fields of the dataset, and the columns that Postgres fills itself.
import { fieldOf } from '../dataset/tables/fields-of-table.ts';
import { referredColumn, type ExistingColumn, type ExistingTable } from '../dataset/tables/existing-table.ts';
import { DEFAULT_SCHEMA, tableOf } from '../dataset/tables/landing-tables.ts';
import type { Dataset, Field } from '../dataset/types.ts';
import {
  columnInFiles,
  type Beside,
  type ColumnKind,
  type RecordColumn,
  type RecordShape,
} from './record-shape.ts';

/** @param table as it was when the dataset was applied */
export function existingShape(dataset: Dataset, table: ExistingTable, beside: Beside): RecordShape {
  const schema = dataset.target.schema ?? DEFAULT_SCHEMA;
  const fields = new Map(dataset.schema.fields.map((field) => [field.name, field]));
  const columnOf = (column: ExistingColumn): RecordColumn => {
    const field = fields.get(column.name);
    const shaped: RecordColumn = {
      name: column.name,
      kind: kindOf(column),
      // A cast to `bit` is one to `bit(1)`, and cuts.
      sqlType: column.baseType === 'bit' ? 'bit varying' : column.baseType,
      // What is looked up for a file is the column's own value here.
      field: inColumnTime(
        field === undefined || field.lookup !== undefined ? fieldOf(column, table) : field,
        column,
      ),
      readOnly: field === undefined,
      nullable: column.nullable,
      existing: column,
    };
    return field?.lookup === undefined
      ? shaped
      : columnInFiles(
          shaped,
          field,
          schema,
          referredColumn(table, field.name, tableOf(field.lookup.in, schema)),
        );
  };
  const named = (name: string): RecordColumn =>
    columnOf(table.columns.find((column) => column.name === name)!);
  const numbered = beside.key.filter((name) => !fields.has(name)).map(named);
  const ofFields = dataset.schema.fields.map(({ name }) => named(name));
  const filled = table.columns
    .filter(({ name, filledBy, isNumbered }) => (filledBy !== null || isNumbered) && !fields.has(name))
    .filter(({ name }) => !beside.key.includes(name))
    .map(columnOf);
  const columns = [...numbered, ...ofFields, ...filled];
  return {
    dataset,
    schema,
    table: dataset.target.table,
    links: [],
    columns,
    key: beside.key.map((name) => columns.find((column) => column.name === name)!),
    beside,
  };
}

/** A time without a zone is what the column says, whatever zone the files' times have. */
function inColumnTime({ timeZoneOverlap: _any, ...field }: Field, { baseType }: ExistingColumn): Field {
  return baseType === WITHOUT_ZONE ? { ...field, timeZone: 'UTC' } : field;
}

const WITHOUT_ZONE = 'timestamp without time zone';

/**
 * The value as its column reads it: one of a `timestamp` is the time in UTC, and has no offset, which Postgres would leave out.
 * @param value of a datetime an instant in ISO 8601, with `Z` or an offset
 */
export function asColumnTakes({ existing }: RecordColumn, value: string): string {
  if (existing?.baseType !== WITHOUT_ZONE) return value;
  const [, local, fraction = '', offset] = INSTANT.exec(value) ?? [];
  if (local === undefined || offset === undefined) return value;
  const utc = new Date(`${local}${offset}`);
  return Number.isNaN(utc.getTime()) ? value : utc.toISOString().slice(0, -5) + fraction;
}

const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function kindOf({ baseType }: ExistingColumn): ColumnKind {
  switch (baseType) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return 'integer';
    case 'numeric':
    case 'real':
    case 'double precision':
      return 'number';
    case 'boolean':
    case 'date':
    case 'uuid':
      return baseType;
    case 'timestamp without time zone':
    case 'timestamp with time zone':
      return 'datetime';
    case 'time without time zone':
      return 'time';
    case 'json':
    case 'jsonb':
      return 'json';
    default:
      return 'text';
  }
}

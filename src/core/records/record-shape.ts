// What the records of a dataset look like to the API: their columns, where each stands, and which of them say which record it is.
import { isRequired } from '../dataset/fields/compile-field.ts';
import type { ExistingColumn } from '../dataset/tables/existing-table.ts';
import { DEFAULT_SCHEMA, tableOf } from '../dataset/tables/landing-tables.ts';
import { postgresType } from '../dataset/tables/table-plan.ts';
import type { Dataset, Field, Lookup } from '../dataset/types.ts';

/** How a value is written in JSON, and which operators it takes. */
export type ColumnKind =
  | 'text'
  | 'uuid'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'time'
  | 'json';

export interface RecordColumn {
  /** As filters, `select` and `order` name it, and as its table has it. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** What parameters of SQL are cast to; without a length, which a cast would silently cut to. */
  readonly sqlType: string;
  /** Index into `links` of the table that has it; undefined: the main table. */
  readonly link?: number;
  /** How its values are read in filters; of a column of the dataset, the field. */
  readonly field: Field;
  /** Filled by Sluice, or by Postgres: a request cannot set it. */
  readonly readOnly: boolean;
  readonly nullable: boolean;
  /** Of a table that exists, as the catalog has it. */
  readonly existing?: ExistingColumn;
  /** Of a column that files bring by a natural key: what they have in its place. */
  readonly inFiles?: RecordColumn;
  /** Of a column `inFiles`: the row of another table whose `takes` is the column has the value as its `by`. */
  readonly natural?: Natural;
}

export interface Natural {
  readonly column: string;
  readonly schema: string;
  readonly table: string;
  readonly takes: string;
  readonly by: string;
}

/** The column as files have it. @param takes the column of the other table that it refers to */
export function columnInFiles(
  column: RecordColumn,
  field: Field,
  schema: string,
  takes: string | undefined,
): RecordColumn {
  const { lookup } = field;
  if (lookup === undefined || takes === undefined) return column;
  const inFiles: RecordColumn = {
    ...(column.link === undefined ? {} : { link: column.link }),
    name: lookup.field ?? field.name,
    kind: kindOf(field),
    sqlType: postgresType(field),
    field,
    readOnly: false,
    nullable: column.nullable,
    natural: { column: column.name, ...tableOf(lookup.in, schema), takes, by: lookup.by },
  };
  return { ...column, inFiles };
}

/** The table beside a table that exists, which knows who has brought its rows. */
export interface Beside {
  /** SQL name. */
  readonly table: string;
  /** Columns of the table that exists; beside, they are `key_1`, `key_2` … */
  readonly key: readonly string[];
  readonly isPartitioned: boolean;
}

export interface RecordLink {
  readonly table: string;
  /** Of the main table: holds the `id` of the linked row. */
  readonly column: string;
  /** What a nested record of it has, `id` first. */
  readonly columns: readonly RecordColumn[];
}

export interface RecordShape {
  readonly dataset: Dataset;
  readonly schema: string;
  readonly table: string;
  readonly links: readonly RecordLink[];
  /** What a record has when nothing is selected: the key, the fields of the dataset in its order, what Sluice fills. */
  readonly columns: readonly RecordColumn[];
  /** The columns of the main table that identify a record, none of which is ever NULL. */
  readonly key: readonly RecordColumn[];
  /** Undefined: Sluice has made the table, and its rows say themselves who has brought them. */
  readonly beside?: Beside;
}

const FILLED: readonly Field[] = [
  { name: 'created_at', type: 'datetime' },
  { name: 'updated_at', type: 'datetime' },
  { name: 'created_by', type: 'string', format: 'uuid' },
  { name: 'updated_by', type: 'string', format: 'uuid' },
  { name: 'import_id', type: 'string', format: 'uuid' },
  { name: 'import_row', type: 'integer' },
];
const NEVER_NULL = ['created_at', 'updated_at'];

const ID: Field = { name: 'id', type: 'string', format: 'uuid' };

export function recordShape(dataset: Dataset): RecordShape {
  const { schema, target } = dataset;
  const links = target.links ?? [];
  const id: RecordColumn = { ...columnOf(ID), readOnly: true, nullable: false };
  const fields = schema.fields.map((field): RecordColumn => {
    const link = links.findIndex((each) => each.fields.includes(field.name));
    const column: RecordColumn = {
      ...columnOf(field),
      ...(link === -1 ? {} : { link }),
      readOnly: false,
      // A record may have no row in the linked table.
      nullable: link !== -1 || !isRequired(field, schema),
    };
    return columnInFiles(column, field, target.schema ?? DEFAULT_SCHEMA, field.lookup?.takes);
  });
  return {
    dataset,
    schema: target.schema ?? DEFAULT_SCHEMA,
    table: target.table,
    links: links.map(({ table, column }, at) => ({
      table,
      column,
      columns: [{ ...id, link: at, nullable: true }, ...fields.filter(({ link }) => link === at)],
    })),
    columns: [
      id,
      ...fields,
      ...FILLED.map((field) => ({
        ...columnOf(field),
        readOnly: true,
        nullable: !NEVER_NULL.includes(field.name),
      })),
    ],
    key: [id],
  };
}

/** The columns that are fields of the dataset: what files of it hold. */
export function fieldColumns({ columns }: RecordShape): RecordColumn[] {
  return columns.filter(({ readOnly }) => !readOnly);
}

function columnOf(of: Field): Pick<RecordColumn, 'name' | 'kind' | 'sqlType' | 'field'> {
  const field = of.lookup === undefined ? of : referenceField(of, of.lookup);
  const sqlType = postgresType(field).replace(/^varchar.*/, 'text');
  return { name: field.name, kind: kindOf(field), sqlType, field };
}

/** The column of a field that is looked up for a file has the key of the row that was found. */
function referenceField({ name, title, description, constraints }: Field, { type }: Lookup): Field {
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(constraints?.required === true ? { constraints: { required: true } } : {}),
    ...(type === 'uuid'
      ? { type: 'string', format: 'uuid' }
      : type === 'text'
        ? { type: 'string' }
        : { type: 'integer' }),
  };
}

export function kindOf({ type, format }: Field): ColumnKind {
  switch (type) {
    case 'string':
      return format === 'uuid' ? 'uuid' : 'text';
    case 'any':
    case 'yearmonth':
      return 'text';
    case 'year':
    case 'integer':
      return 'integer';
    case 'number':
    case 'boolean':
    case 'date':
    case 'datetime':
    case 'time':
      return type;
    case 'object':
    case 'array':
      return 'json';
  }
}

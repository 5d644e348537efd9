// The tables a dataset wants. Pure: what the database has and how it gets there is diff-tables' and the database's affair.
import { isRequired } from '../fields/compile-field.ts';
import { DEFAULT_SCHEMA, tableOf } from './landing-tables.ts';
import type { Dataset, Field } from '../types.ts';

/** Columns that every table of a dataset has after its own, filled by the worker. */
export const SYSTEM_COLUMNS = [
  'created_at',
  'updated_at',
  'created_by',
  'updated_by',
  'import_id',
  'import_row',
] as const;

/** Those that the tables we make fill by themselves. */
export const TIME_COLUMNS: readonly string[] = ['created_at', 'updated_at'];

/** Names that no field and no link may take. */
export const RESERVED_COLUMNS: readonly string[] = ['id', ...SYSTEM_COLUMNS];

export interface PlannedColumn {
  readonly name: string;
  /** As Postgres' own short names have it: `varchar(255)`, `timestamptz`. */
  readonly type: string;
  readonly nullable: boolean;
  /** What fills it when a row leaves it out; SQL. */
  readonly default?: 'now()';
  /** The column of another table whose value this column holds. */
  readonly references?: Reference;
}

export interface Reference {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

export interface PlannedIndex {
  readonly columns: readonly string[];
  readonly kind: 'unique' | 'btree' | 'brin';
}

export interface PlannedTable {
  readonly schema: string;
  readonly name: string;
  /** The first is `id`, the primary key. */
  readonly columns: readonly PlannedColumn[];
  readonly indexes: readonly PlannedIndex[];
}

const SYSTEM_COLUMN_PLANS: readonly PlannedColumn[] = [
  { name: 'created_at', type: 'timestamptz', nullable: false, default: 'now()' },
  { name: 'updated_at', type: 'timestamptz', nullable: false, default: 'now()' },
  { name: 'created_by', type: 'uuid', nullable: true },
  { name: 'updated_by', type: 'uuid', nullable: true },
  { name: 'import_id', type: 'uuid', nullable: true },
  { name: 'import_row', type: 'bigint', nullable: true },
];

/** Finds an import's rows for a rollback; ids ascend with time, so a BRIN index is tiny and nearly free to keep. */
const IMPORT_INDEX: PlannedIndex = { columns: ['import_id'], kind: 'brin' };

/** The tables of a dataset in the order they can be created: linked ones first, its own last. */
export function planTables(dataset: Dataset): PlannedTable[] {
  const { fields, primaryKey = [] } = dataset.schema;
  const { schema = 'public', table, links = [] } = dataset.target;
  const plan = (
    name: string,
    own: readonly Field[],
    more: readonly PlannedColumn[],
    indexes: readonly PlannedIndex[],
  ): PlannedTable => ({
    schema,
    name,
    columns: [
      { name: 'id', type: 'uuid', nullable: false },
      ...own.map((field) => planColumn(field, dataset)),
      ...more,
      ...SYSTEM_COLUMN_PLANS,
    ],
    indexes: [...indexes, ...uniqueIndexes(own, primaryKey), ...lookupIndexes(own, primaryKey), IMPORT_INDEX],
  });
  const linked = new Set(links.flatMap((link) => link.fields));
  const references = links.map((link): PlannedColumn => ({
    name: link.column,
    type: 'uuid',
    nullable: true,
    references: { schema, table: link.table, column: 'id' },
  }));
  const key: PlannedIndex[] = primaryKey.length > 0 ? [{ columns: primaryKey, kind: 'unique' }] : [];
  // Without an index on the reference, deleting a linked row (a rollback deletes many) reads the whole main table.
  const linkIndexes = references.map(({ name }): PlannedIndex => ({ columns: [name], kind: 'btree' }));
  return [
    ...links.map((link) =>
      plan(
        link.table,
        fields.filter(({ name }) => link.fields.includes(name)),
        [],
        [],
      ),
    ),
    plan(
      table,
      fields.filter(({ name }) => !linked.has(name)),
      references,
      [...key, ...linkIndexes],
    ),
  ];
}

function uniqueIndexes(fields: readonly Field[], primaryKey: readonly string[]): PlannedIndex[] {
  return fields
    .filter(
      ({ name, constraints }) =>
        constraints?.unique === true && !(primaryKey.length === 1 && primaryKey[0] === name),
    )
    .map(({ name }) => ({ columns: [name], kind: 'unique' }));
}

/** As for links: deleting a row that is looked up asks who refers to it. */
function lookupIndexes(fields: readonly Field[], primaryKey: readonly string[]): PlannedIndex[] {
  return fields
    .filter(
      ({ name, lookup, constraints }) =>
        lookup !== undefined && constraints?.unique !== true && primaryKey[0] !== name,
    )
    .map(({ name }) => ({ columns: [name], kind: 'btree' }));
}

function planColumn(field: Field, { schema, target }: Dataset): PlannedColumn {
  const nullable = !isRequired(field, schema);
  if (field.lookup === undefined) return { name: field.name, type: postgresType(field), nullable };
  const { type, takes, in: named } = field.lookup;
  if (type === undefined || takes === undefined)
    throw new Error(`nobody has read which column the lookup of field "${field.name}" takes`);
  const other = tableOf(named, target.schema ?? DEFAULT_SCHEMA);
  return { name: field.name, type, nullable, references: { ...other, column: takes } };
}

export function postgresType(field: Field): string {
  switch (field.type) {
    case 'string': {
      if (field.format === 'uuid') return 'uuid';
      const maxLength = field.constraints?.maxLength;
      return maxLength === undefined ? 'text' : `varchar(${maxLength})`;
    }
    case 'integer':
      return 'bigint';
    case 'number':
      return 'numeric';
    case 'boolean':
      return 'boolean';
    case 'date':
      return 'date';
    case 'datetime':
      return 'timestamptz';
    case 'time':
      return 'time';
    case 'year':
      return 'integer';
    case 'yearmonth':
      return 'varchar(7)';
    case 'object':
    case 'array':
      return 'jsonb';
    case 'any':
      return 'text';
  }
}

/** The types of columns of one of the tables, without their length. */
export function typesOf(dataset: Dataset, table: string, columns: readonly string[]): string[] {
  const planned = planTables(dataset).find(({ name }) => name === table)!;
  return columns.map((column) =>
    planned.columns.find(({ name }) => name === column)!.type.replace(/\(.*/, ''),
  );
}

// A table that is somebody's own, as the catalog has it, and whether a dataset's rows can land in it. Nothing of it is changed.
import type { ErrorItem } from '../../../errors.ts';
import type { Dataset, Field } from '../types.ts';
import { NAMES_IN_USE } from './provenance-columns.ts';
import { identifier } from './identifier.ts';

export interface ExistingColumn {
  readonly name: string;
  /** As Postgres writes it: `numeric(10,2)`, `order_state`. */
  readonly type: string;
  /** The same without its length. */
  readonly plainType: string;
  /** What a domain is made of, in the end, without its length; of other types `plainType`. */
  readonly baseType: string;
  /** SQL, where it is not the usual one of the type. */
  readonly collation: string | null;
  /** Of char, varchar: characters at most. */
  readonly maxLength: number | null;
  /** Of numeric: digits in all and behind the point. */
  readonly precision: number | null;
  readonly scale: number | null;
  readonly nullable: boolean;
  /** SQL that fills it when a row comes without it; of an identity the next number of its sequence. */
  readonly default: string | null;
  /** No row can bring a value. */
  readonly filledBy: 'identity' | 'generated' | null;
  /** It is numbered by a sequence: an identity of any kind, or serial. */
  readonly isNumbered: boolean;
  /** The labels of an enum, in their order. */
  readonly labels: readonly string[] | null;
  readonly comment: string | null;
}

/** Of whole rows and plain columns; unique at once. */
export interface ExistingKey {
  readonly columns: readonly string[];
  readonly primary: boolean;
}

export interface ExistingCheck {
  readonly columns: readonly string[];
  /** As Postgres writes it. */
  readonly expression: string;
}

export interface ExistingReference {
  readonly columns: readonly string[];
  /** With its schema. */
  readonly to: string;
  readonly toColumns: readonly string[];
}

export interface ExistingTable {
  readonly schema: string;
  readonly name: string;
  readonly comment: string | null;
  readonly isPartitioned: boolean;
  readonly columns: readonly ExistingColumn[];
  readonly keys: readonly ExistingKey[];
  readonly checks: readonly ExistingCheck[];
  readonly references: readonly ExistingReference[];
  /** Why no rows can land in it, whatever they are; whole sentences. */
  readonly obstacles: readonly string[];
}

/** The column of another table that a column refers to by itself. */
export function referredColumn(
  { references }: ExistingTable,
  column: string,
  { schema, table }: { readonly schema: string; readonly table: string },
): string | undefined {
  const to = `${identifier(schema)}.${identifier(table)}`;
  return references.find(({ columns, to: of }) => columns.length === 1 && columns[0] === column && of === to)
    ?.toColumns[0];
}

/** The columns by which a row is known for ever: a unique key of columns that are never null, best the primary one. */
export function rowKeyOf({ columns, keys }: ExistingTable): readonly string[] | undefined {
  const isSure = (key: ExistingKey): boolean =>
    key.columns.every((name) => {
      const column = columns.find((each) => each.name === name);
      // What an expression makes of other columns is not known before the row lands.
      return column?.nullable === false && column.filledBy !== 'generated';
    });
  const sure = keys.filter(isSure);
  return (sure.find(({ primary }) => primary) ?? sure[0])?.columns;
}

/** A sentence for each thing that keeps the dataset's rows from landing; empty: they can. */
export function misfitsOf(dataset: Dataset, table: ExistingTable): string[] {
  const { fields } = dataset.schema;
  const named = nameOf(table);
  const key = rowKeyOf(table);
  const known = new Set(fields.map(({ name }) => name));
  const lacking = table.columns.filter(
    ({ name, nullable, default: fill, filledBy }) =>
      !known.has(name) && !nullable && fill === null && filledBy === null,
  );
  return [
    ...table.obstacles,
    ...(key === undefined
      ? [
          `Table ${named} has no primary key, and no unique index on columns that are never null nor made by an expression, so its rows cannot be told apart. ` +
            `Give it one (ALTER TABLE ${sqlName(table)} ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY).`,
        ]
      : []),
    ...table.columns
      .filter(({ name }) => NAMES_IN_USE.includes(name))
      .map(
        ({ name }) =>
          `Table ${named} has a column "${name}". Tables that Sluice has made itself have one, and are not "existing": leave that property out of the target.`,
      ),
    ...fields.flatMap((field) => misfitOf(field, table) ?? []),
    ...lacking.map(
      ({ name, type }) =>
        `Column "${name}" of table ${named} (${type}) is required and has no default, and no field of the dataset fills it. Add the field "${name}" to the dataset.`,
    ),
  ];
}

function misfitOf(field: Field, table: ExistingTable): string | undefined {
  const column = table.columns.find(({ name }) => name === field.name);
  if (column === undefined)
    return `Table ${nameOf(table)} has no column "${field.name}". It has ${table.columns.map(({ name }) => `"${name}"`).join(', ')}. Give the field the name of one of them, or take it from the dataset; what the file calls it can be its title or an alias.`;
  if (column.filledBy !== null)
    return `Postgres fills column "${field.name}" of table ${nameOf(table)} (GENERATED ALWAYS), and no record can bring a value. Take the field from the dataset.`;
  if (field.lookup !== undefined || TAKES[field.type](column, field)) return undefined;
  return `Column "${field.name}" of table ${nameOf(table)} is ${column.type}, and a field of type ${typeOf(field)} does not fit it. Make the field ${suitedTo(column)}.`;
}

const INTEGERS = ['smallint', 'integer', 'bigint'];
const NUMBERS = ['numeric', 'real', 'double precision'];
const TEXTS = ['text', 'character varying', 'bpchar', 'citext', 'name', '"char"'];
const TIMES = ['time without time zone', 'time with time zone'];
const DATETIMES = ['timestamp without time zone', 'timestamp with time zone'];
const JSONS = ['json', 'jsonb'];
/** Read by Postgres in whatever way its settings say: only a field of their own type says what a cell means. */
const OWN_FIELD = [...INTEGERS, ...NUMBERS, ...TIMES, ...DATETIMES, ...JSONS, 'boolean', 'date', 'bytea'];

type Takes = (column: ExistingColumn, field: Field) => boolean;

const one =
  (...types: readonly (readonly string[] | string)[]): Takes =>
  ({ baseType }) =>
    types.flat().includes(baseType);

const TAKES: Readonly<Record<Field['type'], Takes>> = {
  string: (column, field) =>
    column.baseType === 'uuid' ? field.format === 'uuid' : !OWN_FIELD.includes(column.baseType),
  any: ({ baseType }) => baseType !== 'uuid' && !OWN_FIELD.includes(baseType),
  integer: one(INTEGERS, NUMBERS),
  number: one(NUMBERS),
  boolean: one('boolean'),
  date: one('date'),
  datetime: one(DATETIMES),
  time: one(TIMES[0]!),
  year: one(INTEGERS),
  yearmonth: one(TEXTS),
  object: one(JSONS),
  array: one(JSONS),
};

function typeOf({ type, format }: Field): string {
  return format === undefined || type !== 'string' ? type : `${type} (format ${format})`;
}

function suitedTo(column: ExistingColumn): string {
  if (column.baseType === 'uuid') return '"type": "string" with "format": "uuid"';
  const types = (Object.keys(TAKES) as Field['type'][]).filter((type) =>
    TAKES[type](column, { name: column.name, type }),
  );
  return types.length === 0
    ? 'none: take it from the dataset'
    : types.map((type) => `"type": "${type}"`).join(' or ');
}

/** A difference between a table and what it was. */
export interface TableChange extends ErrorItem {
  /** JSON Pointer of what it is about in the document of the dataset. */
  readonly pointer: string;
  readonly detail: string;
}

/** What has become of a table, as far as it matters to those that land rows in it. */
export function changesOf(before: ExistingTable, now: ExistingTable, dataset: Dataset): TableChange[] {
  const { fields } = dataset.schema;
  const isField = (name: string): boolean => fields.some((field) => field.name === name);
  const pointerTo = (name: string): string => {
    const at = fields.findIndex((field) => field.name === name);
    return at === -1 ? '/target' : `/schema/fields/${at}`;
  };
  const named = nameOf(now);
  const key = rowKeyOf(before) ?? [];
  const ofColumns = before.columns
    .filter(({ name }) => isField(name) || key.includes(name))
    .flatMap((old): TableChange | TableChange[] => {
      const column = now.columns.find(({ name }) => name === old.name);
      const pointer = pointerTo(old.name);
      if (column === undefined) return { pointer, detail: `Column "${old.name}" of table ${named} is gone.` };
      const [was, is] = [describeColumn(old), describeColumn(column)];
      return was === is
        ? []
        : { pointer, detail: `Column "${old.name}" of table ${named} was ${was}, and is ${is} now.` };
    });
  const mustFill = ({ nullable, default: fill, filledBy }: ExistingColumn): boolean =>
    !nullable && fill === null && filledBy === null;
  const nowRequired = now.columns
    .filter((column) => mustFill(column) && !isField(column.name) && !key.includes(column.name))
    .flatMap(({ name, type }): TableChange | TableChange[] => {
      const old = before.columns.find((column) => column.name === name);
      if (old !== undefined && mustFill(old)) return [];
      return {
        pointer: '/schema/fields',
        detail:
          old === undefined
            ? `Table ${named} has a new column "${name}" (${type}) that each row must fill.`
            : `Column "${name}" of table ${named} (${type}) must be filled by each row now, and no field of the dataset does.`,
      };
    });
  const nowKey = rowKeyOf(now) ?? [];
  const ofKey =
    key.join() === nowKey.join()
      ? []
      : [
          {
            pointer: '/target',
            detail: `Rows of table ${named} were known by (${key.join(', ')}), and are by (${nowKey.join(', ')}) now.`,
          },
        ];
  return [...ofColumns, ...nowRequired, ...ofKey];
}

function describeColumn({ type, nullable, filledBy, labels, default: fill }: ExistingColumn): string {
  const of = labels === null ? '' : ` (${labels.join(', ')})`;
  // A default matters where a row may not do without.
  const filled = filledBy ?? (nullable || fill !== null ? '' : 'without a default');
  return [`${type}${of}`, nullable ? '' : 'not null', filled].filter((part) => part !== '').join(', ');
}

/** For sentences. */
export function nameOf({ schema, name }: Pick<ExistingTable, 'schema' | 'name'>): string {
  return schema === 'public' ? `"${name}"` : `"${schema}.${name}"`;
}

function sqlName({ schema, name }: Pick<ExistingTable, 'schema' | 'name'>): string {
  return `${identifier(schema)}.${identifier(name)}`;
}

// Which table takes which fields of a file.
import { DEFAULT_SCHEMA, tableOf } from './landing-tables.ts';
import { PROVENANCE_COLUMNS } from './provenance-columns.ts';
import { SYSTEM_COLUMNS, TIME_COLUMNS, typesOf } from './table-plan.ts';
import type { Dataset, FileColumn, TableSchema } from '../types.ts';

/** The fields of a file that one table takes; their columns have the fields' names. */
export interface LandingPart {
  readonly schema: string;
  readonly table: string;
  readonly fields: readonly string[];
}

/** A part that the main table refers to by `column`. */
export interface LinkedPart extends LandingPart {
  readonly column: string;
  /** Fields of the link that the file lacks. */
  readonly lacking: readonly string[];
}

export interface LandingParts {
  /** The main table is somebody's own, and has none of Sluice's columns. */
  readonly isExisting?: boolean;
  /** Of all its tables. */
  readonly lookups: readonly ColumnLookup[];
  /** Links of which the file has at least one field. */
  readonly links: readonly LinkedPart[];
  readonly main: LandingPart;
}

/** @param fields names of those that the file has, in its order */
export function landingParts({ schema: of, target }: Dataset, fields: readonly string[]): LandingParts {
  const schema = target.schema ?? DEFAULT_SCHEMA;
  const links = (target.links ?? [])
    .map((link): LinkedPart => ({
      schema,
      table: link.table,
      column: link.column,
      fields: fields.filter((field) => link.fields.includes(field)),
      lacking: link.fields.filter((field) => !fields.includes(field)),
    }))
    .filter((link) => link.fields.length > 0);
  const linked = new Set(links.flatMap((link) => link.fields));
  return {
    ...(target.existing === true ? { isExisting: true } : {}),
    lookups: lookupsOf(of, schema, fields),
    links,
    main: { schema, table: target.table, fields: fields.filter((field) => !linked.has(field)) },
  };
}

/** Names of the fields that a file has, in its order; one that several columns feed is there once. */
export function fileFields({ schema }: Dataset, columns: readonly FileColumn[]): string[] {
  const names = columns.flatMap(({ fieldIndex }) =>
    fieldIndex === null ? [] : schema.fields[fieldIndex]!.name,
  );
  return [...new Set(names)];
}

/** One `COPY schema.table (columns) FROM STDIN`. */
export interface CopyTable {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  /** Of rows in COPY's binary form: the types of the columns, without their length, that they are written for. Left out: they are text. */
  readonly types?: readonly string[];
  /** Set when that table is somebody's own: the columns of PROVENANCE_COLUMNS are not in it. */
  readonly existing?: ExistingName;
  /** How values of its columns are found in other tables; left out: they are what the rows bring. */
  readonly lookups?: readonly ColumnLookup[];
}

/** A table that is somebody's own. */
export interface ExistingName {
  readonly schema: string;
  readonly table: string;
}

/** The column gets what its foreign key refers to, of the row whose `by` is the value that the file brings. */
export interface ColumnLookup {
  readonly column: string;
  readonly schema: string;
  readonly table: string;
  readonly by: string;
  /** The column of that table; left out: the foreign key says it. */
  readonly takes?: string;
}

/**
 * The tables in the order of insertion, linked ones first, with the columns that rows bring.
 * @param withoutTimes the tables fill these by themselves
 * @param binaryOf the dataset, for rows in binary form
 * @param existingTypes of rows in binary form for a table that exists: the types of what `copyTables` has as its columns
 */
export function copyTables(
  { isExisting, lookups, links, main }: LandingParts,
  withoutTimes: boolean,
  binaryOf?: Dataset,
  existingTypes?: readonly string[],
): CopyTable[] {
  if (isExisting) return [{ ...copyExisting(main, lookups), ...(existingTypes && { types: existingTypes }) }];
  const system = SYSTEM_COLUMNS.filter((name) => !(withoutTimes && TIME_COLUMNS.includes(name)));
  const copy = ({ schema, table, fields }: LandingPart, references: readonly string[]): CopyTable => {
    const columns = ['id', ...fields, ...references, ...system];
    const found = lookups.filter(({ column }) => fields.includes(column));
    return {
      schema,
      table,
      columns,
      ...(binaryOf && { types: typesOf(binaryOf, table, columns) }),
      ...(found.length > 0 && { lookups: found }),
    };
  };
  return [
    ...links.map((link) => copy(link, [])),
    copy(
      main,
      links.map(({ column }) => column),
    ),
  ];
}

/** Times are noted beside the table, by Postgres. */
function copyExisting({ schema, table, fields }: LandingPart, lookups: readonly ColumnLookup[]): CopyTable {
  const { id, ...others } = PROVENANCE_COLUMNS;
  const columns = [id, ...fields, ...Object.values(others)];
  return { schema, table, columns, existing: { schema, table }, ...(lookups.length > 0 && { lookups }) };
}

/** @param schema where tables are that are named without one */
function lookupsOf({ fields }: TableSchema, schema: string, inFile: readonly string[]): ColumnLookup[] {
  return fields.flatMap(({ name, lookup }) =>
    lookup === undefined || !inFile.includes(name)
      ? []
      : {
          column: name,
          ...tableOf(lookup.in, schema),
          by: lookup.by,
          ...(lookup.takes !== undefined && { takes: lookup.takes }),
        },
  );
}

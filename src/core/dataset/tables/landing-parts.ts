// Which table takes which fields of a file.
import { DEFAULT_SCHEMA } from './landing-tables.ts';
import { SYSTEM_COLUMNS, TIME_COLUMNS, typesOf } from './table-plan.ts';
import type { Dataset, FileColumn } from '../types.ts';

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
  /** Links of which the file has at least one field. */
  readonly links: readonly LinkedPart[];
  readonly main: LandingPart;
}

/** @param fields names of those that the file has, in its order */
export function landingParts({ target }: Dataset, fields: readonly string[]): LandingParts {
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
}

/**
 * The tables in the order of insertion, linked ones first, with the columns that rows bring.
 * @param withoutTimes the tables fill these by themselves
 * @param binaryOf the dataset, for rows in binary form
 */
export function copyTables(
  { links, main }: LandingParts,
  withoutTimes: boolean,
  binaryOf?: Dataset,
): CopyTable[] {
  const system = SYSTEM_COLUMNS.filter((name) => !(withoutTimes && TIME_COLUMNS.includes(name)));
  const copy = ({ schema, table, fields }: LandingPart, references: readonly string[]): CopyTable => {
    const columns = ['id', ...fields, ...references, ...system];
    return { schema, table, columns, ...(binaryOf && { types: typesOf(binaryOf, table, columns) }) };
  };
  return [
    ...links.map((link) => copy(link, [])),
    copy(
      main,
      links.map(({ column }) => column),
    ),
  ];
}

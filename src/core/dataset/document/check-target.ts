// Checks where a dataset lands: table and column names, and that every field has exactly one place.
import { checkAnyName, checkColumnName, checkIdentifier } from './check-field.ts';
import { describe, type DocumentProblems, type JsonObject } from './document-problems.ts';
import { DEFAULT_SCHEMA, tableOf } from '../tables/landing-tables.ts';
import { LINK_PROPERTIES, MOST_LINKS, TARGET_PROPERTIES } from './properties.ts';

/** Schemas that are Postgres' or Sluice's own. */
const OWN_SCHEMAS = /^(pg_.*|information_schema|sluice|sluice_staging|sluice_provenance)$/;

/** @param fields names of the schema's fields */
export function checkTarget(
  value: unknown,
  fields: readonly string[],
  isExisting: boolean,
  problems: DocumentProblems,
): void {
  const target = problems.object(value, '/target', Object.keys(TARGET_PROPERTIES), ['table']);
  if (target === undefined) return;
  const { schema, table, links } = target;
  checkExisting(target, isExisting, problems);
  if (isExisting) return checkNames(withNamesApart(target), problems);
  if (schema !== undefined && checkIdentifier(schema, '/target/schema', problems) && OWN_SCHEMAS.test(schema))
    problems.add(
      '/target/schema',
      `"${schema}" belongs to Postgres or Sluice. Leave "schema" out for "public", or name a schema of your own.`,
    );
  const known = new Set(fields);
  const tables = new Set<string>();
  if (table !== undefined && checkIdentifier(table, '/target/table', problems)) tables.add(table);

  const linkOfField = new Map<string, number>();
  const columns = new Map<string, string>();
  const listed = problems.list(links, '/target/links', MOST_LINKS) ?? [];
  for (const [index, link] of listed.entries())
    checkLink(
      link,
      `/target/links/${index}`,
      { index, fields, known, tables, linkOfField, columns },
      problems,
    );

  const own = fields.filter((name) => !linkOfField.has(name));
  if (fields.length > 0 && own.length === 0)
    problems.add('/target/links', 'take every field. Leave at least one for the table itself.');
  for (const [column, pointer] of columns)
    if (own.includes(column))
      problems.add(
        pointer,
        `"${column}" is a field of the table already; choose another name for the reference.`,
      );
}

interface LinkContext {
  readonly index: number;
  readonly fields: readonly string[];
  /** The same. */
  readonly known: ReadonlySet<string>;
  /** Tables named so far. */
  readonly tables: Set<string>;
  readonly linkOfField: Map<string, number>;
  /** Reference columns named so far, with their pointers. */
  readonly columns: Map<string, string>;
}

function checkLink(value: unknown, pointer: string, context: LinkContext, problems: DocumentProblems): void {
  const { index, fields, known, tables, linkOfField, columns } = context;
  const names = Object.keys(LINK_PROPERTIES);
  const link = problems.object(value, pointer, names, names);
  if (link === undefined) return;
  const { table, column } = link;
  if (table !== undefined && checkIdentifier(table, `${pointer}/table`, problems)) {
    if (tables.has(table))
      problems.add(
        `${pointer}/table`,
        `Table "${table}" is named twice; each part of a row lands in a table of its own.`,
      );
    tables.add(table);
  }
  if (column !== undefined && checkColumnName(column, `${pointer}/column`, problems)) {
    if (columns.has(column)) problems.add(`${pointer}/column`, `Two links have the column "${column}".`);
    columns.set(column, `${pointer}/column`);
  }
  const linked = problems.texts(link['fields'], `${pointer}/fields`, fields.length + 1);
  if (linked?.length === 0) problems.add(`${pointer}/fields`, 'must name one field or more.');
  for (const [at, name] of (linked ?? []).entries()) {
    if (!known.has(name))
      problems.add(
        `${pointer}/fields/${at}`,
        `There is no field ${describe(name)}.${problems.didYouMean(name, fields)}`,
      );
    const other = linkOfField.get(name);
    if (other !== undefined && other !== index)
      problems.add(`${pointer}/fields/${at}`, `Field "${name}" is in two links.`);
    linkOfField.set(name, index);
  }
}

/** Rows of one file land in any order, so none can be looked up among those that land with it. */
export function checkLookupPlaces(fields: unknown, target: unknown, problems: DocumentProblems): void {
  if (!Array.isArray(fields)) return;
  const { schema, table, links } = (target ?? {}) as JsonObject;
  const own = [
    table,
    ...(Array.isArray(links) ? links.map((link: JsonObject | null) => link?.['table']) : []),
  ];
  const home = typeof schema === 'string' ? schema : DEFAULT_SCHEMA;
  for (const [index, field] of fields.entries()) {
    const named = ((field as JsonObject | null)?.['lookup'] as JsonObject | null | undefined)?.['in'];
    if (typeof named !== 'string') continue;
    const place = tableOf(named, home);
    if (place.schema === home && own.includes(place.table))
      problems.add(
        `/schema/fields/${index}/lookup/in`,
        `"${named}" is a table of this dataset itself, whose rows land in any order. Look up in a table of another dataset.`,
      );
  }
}

/**
 * Whether a document, checked or not, is about a table that exists: it says so, or names the table with its schema (`shop.orders`), or
 * has no fields of which a table could be made.
 */
export function saysExisting(document: unknown): boolean {
  const { schema, target } = (document ?? {}) as JsonObject;
  const { existing, table } = (target ?? {}) as JsonObject;
  return existing === true || isWithSchema(table) || (schema === undefined && target !== undefined);
}

const isWithSchema = (table: unknown): boolean => typeof table === 'string' && table.includes('.');

/** The target of a table that exists, as all others read it: a schema that stands before the table's name is apart. */
export function withNamesApart(target: JsonObject): JsonObject {
  const { table, schema, ...more } = target;
  if (typeof table !== 'string' || !isWithSchema(table) || schema !== undefined)
    return { ...target, existing: true };
  return { ...tableOf(table, DEFAULT_SCHEMA), ...more, existing: true };
}

function checkExisting(
  { existing, schema, table, links }: JsonObject,
  isExisting: boolean,
  problems: DocumentProblems,
): void {
  if (existing !== undefined && typeof existing !== 'boolean')
    problems.add('/target/existing', 'must be true, or left out for a table that Sluice makes.');
  if (existing === false && isExisting)
    problems.add(
      '/target/existing',
      isWithSchema(table)
        ? `is false, and a table that is named with its schema (${describe(table)}) is one that exists. For a table that Sluice makes, say "schema" and "table" apart.`
        : 'is false, and the document has no "schema", so there are no fields to make a table of. Add the fields, or leave "existing" out for a table that exists.',
    );
  if (schema === undefined && typeof table === 'string' && table.split('.').length > 2)
    problems.add(
      '/target/table',
      `${describe(table)} has two points, so it is not known where the schema ends. Say "schema" and "table" apart, with "existing": true.`,
    );
  if (schema !== undefined && isWithSchema(table) && existing !== true)
    problems.add(
      '/target/table',
      `${describe(table)} names a schema, and so does "schema". Say it once; for a table of that very name, point included, add "existing": true.`,
    );
  if (isExisting && links !== undefined)
    problems.add(
      '/target/links',
      'Links are for tables that Sluice makes. Of a table that exists a column can refer to another table by "lookup".',
    );
}

/** Names that others have chosen: any that Postgres takes. */
function checkNames({ schema, table }: JsonObject, problems: DocumentProblems): void {
  for (const [name, value] of Object.entries({ schema, table })) {
    if (value !== undefined) checkAnyName(value, `/target/${name}`, problems);
    if (name === 'schema' && typeof value === 'string' && OWN_SCHEMAS.test(value))
      problems.add('/target/schema', `"${value}" belongs to Postgres or Sluice.`);
  }
}

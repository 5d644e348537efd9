// Which staged records of an upsert meet a row that has their key, and what is to become of it.
import {
  fileFields,
  landingParts,
  type LandingParts,
  type LinkedPart,
} from '../../core/dataset/tables/landing-parts.ts';
import { columnList, identifier as name, qualifiedName } from '../identifiers.ts';
import type { ImportRow } from '../imports/imports.ts';
import type { StagedTable } from './stage-rows.ts';
import type { Tx } from '../transaction.ts';

/** What is upserted where. */
export interface Upsert {
  readonly importId: string;
  /** The user; becomes `updated_by`. */
  readonly userId: string | null;
  readonly key: readonly string[];
  readonly parts: LandingParts;
  /** In the order of `copyTables(parts)`. */
  readonly tables: readonly StagedTable[];
}

export function upsertOf(imp: ImportRow, tables: readonly StagedTable[]): Upsert {
  return {
    importId: imp.id,
    userId: imp.createdBy,
    key: imp.document.schema.primaryKey ?? [],
    parts: landingParts(imp.document, fileFields(imp.document, imp.columns)),
    tables,
  };
}

/** With what only the catalog tells of the tables. */
export interface Comparable extends Upsert {
  /** Of each table the columns whose own equality is that of a collation, under which values that differ may be equal. */
  readonly collated: readonly ReadonlySet<string>[];
}

/** Staged records whose key has a row: `(import_row, id, changed, relink_0, …)`. */
export const MATCHES = 'pg_temp.sluice_matches';

/**
 * SQL: the last record of each key that has a row, with what is to be done. Columns are compared by their types, text by its
 * characters whatever its collation says, nulls are equal. `relink_n`: the row will refer to a linked row of its own.
 */
export async function matchesQuery(tx: Tx, upsert: Upsert): Promise<string> {
  return queryMatches(await comparable(tx, upsert));
}

export async function comparable(tx: Tx, upsert: Upsert): Promise<Comparable> {
  const { rows } = await tx.$client.query<{ collated: string[] }>(
    `SELECT ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = relation::regclass AND attcollation <> 0) AS collated
       FROM unnest($1::text[]) WITH ORDINALITY AS t (relation, at) ORDER BY at`,
    [upsert.tables.map(({ target }) => qualifiedName(target))],
  );
  return { ...upsert, collated: rows.map(({ collated }) => new Set(collated)) };
}

export function queryMatches({ key, parts, tables, collated }: Comparable): string {
  const { staged, target } = tables.at(-1)!;
  const main = qualifiedName(target);
  const keys = columnList(key);
  const own = parts.main.fields
    .filter((field) => !key.includes(field))
    .map((field) => differ(collated.at(-1)!, field, 's', 't'));
  const linked = parts.links.map((link, at) => differs(collated[at]!, link, `sl${at}`, `l${at}`));
  const joins = parts.links.map(
    (link, at) => `
      LEFT JOIN ${tables[at]!.staged} AS sl${at} ON sl${at}.import_row = s.import_row
      LEFT JOIN ${qualifiedName(link)} AS l${at} ON l${at}.id = t.${name(link.column)}`,
  );
  const relinks = parts.links.map(({ column }, at) => {
    const shared = `EXISTS (SELECT FROM ${main} AS o WHERE o.${name(column)} = t.${name(column)} AND o.id <> t.id)`;
    return `, CASE WHEN l${at}.id IS NULL THEN sl${at}.id IS NOT NULL WHEN ${linked[at]!} THEN ${shared} ELSE false END AS relink_${at}`;
  });
  return `
    SELECT s.import_row, t.id, ${[...own, ...linked].join(' OR ') || 'false'} AS changed ${relinks.join('')}
      FROM (SELECT max(import_row) AS import_row FROM ${staged} GROUP BY ${keys}) AS last
      JOIN ${staged} AS s ON s.import_row = last.import_row
      JOIN ${main} AS t ON ${key.map((column) => `t.${name(column)} = s.${name(column)}`).join(' AND ')}
      ${joins.join('')}`;
}

function differ(collated: ReadonlySet<string>, column: string, a: string, b: string): string {
  const asIs = collated.has(column) ? '::text COLLATE "C"' : '';
  return `${a}.${name(column)}${asIs} IS DISTINCT FROM ${b}.${name(column)}${asIs}`;
}

export function differs(
  collated: ReadonlySet<string>,
  link: LinkedPart,
  staged: string,
  linked: string,
): string {
  return `(${link.fields.map((field) => differ(collated, field, staged, linked)).join(' OR ')})`;
}

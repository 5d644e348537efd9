// Looks up, for all staged rows at once, what their values stand for in other tables.
import pg from 'pg';
import type { KnownLookup } from '../datasets/lookups.ts';
import { SQLSTATE } from '../errors.ts';
import { identifier as name, qualifiedName } from '../identifiers.ts';
import type { Tx } from '../transaction.ts';
import { tryAsking } from './refusals/bisect-rows.ts';
import { REFUSED } from './refusals/refused-rows.ts';

const { escapeLiteral: text } = pg;

export interface FoundLookups {
  /** SQL: the joins that bring the rows found to the staged rows `s`. */
  readonly joins: string;
  /** SQL: the value that a column gets; undefined for a column that is not looked up. */
  readonly valueOf: (column: string) => string | undefined;
}

/** Refuses the rows whose value is not there. @param loose SQL name of the table of the rows, their values as they were sent */
export async function lookUpAll(
  tx: Tx,
  loose: string,
  lookups: readonly KnownLookup[],
): Promise<FoundLookups> {
  const joins: string[] = [];
  for (const [at, lookup] of lookups.entries()) joins.push(await lookUp(tx, loose, lookup, `l${at}`));
  return {
    joins: joins.join(' '),
    valueOf: (column) => {
      const at = lookups.findIndex((each) => each.column === column);
      return at === -1 ? undefined : `l${at}.${name(lookups[at]!.takes)}`;
    },
  };
}

async function lookUp(
  tx: Tx,
  loose: string,
  { column, by, type, collation, ...of }: KnownLookup,
  alias: string,
): Promise<string> {
  const value = `s.${name(column)}`;
  const typed = `CAST(${value} AS ${type})${collation === null ? '' : ` COLLATE ${collation}`}`;
  // A value that is none of the type of the other column is compared as text, and finds nothing.
  const isTyped = await tryAsking(tx, `SELECT count(${typed}) FROM ${loose} AS s`);
  const equal =
    isTyped === undefined
      ? `${alias}.${name(by)}::text COLLATE "C" = ${value}`
      : `${alias}.${name(by)} = ${typed}`;
  const join = `LEFT JOIN ${qualifiedName(of)} AS ${alias} ON ${equal}`;
  await tx.$client.query(
    `INSERT INTO ${REFUSED}
       SELECT s.import_row, '${SQLSTATE.foreignKeyViolation}',
              ${text(`no row of table "${of.table}" has this value as "${by}"`)}, '', '', ARRAY[${text(column)}]
         FROM ${loose} AS s ${join} WHERE ${value} IS NOT NULL AND ${alias}.${name(by)} IS NULL
       ON CONFLICT DO NOTHING`,
  );
  return join;
}

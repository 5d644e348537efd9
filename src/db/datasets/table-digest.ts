// What a dry run has found in the tables, as far as it matters to the rows that are staged: if it is found again, committing does
// what the dry run said. Sums of hashes do not depend on the order of rows, and take no memory.
import { createHash } from 'node:crypto';
import { landingTables } from '../../core/dataset/tables/landing-tables.ts';
import { identifier as name, qualifiedName } from '../identifiers.ts';
import type { ImportRow } from '../imports/imports.ts';
import { REFUSED } from '../landing/refusals/refused-rows.ts';
import type { StagedTable } from '../landing/stage-rows.ts';
import { readTableRules, type ForeignKeyRule, type UniqueRule } from './table-rules.ts';
import { isStagedExisting } from '../landing/existing/insert-noting.ts';
import { existingUpsertOf, matchesOfExisting } from '../landing/existing/upsert-existing.ts';
import { matchesQuery, upsertOf } from '../landing/upsert-matches.ts';
import type { Tx } from '../transaction.ts';

export interface TableDigest {
  /** Of the tables' columns, rules and triggers, and of the functions that these call. */
  readonly definition: string;
  /** Of the rows that are there, as seen from the staged ones. */
  readonly rows: string;
  /** Of the rows that Postgres refused. */
  readonly refused: string;
}

/**
 * SQL: the source of the functions that the tables' triggers, checks, domains, defaults, indexes and rules call, and of those that these
 * call in turn, as far as the catalog knows: not what a body that is kept as text calls. Postgres' own do not change, and our trigger's says nothing of rows.
 */
const FUNCTIONS = `
  (WITH RECURSIVE callers (classid, objid) AS (
     SELECT 'pg_trigger'::regclass::oid, oid FROM pg_trigger WHERE tgrelid = ANY ($1::regclass[]) AND NOT tgisinternal
     UNION SELECT 'pg_constraint'::regclass, oid FROM pg_constraint
      WHERE conrelid = ANY ($1::regclass[])
         OR contypid IN (SELECT atttypid FROM pg_attribute WHERE attrelid = ANY ($1::regclass[]))
     UNION SELECT 'pg_attrdef'::regclass, oid FROM pg_attrdef WHERE adrelid = ANY ($1::regclass[])
     UNION SELECT 'pg_class'::regclass, indexrelid FROM pg_index WHERE indrelid = ANY ($1::regclass[])
     UNION SELECT 'pg_rewrite'::regclass, oid FROM pg_rewrite WHERE ev_class = ANY ($1::regclass[])),
   called (oid) AS (
     SELECT d.refobjid FROM callers c JOIN pg_depend d ON d.classid = c.classid AND d.objid = c.objid
      WHERE d.refclassid = 'pg_proc'::regclass
     UNION SELECT d.refobjid FROM called JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = called.oid
      WHERE d.refclassid = 'pg_proc'::regclass)
   SELECT pg_get_functiondef(p.oid) FROM called JOIN pg_proc p ON p.oid = called.oid
    WHERE p.prokind <> 'a' AND p.oid <> 'sluice.note_update()'::regprocedure)`;

export async function digestDefinition(tx: Tx, imp: ImportRow): Promise<string> {
  const { rows } = await tx.$client.query<{ digest: string }>(
    `SELECT md5(coalesce(string_agg(fact, E'\\n' ORDER BY fact), '')) AS digest FROM (
       SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attgenerated, attidentity,
                pg_get_expr(d.adbin, d.adrelid))
         FROM pg_attribute LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
        WHERE attrelid = ANY ($1::regclass[]) AND attnum > 0 AND NOT attisdropped
       UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
                  WHERE conrelid = ANY ($1::regclass[])
                     OR contypid IN (SELECT atttypid FROM pg_attribute WHERE attrelid = ANY ($1::regclass[]))
       UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = ANY ($1::regclass[]) AND (indisunique OR indisexclusion)
       UNION ALL SELECT concat_ws(' ', pg_get_triggerdef(oid), tgenabled) FROM pg_trigger WHERE tgrelid = ANY ($1::regclass[]) AND NOT tgisinternal
       UNION ALL SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_class = ANY ($1::regclass[])
       UNION ALL ${FUNCTIONS}
     ) AS facts (fact)`,
    [landingTables(imp.document).map(qualifiedName)],
  );
  return rows[0]!.digest;
}

/** Reads only; the staging tables must be whole. */
export async function digestRows(tx: Tx, imp: ImportRow, tables: readonly StagedTable[]): Promise<string> {
  const rules = await readTableRules(
    tx,
    tables.map(({ target }) => target),
  );
  const questions = tables.flatMap((table, at) => [
    ...rules[at]!.foreignKeys.filter((key) => !key.isToItself && has(table, key.columns)).map((key) =>
      orphans(table, key),
    ),
    // What a replace takes out does not stand in the way.
    ...(imp.mode === 'replace' ? [] : rules[at]!.uniques.filter((key) => isPlain(table, key))).map((key) =>
      taken(table, key),
    ),
  ]);
  const main = qualifiedName(tables.at(-1)!.target);
  if (imp.mode === 'upsert')
    questions.push(`SELECT m::text AS fact FROM (${withoutIds(await matchesOf(tx, imp, tables))}) AS m`);
  if (imp.mode === 'replace') questions.push(`SELECT count(*)::text AS fact FROM ${main}`);
  const hash = createHash('md5');
  for (const question of questions) hash.update(`${await sumOfHashes(tx, question)}\n`);
  return hash.digest('hex');
}

/** The number of a row of a table that exists is as good as its id. */
async function matchesOf(tx: Tx, imp: ImportRow, tables: readonly StagedTable[]): Promise<string> {
  const main = tables.at(-1)!;
  return isStagedExisting(main)
    ? `SELECT import_row, changed FROM (${await matchesOfExisting(tx, existingUpsertOf(imp, main))}) AS found`
    : matchesQuery(tx, upsertOf(imp, tables));
}

/** A row may be another one, as long as the same is to be done with it. */
function withoutIds(query: string): string {
  return `SELECT to_jsonb(all_of) - 'id' FROM (${query}) AS all_of`;
}

export async function digestRefused(tx: Tx): Promise<string> {
  return sumOfHashes(tx, `SELECT concat_ws(' ', "row", code) AS fact FROM ${REFUSED}`);
}

async function sumOfHashes(tx: Tx, question: string): Promise<string> {
  const { rows } = await tx.$client.query<{ sum: string }>(
    `SELECT concat_ws(' ', count(*), sum(hashtextextended(fact, 0)::numeric)) AS sum FROM (${question}) AS facts`,
  );
  return rows[0]!.sum;
}

function has({ target }: StagedTable, columns: readonly string[]): boolean {
  return columns.every((column) => target.columns.includes(column));
}

/** Of whole rows and plain columns, other than the id that Sluice makes. What other keys refuse shows when they do. */
function isPlain(table: StagedTable, { columns, keys, predicate, isExclusion }: UniqueRule): boolean {
  const isColumns =
    keys.length === columns.length &&
    keys.every((key) => columns.some((column) => [column, name(column)].includes(key)));
  return predicate === null && !isExclusion && isColumns && has(table, columns) && columns.join() !== 'id';
}

/** SQL: staged rows whose key is there. */
function taken({ staged, target }: StagedTable, { columns }: UniqueRule): string {
  const equal = columns.map((column) => `t.${name(column)} = s.${name(column)}`).join(' AND ');
  return `SELECT s.import_row::text AS fact FROM ${staged} AS s WHERE EXISTS (SELECT FROM ${qualifiedName(target)} AS t WHERE ${equal})`;
}

/** SQL: staged rows that refer to nothing. */
function orphans({ staged }: StagedTable, key: ForeignKeyRule): string {
  const own = key.columns.map((column) => `s.${name(column)}`);
  const equal = own.map(
    (column, at) => `r.${name(key.referencedColumns[at]!)} ${key.operators[at]} ${column}`,
  );
  return `SELECT s.import_row::text AS fact FROM ${staged} AS s
           WHERE ${own.map((column) => `${column} IS NOT NULL`).join(' AND ')}
             AND NOT EXISTS (SELECT FROM ${key.referenced} AS r WHERE ${equal.join(' AND ')})`;
}

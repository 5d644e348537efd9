// Finds staged rows that the target is certain to refuse, one statement for each kind of rule, and records them as refused.
// To be certain is all that is asked of these statements: what they cannot tell is found by trying.
import pg from 'pg';
import { SQLSTATE } from '../../errors.ts';
import { identifier as name, qualifiedName } from '../../identifiers.ts';
import { NotWhole, tryAsking } from './bisect-rows.ts';
import { notRefused, REFUSED } from './refused-rows.ts';
import type { StagedTable } from '../stage-rows.ts';
import type { CheckRule, ForeignKeyRule, TableRules, UniqueRule } from '../../datasets/table-rules.ts';
import type { Tx } from '../../transaction.ts';

const { escapeLiteral: text } = pg;
const names = (columns: readonly string[]): string => `ARRAY[${columns.map(text).join(', ')}]::text[]`;

/**
 * Ends a subquery that is to be asked for each row, by the index that stands behind its key. Joined as a whole, a large table would
 * be read from end to end for each chunk.
 */
const BY_INDEX = 'OFFSET 0';

/** Rows with a null where there must be none, or for which a CHECK is false; found in one pass over the table. */
export async function refuseBroken(tx: Tx, table: StagedTable, rules: TableRules): Promise<void> {
  const { columns, table: relation } = table.target;
  const has = (column: string): boolean => columns.includes(column);
  const broken = [
    ...rules.required.filter((column) => !has(column)).map((column) => nullRule(relation, column, 'true')),
    ...rules.notNull.filter(has).map((column) => nullRule(relation, column, `${name(column)} IS NULL`)),
    ...rules.checks.filter((check) => check.columns.every(has)).map((check) => checkRule(relation, check)),
  ];
  if (broken.length === 0) return;
  const cases = broken.map(({ isBroken }, at) => `WHEN ${isBroken} THEN ${at}`).join(' ');
  const facts = broken.map(({ facts }, at) => `(${at}, ${facts})`).join(', ');
  // An expression may fail by itself (a division by zero): then it is found by trying.
  await tryAsking(
    tx,
    `INSERT INTO ${REFUSED}
       SELECT s.import_row, f.code, f.message, '', f.rule, f.columns
         FROM (SELECT import_row, CASE ${cases} END AS broken FROM ${table.staged} AS ${name(relation)}) AS s
         JOIN (VALUES ${facts}) AS f (at, code, message, rule, columns) ON f.at = s.broken
       ON CONFLICT DO NOTHING`,
  );
}

interface BrokenRule {
  /** SQL over the staged columns. */
  readonly isBroken: string;
  /** Code, message, constraint, columns; SQL. */
  readonly facts: string;
}

function nullRule(relation: string, column: string, isBroken: string): BrokenRule {
  const message = `null value in column "${column}" of relation "${relation}" violates not-null constraint`;
  return { isBroken, facts: `'${SQLSTATE.notNullViolation}', ${text(message)}, '', ${names([column])}` };
}

function checkRule(relation: string, { name: rule, columns, expression }: CheckRule): BrokenRule {
  const message = `new row for relation "${relation}" violates check constraint "${rule}"`;
  return {
    isBroken: `NOT (${expression})`,
    facts: `'${SQLSTATE.checkViolation}', ${text(message)}, ${text(rule)}, ${names(columns)}`,
  };
}

/** Where rows refer to each other, each may need another to be refused; long chains of them are left to trying. */
const MOST_ROUNDS = 5;

/** Rows that refer to a row that is neither there nor about to land. */
export async function refuseOrphans(tx: Tx, table: StagedTable, rules: TableRules): Promise<void> {
  for (const key of rules.foreignKeys) {
    const needed = key.isToItself ? [...key.columns, ...key.referencedColumns] : key.columns;
    if (!needed.every((column) => table.target.columns.includes(column))) continue;
    const rounds = key.isToItself ? MOST_ROUNDS : 1;
    for (let round = 0, found; found !== 0 && round < rounds; round++)
      found = (await tryAsking(tx, orphans(table, key))) ?? 0;
  }
}

/** SQL that records them. */
function orphans({ target, staged }: StagedTable, key: ForeignKeyRule): string {
  const message = `insert or update on table "${target.table}" violates foreign key constraint "${key.name}"`;
  const values = key.columns.map((column) => `s.${name(column)}`);
  const matches = values
    .map((value, at) => `r.${name(key.referencedColumns[at]!)} ${key.operators[at]} ${value}`)
    .join(' AND ');
  const isBeside = `EXISTS (SELECT FROM ${staged} AS r WHERE ${matches} AND ${notRefused('r.import_row')})`;
  return `
    INSERT INTO ${REFUSED}
      SELECT s.import_row, '${SQLSTATE.foreignKeyViolation}', ${text(message)},
             ${keyDetail(key.columns, values, `is not present in table "${key.referencedTable}".`)},
             ${text(key.name)}, ${names(key.columns)}
        FROM ${staged} AS s
       WHERE ${values.map((value) => `${value} IS NOT NULL`).join(' AND ')}
         AND NOT EXISTS (SELECT FROM ${key.referenced} AS r WHERE ${matches} ${BY_INDEX})
         ${key.isToItself ? `AND NOT ${isBeside} AND ${notRefused('s.import_row')}` : ''}
      ON CONFLICT DO NOTHING`;
}

/**
 * Rows whose key the target has already, from before or from an earlier row of the same import.
 * @param among SQL name of a table with the numbers, in `"row"`, of the rows to look at; all staged rows when left out
 * @returns how many were not known as refused before
 */
export async function refuseTaken(
  tx: Tx,
  { target, staged }: StagedTable,
  unique: UniqueRule,
  among?: string,
): Promise<number> {
  const { columns, table: relation } = target;
  if (!unique.columns.every((column) => columns.includes(column))) return 0;
  // A table that exists has neither.
  const place = ['import_row', 'import_id'].filter((column) => columns.includes(column));
  // A later row of the import has taken no key from this one.
  const isEarlier =
    place.length === 2
      ? ' AND (t.import_id IS DISTINCT FROM s.import_id OR t.import_row < s.import_row)'
      : '';
  const found = await tryAsking(
    tx,
    `INSERT INTO ${REFUSED}
       SELECT s.import_row, ${takenFacts(unique, keysOf(unique, 's'), keysOf(unique, 'by'))}
         FROM ${withKeys(unique, relation, staged, place.length === 0 ? ['import_row'] : place)} AS s
        ${among === undefined ? '' : `JOIN ${among} AS among ON among."row" = s.import_row`}
        CROSS JOIN LATERAL (
          SELECT t.* FROM ${withKeys(unique, relation, qualifiedName(target), place)} AS t
           WHERE ${meet(unique, 't', 's')}${isEarlier} LIMIT 1) AS "by"
       ON CONFLICT DO NOTHING`,
  );
  return found ?? 0;
}

/** Rows that each want a key: `rows` is SQL with `import_row` and the keys. */
export interface Wanted {
  readonly unique: UniqueRule;
  readonly rows: string;
}

/**
 * Refuses rows that want a key which an earlier row wants. That is right only if all others land: to be taken back else.
 * @throws NotWhole when it is not certain even then: of two keys, one may keep a row from taking the other
 */
export async function refuseRivals(tx: Tx, wanted: readonly Wanted[]): Promise<void> {
  let keysWanted = 0;
  for (const { unique, rows } of wanted) {
    if (unique.isExclusion || unique.nullsMeet) continue;
    const keys = keysOf(unique, 's');
    const { rowCount } = await tx.$client.query(
      `INSERT INTO ${REFUSED}
         SELECT s.import_row, ${takenFacts(unique, keys)}
           FROM (SELECT s.*, min(s.import_row) OVER (PARTITION BY ${keys.join(', ')}) AS first FROM ${rows} AS s
                  WHERE num_nulls(${keys.join(', ')}) = 0 AND ${notRefused('s.import_row')}) AS s
          WHERE s.import_row > s.first`,
    );
    if (rowCount !== 0) keysWanted++;
  }
  if (keysWanted > 1) throw new NotWhole();
}

/** SQL of a subquery: columns of the rows that an index knows, and the keys that it has of them as `k0`, `k1` … */
export function withKeys(
  { keys, predicate }: UniqueRule,
  relation: string,
  from: string,
  columns: readonly string[],
): string {
  const all = [...columns.map(name), ...keys.map((key, at) => `(${key}) AS k${at}`)];
  return `(SELECT ${all.join(', ')} FROM ${from} AS ${name(relation)} ${predicate === null ? '' : `WHERE ${predicate}`})`;
}

/** The names by which `withKeys` gives the keys. */
export function keysOf({ keys }: UniqueRule, alias: string): string[] {
  return keys.map((_, at) => `${name(alias)}.k${at}`);
}

/** SQL: whether two rows may not stand side by side. */
export function meet(unique: UniqueRule, alias: string, other: string): string {
  const others = keysOf(unique, other);
  return keysOf(unique, alias)
    .map((key, at) => `${key} ${unique.operators[at]} ${others[at]}`)
    .join(' AND ');
}

/**
 * SQL: all that is recorded of a row whose key is taken, but its number.
 * @param values of the keys; SQL
 * @param taken values of the keys that it meets; SQL, and asked only of an exclusion
 */
export function takenFacts(
  { name: rule, keys, columns, isExclusion }: UniqueRule,
  values: readonly string[],
  taken: readonly string[] = [],
): string {
  const [code, message] = isExclusion
    ? [SQLSTATE.exclusionViolation, `conflicting key value violates exclusion constraint "${rule}"`]
    : [SQLSTATE.uniqueViolation, `duplicate key value violates unique constraint "${rule}"`];
  const detail = isExclusion
    ? `concat(${keyDetail(keys, values, 'conflicts with existing key ')}, ${keyText(keys, taken)}, '.')`
    : keyDetail(keys, values, 'already exists.');
  return `'${code}', ${text(message)}, ${detail}, ${text(rule)}, ${names(columns)}`;
}

/** SQL of Postgres' own `Key (a, b)=(1, 2) …`. */
function keyDetail(keys: readonly string[], values: readonly string[], says: string): string {
  return `concat('Key ', ${keyText(keys, values)}, ${text(` ${says}`)})`;
}

/** SQL of `(a, b)=(1, 2)`; `concat` writes values as Postgres does. */
function keyText(keys: readonly string[], values: readonly string[]): string {
  return `concat(${text(`(${keys.join(', ')})=(`)}, ${values.join(`, ', ', `)}, ')')`;
}

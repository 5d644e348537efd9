// Finds staged rows that the target is certain to refuse, one statement for each kind of rule, and records them as refused.
// To be certain is all that is asked of these statements: what they cannot tell is found by trying.
import pg from 'pg';
import { qualifiedName } from './copy.ts';
import { tryAsking } from './by-halves.ts';
import { REFUSED } from './refused-rows.ts';
import type { StagedTable } from './stage-rows.ts';
import type { CheckRule, TableRules, UniqueRule } from './table-rules.ts';

const { escapeIdentifier: name, escapeLiteral: text } = pg;
const names = (columns: readonly string[]): string => `ARRAY[${columns.map(text).join(', ')}]::text[]`;

/**
 * Ends a subquery that is to be asked for each row, by the index that stands behind its key. Joined as a whole, a large table would
 * be read from end to end for each chunk.
 */
const BY_INDEX = 'OFFSET 0';

/** Rows with a null where there must be none, or for which a CHECK is false; found in one pass over the table. */
export async function refuseBroken(
  client: pg.ClientBase,
  table: StagedTable,
  rules: TableRules,
): Promise<void> {
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
    client,
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
  return { isBroken, facts: `'23502', ${text(message)}, '', ${names([column])}` };
}

function checkRule(relation: string, { name: rule, columns, expression }: CheckRule): BrokenRule {
  const message = `new row for relation "${relation}" violates check constraint "${rule}"`;
  return {
    isBroken: `NOT (${expression})`,
    facts: `'23514', ${text(message)}, ${text(rule)}, ${names(columns)}`,
  };
}

/** Rows that refer to a row that is not there. */
export async function refuseOrphans(
  client: pg.ClientBase,
  table: StagedTable,
  rules: TableRules,
): Promise<void> {
  const { columns, table: relation } = table.target;
  for (const key of rules.foreignKeys) {
    if (!key.columns.every((column) => columns.includes(column))) continue;
    const message = `insert or update on table "${relation}" violates foreign key constraint "${key.name}"`;
    const staged = key.columns.map((column) => `s.${name(column)}`);
    const matches = staged.map(
      (column, at) => `r.${name(key.referencedColumns[at]!)} ${key.operators[at]} ${column}`,
    );
    await tryAsking(
      client,
      `INSERT INTO ${REFUSED}
         SELECT s.import_row, '23503', ${text(message)},
                ${keyDetail(key.columns, staged, `is not present in table "${key.referencedTable}".`)},
                ${text(key.name)}, ${names(key.columns)}
           FROM ${table.staged} AS s
          WHERE ${staged.map((column) => `${column} IS NOT NULL`).join(' AND ')}
            AND NOT EXISTS (SELECT FROM ${key.referenced} AS r WHERE ${matches.join(' AND ')} ${BY_INDEX})
         ON CONFLICT DO NOTHING`,
    );
  }
}

/**
 * Rows whose key the target has already, from before or from an earlier row of the same import.
 * @param among SQL name of a table with the numbers, in `"row"`, of the rows to look at; all staged rows when left out
 * @returns how many were not known as refused before
 */
export async function refuseTaken(
  client: pg.ClientBase,
  table: StagedTable,
  unique: UniqueRule,
  among?: string,
): Promise<number> {
  const { columns, table: relation } = table.target;
  if (!unique.columns.every((column) => columns.includes(column))) return 0;
  const keys = unique.keys.map((key, at) => `(${key}) AS k${at}`);
  const where = unique.predicate === null ? '' : `WHERE ${unique.predicate}`;
  const place = ['import_row', 'import_id'].filter((column) => columns.includes(column));
  const keyed = (from: string): string =>
    `(SELECT ${[...place, ...keys].join(', ')} FROM ${from} AS ${name(relation)} ${where})`;
  const values = keys.map((_, at) => `s.k${at}`);
  const matches = values.map((key, at) => `t.k${at} ${unique.operators[at]} ${key}`);
  // A later row of the import has taken no key from this one.
  if (place.length === 2)
    matches.push('(t.import_id IS DISTINCT FROM s.import_id OR t.import_row < s.import_row)');
  return tryAsking(
    client,
    `INSERT INTO ${REFUSED}
       SELECT s.import_row, ${takenFacts(unique, values)}
         FROM ${keyed(table.staged)} AS s
        ${among === undefined ? '' : `JOIN ${among} AS among ON among."row" = s.import_row`}
        WHERE EXISTS (SELECT FROM ${keyed(qualifiedName(table.target))} AS t WHERE ${matches.join(' AND ')} ${BY_INDEX})
       ON CONFLICT DO NOTHING`,
  );
}

/** SQL: all that is recorded of a row whose key is taken, but its number. @param values of the keys; SQL */
export function takenFacts(unique: UniqueRule, values: readonly string[]): string {
  const message = `duplicate key value violates unique constraint "${unique.name}"`;
  const detail = keyDetail(unique.keys, values, 'already exists.');
  return `'23505', ${text(message)}, ${detail}, ${text(unique.name)}, ${names(unique.columns)}`;
}

/** SQL of Postgres' own `Key (a, b)=(1, 2) …`; `concat` writes values as Postgres does. */
function keyDetail(keys: readonly string[], values: readonly string[], says: string): string {
  return `concat(${text(`Key (${keys.join(', ')})=(`)}, ${values.join(`, ', ', `)}, ${text(`) ${says}`)})`;
}

// Lands staged rows, and tells those that the target refuses from the others. What comes out is what inserting the rows one
// by one, in the order of `import_row`, would: the first of a key wins, a row that is refused for another reason takes no key.
//
// First what the catalog tells is looked for in the staged rows: nulls, checks, foreign keys. Then all rows are inserted ON
// CONFLICT DO NOTHING, which leaves out those that break a unique or exclusion constraint, also against other rows of the same
// statement. Whatever else there is (a trigger that raises, a reference between the landing tables) makes the INSERT fail:
// then ranges are halved, and the last rows are tried one by one. ON CONFLICT does not know keys that can be deferred: of rivals for
// one the first is inserted alone. A table whose rows are changed by triggers or rules on their way in can only be asked by trying.
import pg from 'pg';
import {
  NotWhole,
  rangeOf,
  type RowRange,
  type RowWork,
  bisect,
  trySavepoint,
} from './refusals/bisect-rows.ts';
import {
  insertAtOnce,
  insertNoting,
  isStagedExisting,
  noteVersions,
  type StagedExisting,
} from './existing/insert-noting.ts';
import { nameDomainColumns } from './existing/name-domains.ts';
import { columnList, qualifiedName } from '../identifiers.ts';
import {
  refuseBroken,
  refuseOrphans,
  refuseRivals,
  refuseTaken,
  takenFacts,
  withKeys,
} from './refusals/find-refused.ts';
import { applySingly, notRefused, openRefused, REFUSED } from './refusals/refused-rows.ts';
import type { StagedTable } from './stage-rows.ts';
import { readTableRules, type TableRules, type UniqueRule } from '../datasets/table-rules.ts';
import type { Tx } from '../transaction.ts';

/** Rows that an INSERT left out because of a key, until it is known which. */
const SKIPPED = 'pg_temp.sluice_skipped';

/**
 * Lands, in the caller's transaction, every staged row that the tables take. Rows are told by `import_row`, which rows of a record in
 * several tables share: they land together or not at all. The refused are recorded (`readRefused`); rows that are among them
 * before are left alone. Constraints must be immediate.
 * @param tables linked tables first, the main table last
 * @throws anything that is not about the rows themselves
 */
export async function landStaged(tx: Tx, tables: readonly StagedTable[]): Promise<void> {
  await openRefused(tx);
  const range = await rangeOf(tx, tables.at(-1)!.staged);
  if (range === undefined) return;
  const rules = await readTableRules(
    tx,
    tables.map(({ target }) => target),
  );
  await analyze(tx, tables, rules);
  const canAsk = !rules.some(({ changesInserts }) => changesInserts);
  if (canAsk) await refuseWhatIsCertain(tx, tables, rules);
  if (canAsk && !rules.at(-1)!.hasDeferrableKeys) await landSkipping(tx, tables, rules, range);
  else if (!canAsk || !(await landWithoutRivals(tx, tables, rules, range)))
    await landTrying(tx, tables, range, (each) => insertAll(tx, tables, each));
  const main = tables.at(-1)!;
  if (!isStagedExisting(main)) return;
  await noteVersions(tx, main);
  await nameDomainColumns(tx, main);
}

/** How many records have landed. */
export async function countLanded(tx: Tx, tables: readonly StagedTable[]): Promise<number> {
  const { rows } = await tx.$client.query<{ landed: string }>(
    `SELECT count(*) AS landed FROM ${tables.at(-1)!.staged} AS s WHERE ${notRefused('s.import_row')}`,
  );
  return Number(rows[0]!.landed);
}

/** A tenth of the usual sample is enough to tell few from many, and costs a tenth. */
const STATISTICS_TARGET = 10;

/** Statistics of the columns that statements join by: without them a million rows may meet in a nested loop. */
async function analyze(tx: Tx, tables: readonly StagedTable[], rules: readonly TableRules[]): Promise<void> {
  for (const [at, { target, staged }] of tables.entries()) {
    const joined = new Set([
      'import_row',
      ...rules[at]!.uniques.flatMap(({ columns }) => columns),
      ...rules[at]!.foreignKeys.flatMap(({ columns }) => columns),
    ]);
    const columns = [...new Set(['import_row', ...target.columns.filter((column) => joined.has(column))])];
    await tx.$client.query(
      `SET LOCAL default_statistics_target = ${STATISTICS_TARGET}; ANALYZE ${staged} (${columnList(columns)})`,
    );
  }
}

/** Keys that are taken are looked for where the INSERT cannot leave rows out because of them. */
async function refuseWhatIsCertain(
  tx: Tx,
  tables: readonly StagedTable[],
  rules: readonly TableRules[],
): Promise<void> {
  for (const [at, table] of tables.entries()) {
    const isMain = at === tables.length - 1;
    const rule = rules[at]!;
    await refuseBroken(tx, table, rule);
    await refuseOrphans(tx, table, rule);
    for (const unique of rule.uniques)
      if (isMain ? rule.hasDeferrableKeys : !unique.primary) await refuseTaken(tx, table, unique);
  }
}

/** Inserts, leaving out rows whose key is taken; where there are several, then finds out which key each of these wanted. */
async function landSkipping(
  tx: Tx,
  tables: readonly StagedTable[],
  rules: readonly TableRules[],
  range: RowRange,
): Promise<void> {
  const main = tables.at(-1)!;
  if (isStagedExisting(main) && (await trySavepoint(tx, () => insertAtOnce(tx, main, open(range))))) return;
  const key = onlyKey(main, rules.at(-1)!);
  const insert = (rows: RowRange): Promise<unknown> =>
    tx.$client.query(
      isStagedExisting(main) ? insertSkippingNoting(main, rows, key) : insertSkipping(tables, rows, key),
    );
  if (isStagedExisting(main) && key === undefined && (await mayShareKeys(tx, main))) {
    // Of rows with one key it would not be known which has landed, and which was left out because of another key.
    await indexRows(tx, tables);
    return applySingly(tx, openRows(main, range), insertOne(tables));
  }
  if (key === undefined)
    await tx.$client.query('CREATE TEMP TABLE sluice_skipped ("row" bigint) ON COMMIT DROP');
  // Rows come sorted already; sorting them again in memory is nearly free.
  await tx.$client.query(`SET LOCAL work_mem = '${SORT_MEMORY}'`);
  if (!(await trySavepoint(tx, () => insert(range)))) await landTrying(tx, tables, range, insert);
  if (key !== undefined) return;
  await refuseSkipped(tx, tables, rules.at(-1)!);
  await tx.$client.query(`DROP TABLE ${SKIPPED}`);
}

/** For keys that can be deferred: the first row that wants a key, if all of these land. @returns false when they do not, or it cannot be told */
async function landWithoutRivals(
  tx: Tx,
  tables: readonly StagedTable[],
  rules: readonly TableRules[],
  range: RowRange,
): Promise<boolean> {
  const { target, staged } = tables.at(-1)!;
  const uniques = rules
    .at(-1)!
    .uniques.filter(({ columns }) => columns.every((column) => target.columns.includes(column)));
  return trySavepoint(tx, async () => {
    await refuseRivals(
      tx,
      uniques.map((unique) => ({ unique, rows: withKeys(unique, target.table, staged, ['import_row']) })),
    );
    await insertAll(tx, tables, range);
  });
}

/** Enough for the rows of a chunk of the usual size. */
const SORT_MEMORY = '32MB';

/** The key that alone can be taken, beside the id that we have made ourselves: then it is known why a row was left out. */
function onlyKey({ target, provenance }: StagedTable, { uniques }: TableRules): UniqueRule | undefined {
  // Of a table that exists the rows may bring the primary key, and others may have taken the next number of a sequence.
  const [key, ...more] = uniques.filter(({ primary }) => provenance !== undefined || !primary);
  if (key === undefined || more.length > 0) return undefined;
  return key.isPlain && key.columns.every((column) => target.columns.includes(column)) ? key : undefined;
}

/** SQL: the staged rows of a range that are not refused. Numbers in the text, for plans that know how many rows these are. */
function open({ first, last }: RowRange): string {
  return `s.import_row BETWEEN ${first} AND ${last} AND ${notRefused('s.import_row')}`;
}

/** SQL: the staged rows `s`, ready for a condition. */
export function insertInto({ target, staged }: StagedTable): string {
  const columns = columnList(target.columns);
  return `INSERT INTO ${qualifiedName(target)} (${columns}) SELECT ${columns} FROM ${staged} AS s`;
}

/** SQL: their numbers. */
function openRows({ staged }: StagedTable, rows: RowRange): string {
  return `SELECT s.import_row FROM ${staged} AS s WHERE ${open(rows)} ORDER BY s.import_row`;
}

/** Whether staged rows have the same key by which rows are told apart. */
async function mayShareKeys(tx: Tx, { staged, provenance }: StagedExisting): Promise<boolean> {
  if (provenance.isNumbered === true) return false;
  const { rows } = await tx.$client.query(
    `SELECT FROM ${staged} AS s WHERE ${notRefused('s.import_row')}
      GROUP BY ${columnList(provenance.key)} HAVING count(*) > 1 LIMIT 1`,
  );
  return rows.length > 0;
}

/** `insertSkipping` of a table that exists. */
function insertSkippingNoting(main: StagedExisting, rows: RowRange, key: UniqueRule | undefined): string {
  const onConflict = `ON CONFLICT ${key === undefined ? '' : `(${key.keys.join(', ')})`} DO NOTHING`;
  const { inserted, noted } = insertNoting(main, open(rows), { onConflict });
  return `
    WITH ${inserted},
    landed AS (${noted} RETURNING import_row),
    skipped AS (${recordSkipped(key)} FROM ${main.staged} AS s
                 WHERE ${open(rows)} AND NOT EXISTS (SELECT FROM landed AS l WHERE l.import_row = s.import_row))
    SELECT`;
}

/** SQL: records staged rows `s` that were left out. */
function recordSkipped(key: UniqueRule | undefined): string {
  if (key === undefined) return `INSERT INTO ${SKIPPED} SELECT s.import_row`;
  const values = key.keys.map((column) => `s.${column}`);
  return `INSERT INTO ${REFUSED} SELECT s.import_row, ${takenFacts(key, values)}`;
}

/**
 * One statement for all tables, the main table first: only rows that land there may land in the others. References are
 * looked at when the statement ends. Rows that are left out are recorded as refused when it can be only one key, else as skipped.
 */
function insertSkipping(tables: readonly StagedTable[], rows: RowRange, key: UniqueRule | undefined): string {
  const main = tables.at(-1)!;
  const landed = 'EXISTS (SELECT FROM landed AS l WHERE l.import_row = s.import_row)';
  const linked = tables
    .slice(0, -1)
    .map((table, at) => `linked_${at} AS (${insertInto(table)} WHERE ${landed} ORDER BY s.import_row),`);
  const conflict = key === undefined ? '' : `(${key.keys.join(', ')})`;
  return `
    WITH landed AS (
      ${insertInto(main)} WHERE ${open(rows)} ORDER BY s.import_row ON CONFLICT ${conflict} DO NOTHING RETURNING import_row),
    ${linked.join('\n')}
    skipped AS (${recordSkipped(key)} FROM ${main.staged} AS s WHERE ${open(rows)} AND NOT ${landed})
    SELECT`;
}

/** What no key of the catalog explains (nulls that are not distinct, a key of one partition) is tried once more, and told by Postgres. */
async function refuseSkipped(tx: Tx, tables: readonly StagedTable[], rules: TableRules): Promise<void> {
  const main = tables.at(-1)!;
  const { rows } = await tx.$client.query<{ count: string }>(`SELECT count(*) FROM ${SKIPPED}`);
  let unexplained = Number(rows[0]!.count);
  for (const unique of rules.uniques)
    if (unexplained > 0) unexplained -= await refuseTaken(tx, main, unique, SKIPPED);
  if (unexplained === 0) return;
  await indexRows(tx, tables);
  const left = `SELECT k."row" FROM ${SKIPPED} AS k WHERE ${notRefused('k."row"')} ORDER BY k."row"`;
  await applySingly(tx, left, insertOne(tables));
}

/** Tries ranges, then single rows. */
async function landTrying(
  tx: Tx,
  tables: readonly StagedTable[],
  range: RowRange,
  whole: RowWork['whole'],
): Promise<void> {
  await indexRows(tx, tables);
  await bisect(tx, tables.at(-1)!.staged, range, { whole, single: insertOne(tables) });
}

/** Inserts a range. @throws NotWhole when a trigger left some of its rows out */
async function insertAll(tx: Tx, tables: readonly StagedTable[], range: RowRange): Promise<void> {
  for (const table of tables) {
    const { rowCount } = await tx.$client.query(insertWhere(table, open(range)));
    const { rows } = await tx.$client.query<{ staged: string }>(
      `SELECT count(*) AS staged FROM ${table.staged} AS s WHERE ${open(range)}`,
    );
    if (rowCount !== Number(rows[0]!.staged)) throw new NotWhole();
  }
}

/** SQL. Changes as many rows as it lands, or fewer. */
function insertWhere(table: StagedTable, where: string, isSingle = false): string {
  if (!isStagedExisting(table)) return `${insertInto(table)} WHERE ${where} ORDER BY s.import_row`;
  const { inserted, noted } = insertNoting(table, where, { isSingle });
  return `WITH ${inserted} ${noted}`;
}

/** The statements that land one row; they fail when a trigger leaves it out. */
function insertOne(tables: readonly StagedTable[]): (row: string) => string[] {
  return (row) =>
    tables.flatMap((table) => [
      insertWhere(table, `s.import_row = ${row}`, true),
      `IF NOT FOUND AND EXISTS (SELECT FROM ${table.staged} AS s WHERE s.import_row = ${row}) THEN
         RAISE 'a trigger of table "%" leaves the row out', ${pg.escapeLiteral(table.target.table)};
       END IF`,
    ]);
}

/** Ranges and single rows are found by an index. */
export async function indexRows(tx: Tx, tables: readonly StagedTable[]): Promise<void> {
  for (const { staged } of tables) {
    const { rows } = await tx.$client.query<{ isThere: boolean }>(
      `SELECT EXISTS (
         SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
          WHERE i.indrelid = $1::regclass AND i.indisvalid AND i.indpred IS NULL AND a.attname = 'import_row') AS "isThere"`,
      [staged],
    );
    if (!rows[0]!.isThere) await tx.$client.query(`CREATE INDEX ON ${staged} (import_row)`);
  }
}

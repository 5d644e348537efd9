// Upsert: staged records meet the rows that have their key. Changed rows are updated, equal ones left alone, new ones inserted.
//
// A linked row (an address) belongs to the row that refers to it, so it is changed in place; only when other rows refer to it
// too, the updated row gets one of its own.
import pg from 'pg';
import type { LandingParts } from '../../core/dataset/tables/landing-parts.ts';
import type { PublishedCounts } from '../../core/imports/import-counts.ts';
import { NotWhole, rangeOf, bisect, trySavepoint, type RowRange } from './refusals/bisect-rows.ts';
import { columnList, identifier as name, qualifiedName, tableName } from '../identifiers.ts';
import { countLanded, landStaged } from './land-staged.ts';
import {
  canAskFor,
  findMoves,
  keysSet,
  refuseBrokenUpdates,
  refuseHeld,
  setRivalsAside,
  type Becoming,
  type Moves,
} from './refusals/refuse-updates.ts';
import { applyInOrder, notRefused, openRefused } from './refusals/refused-rows.ts';
import {
  comparable,
  differs,
  MATCHES,
  queryMatches,
  type Comparable,
  type Upsert,
} from './upsert-matches.ts';
import { readTableRules } from '../datasets/table-rules.ts';
import type { Tx } from '../transaction.ts';
import { importMatches } from '../schema/imported-rows.ts';

const { escapeLiteral: text } = pg;

/**
 * Works within the caller's transaction, on tables that nobody else may write. Rows of the staging tables are used up.
 * @returns what it did; refused rows are recorded (refused-rows.ts)
 * @throws Error when the key is not unique in the table
 */
export async function upsertStaged(tx: Tx, wanted: Upsert): Promise<Omit<PublishedCounts, 'deleted'>> {
  await openRefused(tx);
  const upsert = await comparable(tx, wanted);
  await tx.$client.query(`CREATE TEMP TABLE sluice_matches ON COMMIT DROP AS ${queryMatches(upsert)}`);
  await tx.$client.query(`CREATE INDEX ON ${MATCHES} (import_row); ANALYZE ${MATCHES}`);
  await requireUniqueKey(tx, upsert);
  const superseded = await dropSuperseded(tx, upsert);
  await updateChanged(tx, upsert);
  await dropMatched(tx, upsert);
  await landStaged(tx, upsert.tables);
  const inserted = await countLanded(tx, upsert.tables);
  const { rows } = await tx.$client.query<{ updated: string; unchanged: string }>(
    `SELECT count(*) FILTER (WHERE changed) AS updated, count(*) FILTER (WHERE NOT changed) AS unchanged
       FROM ${MATCHES} AS m WHERE ${notRefused('m.import_row')}`,
  );
  await tx.$client.query(
    `INSERT INTO ${tableName(importMatches)} (import_id, row, id)
     SELECT $1, import_row, id FROM ${MATCHES} AS m WHERE ${notRefused('m.import_row')}`,
    [upsert.importId],
  );
  return { inserted, updated: Number(rows[0]!.updated), unchanged: Number(rows[0]!.unchanged), superseded };
}

/** The index was there when the file was taken. @throws Error when a record meets two rows now */
async function requireUniqueKey(tx: Tx, { key, tables }: Upsert): Promise<void> {
  const { rows } = await tx.$client.query(
    `SELECT FROM ${MATCHES} GROUP BY import_row HAVING count(*) > 1 LIMIT 1`,
  );
  if (rows.length > 0)
    throw new Error(
      `Table "${tables.at(-1)!.target.table}" has several rows with the same ${key.join(', ')}; its unique index must have been dropped`,
    );
}

/** @returns how many records had a later one with their key */
async function dropSuperseded(tx: Tx, { key, tables }: Upsert): Promise<number> {
  const { staged } = tables.at(-1)!;
  const same = key.map((column) => `l.${name(column)} = s.${name(column)}`).join(' AND ');
  const { rowCount } = await tx.$client.query(
    `DELETE FROM ${staged} AS s
      USING (SELECT ${columnList(key)}, max(import_row) AS import_row FROM ${staged} GROUP BY ${columnList(key)} HAVING count(*) > 1) AS l
      WHERE ${same} AND s.import_row < l.import_row`,
  );
  return rowCount ?? 0;
}

/** What is left is to be inserted. */
async function dropMatched(tx: Tx, { tables }: Upsert): Promise<void> {
  const main = tables.at(-1)!.staged;
  await tx.$client.query(
    `DELETE FROM ${main} AS s WHERE EXISTS (SELECT FROM ${MATCHES} AS m WHERE m.import_row = s.import_row)`,
  );
  for (const { staged } of tables.slice(0, -1))
    await tx.$client.query(
      `DELETE FROM ${staged} AS l WHERE NOT EXISTS (SELECT FROM ${main} AS s WHERE s.import_row = l.import_row)`,
    );
}

/**
 * Updates rows one after the other, in the order of the file, or so that it comes out the same: when it is known who takes and
 * who leaves which key, a row that takes one which is left later is refused before, and the others may come in any order.
 */
async function updateChanged(tx: Tx, upsert: Comparable): Promise<void> {
  const changed = `(SELECT import_row FROM ${MATCHES} WHERE changed)`;
  const range = await rangeOf(tx, `${changed} AS c`);
  if (range === undefined) return;
  const { links, main } = updates(upsert);
  const single = (row: string): string[] => {
    const one = `m.changed AND m.import_row = ${row}`;
    return [
      ...links.map((statement) => `${statement} AND ${one}`),
      `${main} AND ${one}`,
      `IF NOT FOUND THEN RAISE 'a trigger of the table leaves the row as it was'; END IF`,
    ];
  };
  const known = await refuseCertain(tx, upsert);
  // Ranges and single rows are found by an index.
  const index = async (): Promise<void> => {
    for (const { staged } of upsert.tables) await tx.$client.query(`CREATE INDEX ON ${staged} (import_row)`);
  };
  if (known === 'order matters') await index();
  const whole = (each: RowRange): Promise<void> =>
    known === 'order matters'
      ? applyInOrder(tx, changedIn(each), single)
      : updateRange(tx, links, main, each);
  const done = await trySavepoint(tx, async () => {
    if (known !== 'order matters') await setRivalsAside(tx, known);
    await whole(range);
  });
  if (done) return;
  if (known !== 'order matters') await index();
  await bisect(tx, changed, range, { whole, single });
}

/** Refuses what is certain to be refused. @returns who moves to which key, as far as the order of updates may matter */
async function refuseCertain(tx: Tx, upsert: Comparable): Promise<readonly Moves[] | 'order matters'> {
  const rules = await readTableRules(
    tx,
    upsert.tables.map(({ target }) => target),
  );
  if (rules.some(({ changesUpdates }) => changesUpdates)) return 'order matters';
  const becoming = rowsThatChange(upsert);
  for (const [at, rows] of becoming.entries()) await refuseBrokenUpdates(tx, rows, rules[at]!);
  const main = rules.at(-1)!;
  const keys = keysSet(becoming.at(-1)!, main);
  const linkedKeys = rules.slice(0, -1).flatMap(({ uniques }) => uniques.filter(({ primary }) => !primary));
  // What others refer to must be there after each row, and after a statement only in the end.
  const isReferred = becoming.some(({ sets }, at) => rules[at]!.referred.some((column) => sets.has(column)));
  const areHidden = rules.some(({ hasHiddenKeys }) => hasHiddenKeys);
  if (isReferred || areHidden || linkedKeys.length > 0 || !keys.every((key) => canAskFor(key, main)))
    return 'order matters';
  const moves = await findMoves(tx, becoming.at(-1)!, main, keys);
  if (moves === undefined) return 'order matters';
  await refuseHeld(tx, moves);
  return moves;
}

/** In the order of the tables. Linked rows that are added are not among them. */
function rowsThatChange({ key, parts, tables, collated }: Comparable): Becoming[] {
  const main = qualifiedName(parts.main);
  const from = (at: number, row: string): string =>
    `FROM ${MATCHES} AS m LEFT JOIN ${tables[at]!.staged} AS s ON s.import_row = m.import_row ${row}`;
  const linked = parts.links.map((link, at): Becoming => ({
    ...link,
    sets: new Map(link.fields.map((field) => [field, `s.${name(field)}`])),
    from: `${from(at, `JOIN ${main} AS o ON o.id = m.id JOIN ${qualifiedName(link)} AS t ON t.id = o.${name(link.column)}`)}
      WHERE m.changed AND NOT m.relink_${at} AND ${differs(collated[at]!, link, 's', 't')}`,
  }));
  return [
    ...linked,
    {
      ...parts.main,
      sets: new Map(setsOf(key, parts)),
      from: `${from(tables.length - 1, `JOIN ${main} AS t ON t.id = m.id`)} WHERE m.changed`,
    },
  ];
}

/** What an update sets in the main table, from the staged row `s`, the row `t` and their match `m`: columns, and SQL. */
function setsOf(key: readonly string[], { main, links }: LandingParts): [column: string, value: string][] {
  const fields = main.fields.filter((field) => !key.includes(field));
  return [
    ...fields.map((field): [string, string] => [field, `s.${name(field)}`]),
    ...links.map(({ column }, at): [string, string] => [
      column,
      `CASE WHEN m.relink_${at} THEN s.${name(column)} ELSE t.${name(column)} END`,
    ]),
  ];
}

/** SQL: the changed rows of a range, in their order. */
function changedIn({ first, last }: RowRange): string {
  return `
    SELECT m.import_row FROM ${MATCHES} AS m
     WHERE m.changed AND m.import_row BETWEEN ${first} AND ${last} AND ${notRefused('m.import_row')} ORDER BY m.import_row`;
}

/** @throws NotWhole when a trigger left some of the rows as they were */
async function updateRange(
  tx: Tx,
  links: readonly string[],
  main: string,
  { first, last }: RowRange,
): Promise<void> {
  const range = `m.changed AND m.import_row BETWEEN ${first} AND ${last} AND ${notRefused('m.import_row')}`;
  for (const statement of links) await tx.$client.query(`${statement} AND ${range}`);
  const { rowCount } = await tx.$client.query(`${main} AND ${range}`);
  const { rows } = await tx.$client.query<{ count: string }>(
    `SELECT count(*) FROM ${MATCHES} AS m WHERE ${range}`,
  );
  if (rowCount !== Number(rows[0]!.count)) throw new NotWhole();
}

/** The statements, each ready for one more condition on `m`. */
function updates({ userId, key, parts, tables, collated }: Comparable): { links: string[]; main: string } {
  const { staged, target } = tables.at(-1)!;
  const main = qualifiedName(target);
  const user = userId === null ? 'NULL' : text(userId);
  const stamps = `updated_at = now(), updated_by = ${user}`;
  const links = parts.links.flatMap((link, at) => {
    const { staged: stagedLink, target: linkTarget } = tables[at]!;
    const from = `${MATCHES} AS m JOIN ${main} AS o ON o.id = m.id`;
    const inPlace = `
      UPDATE ${qualifiedName(link)} AS l SET ${link.fields.map((field) => `${name(field)} = sl.${name(field)}`).join(', ')}, ${stamps}
        FROM ${from} LEFT JOIN ${stagedLink} AS sl ON sl.import_row = m.import_row
       WHERE l.id = o.${name(link.column)} AND NOT m.relink_${at} AND ${differs(collated[at]!, link, 'sl', 'l')}`;
    const added = `
      INSERT INTO ${qualifiedName(link)} (${columnList([...linkTarget.columns, ...link.lacking])})
      SELECT ${[...linkTarget.columns.map((column) => `sl.${name(column)}`), ...link.lacking.map((field) => `l.${name(field)}`)].join(', ')}
        FROM ${from} JOIN ${stagedLink} AS sl ON sl.import_row = m.import_row
        LEFT JOIN ${qualifiedName(link)} AS l ON l.id = o.${name(link.column)}
       WHERE m.relink_${at}`;
    return [inPlace, added];
  });
  const sets = [...setsOf(key, parts).map(([column, value]) => `${name(column)} = ${value}`), stamps];
  return {
    links,
    main: `
      UPDATE ${main} AS t SET ${sets.join(', ')}
        FROM ${MATCHES} AS m JOIN ${staged} AS s ON s.import_row = m.import_row
       WHERE t.id = m.id`,
  };
}

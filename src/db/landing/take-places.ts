// Chunks of an import land side by side, so a record may find its key taken by a later one of the same file, whose chunk was quicker.
// The first in file order stands: it takes the place of the later ones, which are refused in its stead.
//
// Not moved are rows that somebody has changed since, or refers to: they are in use. Of keys that cannot be asked for (nulls that
// are alike, keys of single partitions, keys that a trigger makes up) the quicker record keeps its place.
import pg from 'pg';
import type { LandingParts } from '../../core/dataset/tables/landing-parts.ts';
import { foreignKeysTo, refersTo } from '../datasets/foreign-keys.ts';
import { readTableRules, type TableRules, type UniqueRule } from '../datasets/table-rules.ts';
import { SQLSTATE } from '../errors.ts';
import { identifier as name, qualifiedName, tableName } from '../identifiers.ts';
import { importChunks } from '../schema/imports.ts';
import type { Tx } from '../transaction.ts';
import { indexRows, insertInto } from './land-staged.ts';
import { isStagedExisting, noteVersions } from './existing/insert-noting.ts';
import {
  candidatesExisting,
  findRivalsExisting,
  laterExisting,
  takePlaceExisting,
  type PlaceTables,
} from './existing/take-places-existing.ts';
import { tryAsking } from './refusals/bisect-rows.ts';
import { keysOf, meet, takenFacts, withKeys } from './refusals/find-refused.ts';
import { applySingly, countRefused, readRefused, REFUSED, type RefusedRow } from './refusals/refused-rows.ts';
import type { StagedTable } from './stage-rows.ts';

/** Whose places may be taken. */
export interface ImportPlaces {
  readonly importId: string;
  /** In the order of the batch's tables. */
  readonly parts: LandingParts;
  /** The rows of a retry are in its chunks in any order. */
  readonly isRetry: boolean;
}

/** Refused records and the rows of the import that have their keys: `("row", id, code, message, detail, "constraint", columns)`. */
const RIVALS = 'pg_temp.sluice_rivals';
/** The records that have lost their place; as REFUSED. */
const DISPLACED = 'pg_temp.sluice_displaced';

/** A record whose place is taken at this moment by another chunk is looked for again; the others then have had their turn. */
const MOST_ROUNDS = 5;

/**
 * To be called when the batch has landed and what was refused is recorded. Lands those of the refused whose keys only later rows of
 * the import have, and takes these out; records of the batch itself among them are recorded as refused.
 * @returns the records of other chunks that were taken out, ascending
 */
export async function takePlaces(
  tx: Tx,
  tables: readonly StagedTable[],
  places: ImportPlaces,
): Promise<RefusedRow[]> {
  if (!(await mayHaveRivals(tx, places))) return [];
  const main = tables.at(-1)!;
  await tx.$client.query(
    `CREATE TEMP TABLE sluice_rivals ON COMMIT DROP AS
       SELECT "row", NULL::uuid AS id, code, message, detail, "constraint", columns FROM ${REFUSED} WITH NO DATA;
     CREATE INDEX ON ${RIVALS} ("row");
     CREATE TEMP TABLE sluice_displaced (LIKE ${REFUSED} INCLUDING INDEXES) ON COMMIT DROP`,
  );
  await indexRows(tx, tables);
  const isLater = isStagedExisting(main)
    ? await laterExisting(tx, main, places.importId)
    : await laterRow(tx, tables, places);
  const candidates = isStagedExisting(main)
    ? candidatesExisting(main, isLater, PLACE_TABLES)
    : candidatesOf(main, isLater);
  const takes = isStagedExisting(main)
    ? takePlaceExisting(main, isLater, PLACE_TABLES)
    : takePlace(tables, places, isLater);
  const rules = await readTableRules(
    tx,
    tables.map(({ target }) => target),
  );
  for (let round = 0, taken = -1; round < MOST_ROUNDS && (taken !== 0 || round === 1); round++) {
    await findRivals(tx, tables, rules, places);
    const { rowCount } = await tx.$client.query(`${candidates} LIMIT 1`);
    if (rowCount === 0) break;
    const before = await countRefused(tx);
    await applySingly(tx, candidates, takes);
    taken = before - (await countRefused(tx));
  }
  if (isStagedExisting(main)) await noteVersions(tx, main);
  const own = `EXISTS (SELECT FROM ${main.staged} AS s WHERE s.import_row = d."row")`;
  await tx.$client.query(
    `INSERT INTO ${REFUSED} SELECT * FROM ${DISPLACED} AS d WHERE ${own};
     DELETE FROM ${DISPLACED} AS d WHERE ${own}`,
  );
  const displaced = await readRefused(tx, 0, Number.MAX_SAFE_INTEGER, DISPLACED);
  await tx.$client.query(`DROP TABLE ${RIVALS}, ${DISPLACED}`);
  return displaced;
}

const KEY_TAKEN = `('${SQLSTATE.uniqueViolation}', '${SQLSTATE.exclusionViolation}')`;

const PLACE_TABLES: PlaceTables = { rivals: RIVALS, displaced: DISPLACED, keyTaken: KEY_TAKEN };

/** Whether rows were refused because of keys, and later rows of the import are there. */
async function mayHaveRivals(tx: Tx, { importId, isRetry }: ImportPlaces): Promise<boolean> {
  const { rows } = await tx.$client.query<{ may: boolean }>(
    `SELECT EXISTS (
       SELECT FROM (SELECT min("row") AS first FROM ${REFUSED} WHERE code IN ${KEY_TAKEN}) AS taken
         JOIN ${tableName(importChunks)} c ON c.first_row > taken.first OR $2 AND taken.first IS NOT NULL
        WHERE c.import_id = $1 AND c.status = 'done' AND c.loaded > 0) AS may`,
    [importId, isRetry],
  );
  return rows[0]!.may;
}

/** Looks for the rows of the import that have a key of a refused record. That others have one shows when it is to take the place. */
async function findRivals(
  tx: Tx,
  tables: readonly StagedTable[],
  rules: readonly TableRules[],
  { importId, parts }: ImportPlaces,
): Promise<void> {
  await tx.$client.query(`TRUNCATE ${RIVALS}`);
  const last = tables.at(-1)!;
  const main = qualifiedName(last.target);
  if (isStagedExisting(last)) await findRivalsExisting(tx, last, rules.at(-1)!, importId, PLACE_TABLES);
  for (const [at, table] of isStagedExisting(last) ? [] : tables.entries()) {
    const link = parts.links[at];
    const uniques = rules[at]!.uniques.filter(({ columns }) =>
      columns.every((column) => table.target.columns.includes(column)),
    );
    for (const unique of uniques) {
      // What an id that we have made ourselves meets is nobody's record.
      if (unique.primary) continue;
      const of = link === undefined ? 't' : 'm';
      const join = link === undefined ? '' : `LEFT JOIN ${main} AS m ON m.${name(link.column)} = t.id`;
      const isOurs = `t.import_id = ${pg.escapeLiteral(importId)}`;
      await tryAsking(tx, `${rivals(table, unique, of, join)} WHERE ${isOurs}`);
    }
  }
  await tx.$client.query(`ANALYZE ${RIVALS}`);
}

function rivals({ target, staged }: StagedTable, unique: UniqueRule, of: string, join: string): string {
  const taken = withKeys(unique, target.table, qualifiedName(target), ['id', 'import_id']);
  return `
    INSERT INTO ${RIVALS}
      SELECT s.import_row, ${of}.id, ${takenFacts(unique, keysOf(unique, 't'), keysOf(unique, 's'))}
        FROM ${withKeys(unique, target.table, staged, ['import_row'])} AS s
        JOIN ${REFUSED} AS refused ON refused."row" = s.import_row AND refused.code IN ${KEY_TAKEN}
       CROSS JOIN LATERAL (SELECT t.* FROM ${taken} AS t WHERE ${meet(unique, 't', 's')} OFFSET 0) AS t
        ${join}`;
}

/** SQL: whether the row `m` is a later one of the import than the record `row`, and not in use. */
type IsLater = (row: string) => string;

async function laterRow(
  tx: Tx,
  tables: readonly StagedTable[],
  { importId, parts }: ImportPlaces,
): Promise<IsLater> {
  const ours = (alias: string): string => `${alias}.import_id = ${pg.escapeLiteral(importId)}`;
  const main = tables.at(-1)!.target;
  const keys = await foreignKeysTo(tx, main);
  const conditions = keys
    // At the end of the statement the record that takes the place stands for the key.
    .filter(({ isToItself, checksAtEnd }) => !isToItself || !checksAtEnd)
    .map((key) => `NOT ${refersTo(key, 'm', key.isToItself ? 'r.id <> m.id' : 'true')}`);
  for (const { column, ...linked } of parts.links) {
    const isUsed = (await foreignKeysTo(tx, linked)).map((key) =>
      refersTo(key, 'l', key.table === main.table && key.schema === main.schema ? 'r.id <> m.id' : 'true'),
    );
    conditions.push(
      `NOT EXISTS (SELECT FROM ${qualifiedName(linked)} AS l
                    WHERE l.id = m.${name(column)} AND ${ours('l')} AND (${['l.updated_at <> l.created_at', ...isUsed].join(' OR ')}))`,
    );
  }
  return (row) =>
    [ours('m'), `m.import_row > ${row}`, 'm.updated_at = m.created_at', ...conditions].join(' AND ');
}

/** SQL: the refused records of which every rival in the import is a later row. */
function candidatesOf({ target }: StagedTable, isLater: IsLater): string {
  return `
    SELECT v."row" FROM ${RIVALS} AS v
      LEFT JOIN ${qualifiedName(target)} AS m ON m.id = v.id AND ${isLater('v."row"')}
     GROUP BY v."row" HAVING bool_and(m.id IS NOT NULL) ORDER BY v."row"`;
}

/**
 * The statements that put a record in the place of its rivals; they fail when it is refused all the same. One statement for all
 * tables: references are looked at when it ends. The counts make sure that rows go before others come.
 */
function takePlace(
  tables: readonly StagedTable[],
  { importId, parts }: ImportPlaces,
  isLater: IsLater,
): (row: string) => string[] {
  const main = tables.at(-1)!;
  const after = (what: string): string => `(SELECT count(*) FROM ${what}) >= 0`;
  return (row) => {
    const links = parts.links.map(
      (link, at) => `
        unlinked_${at} AS (
          DELETE FROM ${qualifiedName(link)} AS l USING taken
           WHERE l.id = taken.${name(link.column)} AND l.import_id = ${pg.escapeLiteral(importId)} AND l.import_row = taken.import_row
          RETURNING l.id),
        linked_${at} AS (${insertInto(tables[at]!)} WHERE s.import_row = ${row} AND ${after(`unlinked_${at}`)}),`,
    );
    return [
      `WITH taken AS (
         DELETE FROM ${qualifiedName(main.target)} AS m USING ${RIVALS} AS v
          WHERE v."row" = ${row} AND m.id = v.id AND ${isLater(row)} RETURNING m.*),
       noted AS (
         INSERT INTO ${DISPLACED}
         SELECT taken.import_row, v.code, v.message, v.detail, v."constraint", v.columns
           FROM taken JOIN ${RIVALS} AS v ON v."row" = ${row} AND v.id = taken.id ON CONFLICT DO NOTHING),
       ${links.join('')}
       placed AS (${insertInto(main)} WHERE s.import_row = ${row} AND ${after('taken')} RETURNING 1)
       DELETE FROM ${REFUSED} AS refused WHERE refused."row" = ${row} AND EXISTS (SELECT FROM placed)`,
      `IF NOT FOUND THEN RAISE 'a trigger of the table leaves the row out'; END IF`,
    ];
  };
}

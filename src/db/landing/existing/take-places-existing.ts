// The first in file order stands (take-places.ts), in a table that exists: a record takes the place of later ones of its import.
import pg from 'pg';
import { foreignKeysTo, refersTo } from '../../datasets/foreign-keys.ts';
import { isSameRow, sideKeys } from '../../datasets/existing-tables.ts';
import type { TableRules } from '../../datasets/table-rules.ts';
import { identifier as name, qualifiedName } from '../../identifiers.ts';
import type { Tx } from '../../transaction.ts';
import { keysOf, meet, takenFacts, withKeys } from '../refusals/find-refused.ts';
import { tryAsking } from '../refusals/bisect-rows.ts';
import { REFUSED } from '../refusals/refused-rows.ts';
import { insertNoting, type StagedExisting } from './insert-noting.ts';

/** Tables of `takePlaces`, SQL. */
export interface PlaceTables {
  readonly rivals: string;
  readonly displaced: string;
  /** SQLSTATEs of a key that is taken, as a list. */
  readonly keyTaken: string;
}

/** SQL of a table: the rows with who brought them; `sluice_changed`: somebody has changed the row since. */
function withOrigin({ target, provenance }: StagedExisting): string {
  return `(SELECT t.*, p.id AS sluice_id, p.import_id, p.import_row, p.version AS sluice_version, p.version IS DISTINCT FROM t.xmin AS sluice_changed
             FROM ${qualifiedName(target)} AS t JOIN ${provenance.table} AS p ON ${isSameRow(provenance, 'p', 't')})`;
}

/** Looks for the rows of the import that have a key of a refused record. */
export async function findRivalsExisting(
  tx: Tx,
  main: StagedExisting,
  { uniques }: TableRules,
  importId: string,
  { rivals, keyTaken }: PlaceTables,
): Promise<void> {
  for (const unique of uniques) {
    if (!unique.columns.every((column) => main.target.columns.includes(column))) continue;
    const taken = withKeys(unique, main.target.table, withOrigin(main), ['sluice_id', 'import_id']);
    await tryAsking(
      tx,
      `INSERT INTO ${rivals}
         SELECT s.import_row, t.sluice_id, ${takenFacts(unique, keysOf(unique, 't'), keysOf(unique, 's'))}
           FROM ${withKeys(unique, main.target.table, main.staged, ['import_row'])} AS s
           JOIN ${REFUSED} AS refused ON refused."row" = s.import_row AND refused.code IN ${keyTaken}
          CROSS JOIN LATERAL (SELECT t.* FROM ${taken} AS t WHERE ${meet(unique, 't', 's')} OFFSET 0) AS t
          WHERE t.import_id = ${pg.escapeLiteral(importId)}`,
    );
  }
}

/** SQL: whether the row `m` is a later one of the import than the record `row`, and not in use. */
export async function laterExisting(
  tx: Tx,
  { target }: StagedExisting,
  importId: string,
): Promise<(row: string) => string> {
  const keys = await foreignKeysTo(tx, target);
  const unused = keys
    // At the end of the statement the record that takes the place stands for the key.
    .filter(({ isToItself, checksAtEnd }) => !isToItself || !checksAtEnd)
    .map((key) => `NOT ${refersTo(key, 'm')}`);
  return (row) =>
    [
      `m.import_id = ${pg.escapeLiteral(importId)}`,
      `m.import_row > ${row}`,
      'NOT m.sluice_changed',
      ...unused,
    ].join(' AND ');
}

/** SQL: the refused records of which every rival in the import is a later row. */
export function candidatesExisting(
  main: StagedExisting,
  isLater: (row: string) => string,
  { rivals }: PlaceTables,
): string {
  return `
    SELECT v."row" FROM ${rivals} AS v
      LEFT JOIN ${withOrigin(main)} AS m ON m.sluice_id = v.id AND ${isLater('v."row"')}
     GROUP BY v."row" HAVING bool_and(m.sluice_id IS NOT NULL) ORDER BY v."row"`;
}

/**
 * The statements that put a record in the place of its rivals; they fail when it is refused all the same. A row that somebody changes
 * at this moment has another version then, and is not deleted. The counts make sure that rows go before others come.
 */
export function takePlaceExisting(
  main: StagedExisting,
  isLater: (row: string) => string,
  { rivals, displaced }: PlaceTables,
): (row: string) => string[] {
  const { target, provenance } = main;
  const keys = provenance.key.map((column, at) => `m.${name(column)} AS ${sideKeys(provenance)[at]}`);
  return (row) => {
    const { inserted, noted } = insertNoting(
      main,
      `s.import_row = ${row} AND (SELECT count(*) FROM taken) >= 0 AND (SELECT count(*) FROM untold) >= 0`,
      { isSingle: true },
    );
    return [
      `WITH later AS (
         SELECT m.sluice_id, m.import_row, m.sluice_version, ${keys.join(', ')}
           FROM ${withOrigin(main)} AS m JOIN ${rivals} AS v ON v."row" = ${row} AND v.id = m.sluice_id
          WHERE ${isLater(row)}),
       taken AS (
         DELETE FROM ${qualifiedName(target)} AS t USING later
          WHERE ${isSameRow(provenance, 'later', 't')} AND t.xmin = later.sluice_version
         RETURNING later.sluice_id, later.import_row),
       untold AS (DELETE FROM ${provenance.table} AS p USING taken WHERE p.id = taken.sluice_id RETURNING 1),
       noted AS (
         INSERT INTO ${displaced}
         SELECT taken.import_row, v.code, v.message, v.detail, v."constraint", v.columns
           FROM taken JOIN ${rivals} AS v ON v."row" = ${row} AND v.id = taken.sluice_id ON CONFLICT DO NOTHING),
       ${inserted},
       placed AS (${noted} RETURNING 1)
       DELETE FROM ${REFUSED} AS refused WHERE refused."row" = ${row} AND EXISTS (SELECT FROM placed)`,
      `IF NOT FOUND THEN RAISE 'a trigger of the table leaves the row out'; END IF`,
    ];
  };
}

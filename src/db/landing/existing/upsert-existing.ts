// Upsert into a table that exists: rows that are there are found by the dataset's key, and changed where the file says otherwise.
// Rows that nobody has imported get a place beside the table when a file meets them, so that they can be named from then on.
import { fileFields } from '../../../core/dataset/tables/landing-parts.ts';
import type { PublishedCounts } from '../../../core/imports/import-counts.ts';
import { PROVENANCE_COLUMNS } from '../../../core/dataset/tables/provenance-columns.ts';
import { isSameRow, sideKeys, type Provenance } from '../../datasets/existing-tables.ts';
import { columnList, identifier as name, qualifiedName, tableName } from '../../identifiers.ts';
import type { ImportRow } from '../../imports/imports.ts';
import { importMatches } from '../../schema/imported-rows.ts';
import type { Tx } from '../../transaction.ts';
import { nameDomainColumns } from './name-domains.ts';
import { countLanded, landStaged } from '../land-staged.ts';
import { bisect, NotWhole, rangeOf, trySavepoint, type RowRange } from '../refusals/bisect-rows.ts';
import { notRefused, openRefused } from '../refusals/refused-rows.ts';
import type { StagedExisting } from './insert-noting.ts';

export interface ExistingUpsert {
  readonly importId: string;
  /** The user; becomes `updated_by` beside the table. */
  readonly userId: string | null;
  /** Columns by which the records find their rows. */
  readonly key: readonly string[];
  /** Columns of the table that the file has. */
  readonly fields: readonly string[];
  readonly main: StagedExisting;
}

/** Staged records whose key has a row: `(import_row, key_1 …, changed)`. */
const MATCHES = 'pg_temp.sluice_matches';

/**
 * Works within the caller's transaction, on a table that nobody else may write. Rows of the staging table are used up.
 * @returns what it did; refused rows are recorded (refused-rows.ts)
 * @throws Error when the key is not unique in the table
 */
export async function upsertExisting(
  tx: Tx,
  upsert: ExistingUpsert,
): Promise<Omit<PublishedCounts, 'deleted'>> {
  const { main } = upsert;
  await openRefused(tx);
  await tx.$client.query(
    `CREATE TEMP TABLE sluice_matches ON COMMIT DROP AS ${await matchesOfExisting(tx, upsert)};
     CREATE INDEX ON ${MATCHES} (import_row); ANALYZE ${MATCHES}`,
  );
  await requireOneRow(tx, upsert);
  const superseded = await dropSuperseded(tx, upsert);
  await updateChanged(tx, upsert);
  await nameDomainColumns(tx, main);
  await followKeys(tx, upsert);
  await noteMatched(tx, upsert);
  await tx.$client.query(
    `DELETE FROM ${main.staged} AS s USING ${MATCHES} AS m WHERE m.import_row = s.import_row`,
  );
  await landStaged(tx, [main]);
  const inserted = await countLanded(tx, [main]);
  const { rows } = await tx.$client.query<{ updated: string; unchanged: string }>(
    `SELECT count(*) FILTER (WHERE changed) AS updated, count(*) FILTER (WHERE NOT changed) AS unchanged
       FROM ${MATCHES} AS m WHERE ${notRefused('m.import_row')}`,
  );
  return { inserted, updated: Number(rows[0]!.updated), unchanged: Number(rows[0]!.unchanged), superseded };
}

/** SQL: the last record of each key that has a row, the row's own key, and whether it says something else. */
export async function matchesOfExisting(tx: Tx, { key, fields, main }: ExistingUpsert): Promise<string> {
  const { staged, target, provenance } = main;
  const compared = await comparedAs(tx, main);
  const differ = fields
    .filter((field) => !key.includes(field))
    .map((field) => {
      const as = compared.get(field) ?? '';
      return `s.${name(field)}${as} IS DISTINCT FROM t.${name(field)}${as}`;
    });
  const own = provenance.key.map((column, at) => `t.${name(column)} AS key_${at + 1}`);
  return `
    SELECT s.import_row, ${own.join(', ')}, ${differ.join(' OR ') || 'false'} AS changed
      FROM (SELECT max(import_row) AS import_row FROM ${staged} GROUP BY ${columnList(key)}) AS last
      JOIN ${staged} AS s ON s.import_row = last.import_row
      JOIN ${qualifiedName(target)} AS t ON ${key.map((column) => `t.${name(column)} = s.${name(column)}`).join(' AND ')}`;
}

/** Text is compared by its characters, whatever its collation says; json, which has no equality, by its text. */
async function comparedAs(tx: Tx, { target }: StagedExisting): Promise<Map<string, string>> {
  const { rows } = await tx.$client.query<{ column: string; isText: boolean }>(
    `SELECT a.attname AS column, a.attcollation <> 0 AS "isText"
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = $1::regclass AND a.attnum > 0
        AND (a.attcollation <> 0 OR NOT EXISTS (
               SELECT FROM pg_operator o WHERE o.oprname = '=' AND o.oprleft = a.atttypid AND o.oprright = a.atttypid)
             AND t.typtype = 'b' AND t.typcategory <> 'A')`,
    [qualifiedName(target)],
  );
  return new Map(rows.map(({ column, isText }) => [column, isText ? '::text COLLATE "C"' : '::text']));
}

/** @throws Error when a record meets two rows */
async function requireOneRow(tx: Tx, { key, main }: ExistingUpsert): Promise<void> {
  const { rows } = await tx.$client.query(
    `SELECT FROM ${MATCHES} GROUP BY import_row HAVING count(*) > 1 LIMIT 1`,
  );
  if (rows.length > 0)
    throw new Error(
      `Table "${main.target.table}" has several rows with the same ${key.join(', ')}; its unique index must have been dropped`,
    );
}

/** @returns how many records had a later one with their key */
async function dropSuperseded(tx: Tx, { key, main: { staged } }: ExistingUpsert): Promise<number> {
  const { rowCount } = await tx.$client.query(
    `DELETE FROM ${staged} AS s
      USING (SELECT ${columnList(key)}, max(import_row) AS import_row FROM ${staged} GROUP BY ${columnList(key)} HAVING count(*) > 1) AS l
      WHERE ${key.map((column) => `l.${name(column)} = s.${name(column)}`).join(' AND ')} AND s.import_row < l.import_row`,
  );
  return rowCount ?? 0;
}

/** All at once; when Postgres refuses one of them, smaller and smaller parts, in the order of the file. */
async function updateChanged(tx: Tx, upsert: ExistingUpsert): Promise<void> {
  const changed = `(SELECT import_row FROM ${MATCHES} WHERE changed)`;
  const range = await rangeOf(tx, `${changed} AS c`);
  if (range === undefined) return;
  const update = updateOf(upsert);
  const whole = ({ first, last }: RowRange): Promise<void> => updateWhole(tx, update, first, last);
  if (await trySavepoint(tx, () => whole(range))) return;
  await tx.$client.query(`CREATE INDEX ON ${upsert.main.staged} (import_row)`);
  const single = (row: string): string[] => [
    `${update} AND m.import_row = ${row}`,
    `IF NOT FOUND THEN RAISE 'a trigger of the table leaves the row as it was'; END IF`,
  ];
  await bisect(tx, changed, range, { whole, single });
}

async function updateWhole(tx: Tx, update: string, first: number, last: number): Promise<void> {
  const range = `m.import_row BETWEEN ${first} AND ${last} AND ${notRefused('m.import_row')}`;
  const { rowCount } = await tx.$client.query(`${update} AND ${range}`);
  const { rows } = await tx.$client.query<{ count: string }>(
    `SELECT count(*) FROM ${MATCHES} AS m WHERE m.changed AND ${range}`,
  );
  if (rowCount !== Number(rows[0]!.count)) throw new NotWhole();
}

/** The statement, ready for one more condition on `m`. */
function updateOf({ key, fields, main }: ExistingUpsert): string {
  const { target, staged, provenance } = main;
  const sets = fields
    .filter((field) => !key.includes(field))
    .map((field) => `${name(field)} = s.${name(field)}`);
  return `
    UPDATE ${qualifiedName(target)} AS t SET ${sets.join(', ')}
      FROM ${MATCHES} AS m JOIN ${staged} AS s ON s.import_row = m.import_row
     WHERE m.changed AND ${isSameRow(provenance, 'm', 't')}`;
}

/** Where the file has changed the key itself by which a row is known. */
async function followKeys(tx: Tx, { key, fields, main }: ExistingUpsert): Promise<void> {
  const { provenance, staged } = main;
  const sets = provenance.key.flatMap((column, at) =>
    fields.includes(column) && !key.includes(column) ? `key_${at + 1} = s.${name(column)}` : [],
  );
  if (sets.length === 0) return;
  const changed = `m.changed AND m.import_row = s.import_row AND ${notRefused('m.import_row')}`;
  await tx.$client.query(
    `UPDATE ${provenance.table} AS p SET ${sets.join(', ')}
       FROM ${MATCHES} AS m, ${staged} AS s WHERE ${sameKeys(provenance, 'p', 'm')} AND ${changed};
     UPDATE ${MATCHES} AS m SET ${sets.join(', ')} FROM ${staged} AS s WHERE ${changed}`,
  );
}

/** Beside the table: rows that were met get a place there, those that were changed say when and by whom. */
async function noteMatched(tx: Tx, { importId, userId, main }: ExistingUpsert): Promise<void> {
  const { provenance, staged, target } = main;
  const keys = sideKeys(provenance);
  await tx.$client.query(
    `INSERT INTO ${provenance.table} AS p (id, version, ${keys.join(', ')})
     SELECT s.${PROVENANCE_COLUMNS.id}, t.xmin, ${keys.map((key) => `m.${key}`).join(', ')}
       FROM ${MATCHES} AS m JOIN ${staged} AS s ON s.import_row = m.import_row
       JOIN ${qualifiedName(target)} AS t ON ${isSameRow(provenance, 'm', 't')}
      WHERE ${notRefused('m.import_row')}
     ON CONFLICT (${keys.join(', ')}) DO NOTHING`,
  );
  await tx.$client.query(
    `UPDATE ${provenance.table} AS p SET updated_at = now(), updated_by = $1
       FROM ${MATCHES} AS m WHERE m.changed AND ${sameKeys(provenance, 'p', 'm')} AND ${notRefused('m.import_row')}`,
    [userId],
  );
  await tx.$client.query(
    `INSERT INTO ${tableName(importMatches)} (import_id, row, id)
     SELECT $1, m.import_row, p.id FROM ${MATCHES} AS m JOIN ${provenance.table} AS p ON ${sameKeys(provenance, 'p', 'm')}
      WHERE ${notRefused('m.import_row')}`,
    [importId],
  );
}

function sameKeys(provenance: Provenance, a: string, b: string): string {
  return sideKeys(provenance)
    .map((key) => `${a}.${key} = ${b}.${key}`)
    .join(' AND ');
}

export function existingUpsertOf(imp: ImportRow, main: StagedExisting): ExistingUpsert {
  return {
    importId: imp.id,
    userId: imp.createdBy,
    key: imp.document.schema.primaryKey ?? [],
    fields: fileFields(imp.document, imp.columns),
    main,
  };
}

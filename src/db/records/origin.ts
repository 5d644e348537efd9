// Where a record comes from: the import that made it, those that have found or changed it since, and who.
import { tableName } from '../identifiers.ts';
import { users } from '../schema/access.ts';
import { importMatches } from '../schema/imported-rows.ts';
import { imports } from '../schema/imports.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import type { Queryable } from '../connection.ts';
import { isSameRow } from '../datasets/existing-tables.ts';
import type { Connection } from '../transaction.ts';
import { queryRows, type RecordKey } from './read-records.ts';
import { columnSql, mainSql } from './select-sql.ts';

/** An import that has made a record, or has found it by its key. */
export interface OriginImport {
  readonly importId: string;
  /** Null when the import is no longer known, or its file has no name. */
  readonly fileName: string | null;
  readonly entryName: string | null;
  /** The record's number in the file, from 1. */
  readonly row: number | null;
  readonly at: Date | null;
  readonly byId: string | null;
  readonly byName: string | null;
}

const COLUMNS = `i.file_name AS "fileName", i.entry_name AS "entryName", i.created_at AS at, i.created_by AS "byId", u.name AS "byName"`;
const FROM = `LEFT JOIN ${tableName(imports)} i ON i.id = x.id LEFT JOIN ${tableName(users)} u ON u.id = i.created_by`;

/** Who has brought a record, as its row says, or the table beside it. */
export interface Brought {
  readonly createdAt: string | null;
  readonly createdBy: string | null;
  readonly updatedAt: string | null;
  readonly updatedBy: string | null;
  readonly importId: string | null;
  readonly row: string | null;
  /** What `findMatches` knows it by. */
  readonly id: string | null;
}

const BROUGHT = ['created_at', 'created_by', 'updated_at', 'updated_by', 'import_id', 'import_row', 'id'];

/** @returns undefined when there is no such record. Of a row that Sluice has never touched all is null */
export async function findBrought(
  db: Connection,
  shape: RecordShape,
  key: RecordKey,
): Promise<Brought | undefined> {
  const { beside } = shape;
  const where = shape.key.map((column, at) => `${columnSql(column)} = $${at + 1}::${column.sqlType}`);
  // Of a row that Sluice has only met it is not known when it was made.
  const from =
    beside === undefined
      ? `${BROUGHT.map((column) => `t.${column}`).join(', ')} FROM ${mainSql(shape)}`
      : `CASE WHEN coalesce(p.import_id, p.created_by) IS NOT NULL THEN p.created_at END, p.created_by,
         CASE WHEN coalesce(p.import_id, p.created_by, p.updated_by) IS NOT NULL THEN p.updated_at END,
         ${BROUGHT.slice(3)
           .map((column) => `p.${column}`)
           .join(', ')}
         FROM ${mainSql(shape)} LEFT JOIN ${beside.table} AS p ON ${isSameRow(beside, 'p', 't')}`;
  const [row] = await queryRows(db.$client, {
    text: `SELECT ${from} WHERE ${where.join(' AND ')}`,
    values: key,
  });
  if (row === undefined) return undefined;
  const [createdAt = null, createdBy = null, updatedAt = null, updatedBy = null, importId = null] = row;
  return { createdAt, createdBy, updatedAt, updatedBy, importId, row: row[5] ?? null, id: row[6] ?? null };
}

/** The import that a record names as the one that made it. */
export async function findMaker(db: Queryable, importId: string, row: string | null): Promise<OriginImport> {
  const { rows } = await db.query<OriginImport & { row: string | null }>(
    `SELECT x.id AS "importId", $2::bigint AS row, ${COLUMNS} FROM (SELECT $1::uuid AS id) x ${FROM}`,
    [importId, row],
  );
  const [found] = rows;
  return { ...found!, row: row === null ? null : Number(row) };
}

/** Imports by upsert that have found the record, oldest first; 100 at most, the newest. */
export async function findMatches(db: Queryable, id: string): Promise<OriginImport[]> {
  const { rows } = await db.query<OriginImport & { row: string }>(
    `SELECT x.id AS "importId", x.row, ${COLUMNS}
       FROM (SELECT import_id AS id, row FROM ${tableName(importMatches)} WHERE id = $1 ORDER BY import_id DESC LIMIT 100) x ${FROM}
      ORDER BY x.id`,
    [id],
  );
  return rows.map((each) => ({ ...each, row: Number(each.row) }));
}

/** Names of users that are still there. */
export async function findUserNames(
  db: Queryable,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.query<{ id: string; name: string }>(
    `SELECT id, name FROM ${tableName(users)} WHERE id = ANY ($1::uuid[])`,
    [ids.filter((id) => id !== null)],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

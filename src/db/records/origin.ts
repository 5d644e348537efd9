// Where a record comes from: the import that made it, those that have found or changed it since, and who.
import { tableName } from '../identifiers.ts';
import { users } from '../schema/access.ts';
import { importMatches } from '../schema/imported-rows.ts';
import { imports } from '../schema/imports.ts';
import type { Queryable } from '../connection.ts';

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

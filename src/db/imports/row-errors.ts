import { and, asc, eq, sql } from 'drizzle-orm';
import type { RowError, RowErrorCode } from '../../core/imports/row-error.ts';
import type { Database } from '../client.ts';
import { importRowErrors } from '../schema/imports.ts';

const INSERT_BATCH = 1000;

/**
 * Stores a chunk's row errors as far as the import's cap leaves room; counts are kept elsewhere and stay exact.
 * Chunks with errors take turns here until they commit, so that the cap holds to the row.
 * @returns false when the other chunks had used up the cap
 */
export async function insertRowErrors(
  db: Database,
  importId: string,
  chunkNo: number,
  errors: readonly RowError[],
  cap: number,
): Promise<boolean> {
  if (errors.length === 0 || cap === 0) return cap > 0;
  await takeTurn(db, importId);
  const stored = await countRowErrors(db, importId);
  const rows = numbered(errors.slice(0, Math.max(0, cap - stored)));
  for (let at = 0; at < rows.length; at += INSERT_BATCH)
    await db.execute(sql`
      INSERT INTO ${importRowErrors} (import_id, chunk_no, row, no, line, line_end, column_index, column_name, code, constraint_name, value, message)
      SELECT ${importId}, ${chunkNo}, e.* FROM jsonb_to_recordset(${toJson(rows.slice(at, at + INSERT_BATCH))}) AS e (
        row bigint, no integer, line bigint, line_end bigint, column_index integer, column_name text, code text, constraint_name text,
        value text, message text)`);
  return stored < cap;
}

/** Waits until no other transaction stores row errors of the import, and keeps others waiting until the end of this one. */
export async function takeTurn(db: Database, importId: string): Promise<void> {
  await db.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${importId}, 1))`);
}

/** Those that are stored. */
export function countRowErrors(db: Database, importId: string): Promise<number> {
  return db.$count(importRowErrors, eq(importRowErrors.importId, importId));
}

function toJson(rows: readonly NumberedError[]): string {
  return JSON.stringify(
    rows.map(({ no, error }) => ({
      row: error.row,
      no,
      line: error.line,
      line_end: error.lineEnd ?? null,
      column_index: error.column?.index ?? null,
      column_name: error.column?.name ?? null,
      code: error.code,
      constraint_name: error.constraint ?? null,
      value: error.value,
      message: error.message,
    })),
  );
}

interface NumberedError {
  readonly no: number;
  readonly error: RowError;
}

/** Gives the errors of one record the numbers 0, 1, …; errors come sorted by row. */
function numbered(errors: readonly RowError[]): NumberedError[] {
  let before: RowError | undefined;
  let no = 0;
  return errors.map((error) => {
    no = error.row === before?.row && error.line === before.line ? no + 1 : 0;
    before = error;
    return { no, error };
  });
}

export interface RowErrorFilter {
  readonly code?: RowErrorCode;
  readonly column?: string;
}

/** Where a page ended. */
export interface RowErrorCursor {
  readonly row: number;
  readonly line: number;
  readonly no: number;
}

/** A page in file order. */
export async function listRowErrors(
  db: Database,
  importId: string,
  filter: RowErrorFilter,
  page: { limit: number; after?: RowErrorCursor },
): Promise<{ errors: RowError[]; next: RowErrorCursor | null }> {
  const t = importRowErrors;
  const rows = await db
    .select()
    .from(t)
    .where(
      and(
        eq(t.importId, importId),
        filter.code ? eq(t.code, filter.code) : undefined,
        filter.column ? eq(t.columnName, filter.column) : undefined,
        page.after &&
          sql`(${t.row}, ${t.line}, ${t.no}) > (${page.after.row}, ${page.after.line}, ${page.after.no})`,
      ),
    )
    .orderBy(asc(t.row), asc(t.line), asc(t.no))
    .limit(page.limit + 1);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    errors: shown.map(toRowError),
    next:
      rows.length > page.limit && last !== undefined ? { row: last.row, line: last.line, no: last.no } : null,
  };
}

export async function deleteRowErrors(db: Database, importId: string): Promise<void> {
  await db.delete(importRowErrors).where(eq(importRowErrors.importId, importId));
}

function toRowError(row: typeof importRowErrors.$inferSelect): RowError {
  return {
    row: row.row,
    line: row.line,
    ...(row.lineEnd === null ? {} : { lineEnd: row.lineEnd }),
    column: row.columnIndex === null ? null : { index: row.columnIndex, name: row.columnName ?? '' },
    code: row.code,
    ...(row.constraintName === null ? {} : { constraint: row.constraintName }),
    value: row.value,
    message: row.message,
  };
}

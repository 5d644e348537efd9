// Stored files become imports: each a task and an import, and all of a call or none.
import { sql } from 'drizzle-orm';
import pg from 'pg';
import { isSmall } from '../../core/imports/small-import.ts';
import { IMPORT } from '../../core/tasks/task-kinds.ts';
import { importChunks, imports, tasks } from '../schema.ts';
import { inTransaction, type Connection, type Tx } from '../transaction.ts';
import { SMALL_IMPORTS_CHANNEL } from './small-imports.ts';

/** What is known of an import when it is recorded; the rest becomes known later. Made by `newImportRow` (intake/new-import-row.ts). */
export type NewImport = Pick<
  typeof imports.$inferSelect,
  | 'id'
  | 'dataset'
  | 'document'
  | 'fileName'
  | 'entryName'
  | 'storageKey'
  | 'content'
  | 'bytes'
  | 'sha256'
  | 'encoding'
  | 'hadBom'
  | 'dialect'
  | 'columns'
  | 'mapping'
  | 'headerFingerprint'
  | 'undecodable'
  | 'dataStart'
  | 'dataLine'
  | 'dataEnd'
  | 'mode'
  | 'onError'
  | 'maxErrors'
  | 'dryRun'
  | 'commitOf'
  | 'ifDuplicate'
  | 'parentId'
  | 'rootId'
  | 'rerunOf'
  | 'createdBy'
>;

export interface RecordedImport {
  readonly id: string;
  /** See `newestDuplicate`. */
  readonly duplicateOf: string | null;
  readonly createdAt: Date;
}

/**
 * Records imports in a transaction of their own, in the order given. Of equal files that are recorded at the same time one waits for
 * the other, so that the second knows the first; of a call's own files none knows another, so no two of them may be equal.
 * @param together what else becomes true with them, or prevents them by throwing
 */
export async function recordImports(
  db: Connection,
  rows: readonly NewImport[],
  together?: (tx: Tx, recorded: readonly RecordedImport[]) => Promise<void>,
): Promise<RecordedImport[]> {
  return inTransaction(
    db,
    async (tx) => {
      const recorded = await insertImports(tx, rows);
      await together?.(tx, recorded);
      return recorded;
    },
    lockFiles(rows),
  );
}

/** In one order, so that two calls with the same files do not wait for each other. */
function lockFiles(rows: readonly NewImport[]): string {
  const files = rows.map(({ dataset, sha256 }) => pg.escapeLiteral(`${dataset}/${sha256}`));
  return `
    SELECT pg_advisory_xact_lock(key)
      FROM (SELECT DISTINCT hashtextextended(file, 0) AS key FROM unnest(ARRAY[${files.join(', ')}]) AS file ORDER BY 1) AS keys`;
}

async function insertImports(tx: Tx, rows: readonly NewImport[]): Promise<RecordedImport[]> {
  const texts = rows.map((row) => ({
    ...row,
    small: isSmall(row),
    content: row.content?.toString('base64') ?? null,
  }));
  const { rows: recorded } = await tx.execute<{
    id: string;
    duplicateOf: string | null;
    createdAt: string;
  }>(sql`
    WITH file AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(texts)}::jsonb) AS file (
        "id" uuid, "small" boolean, "dataset" text, "document" jsonb, "fileName" text, "entryName" text, "storageKey" text,
        "content" text, "bytes" bigint, "sha256" text, "encoding" text, "hadBom" boolean, "dialect" jsonb, "columns" jsonb,
        "mapping" jsonb, "headerFingerprint" text, "undecodable" jsonb, "dataStart" bigint, "dataLine" bigint, "dataEnd" bigint,
        "mode" text, "onError" text, "maxErrors" text, "dryRun" boolean, "commitOf" uuid, "ifDuplicate" text,
        "parentId" uuid, "rootId" uuid, "rerunOf" uuid, "createdBy" uuid)),
    task AS (
      INSERT INTO ${tasks} (id, name, args, small, dispatched_at, created_by)
      SELECT "id", ${IMPORT.name}, jsonb_build_object('dataset', "dataset", 'fileName', "fileName"), "small", now(), "createdBy" FROM file),
    bell AS (SELECT pg_notify(${SMALL_IMPORTS_CHANNEL}, '') FROM file WHERE "small" LIMIT 1),
    import AS (
      INSERT INTO ${imports} (
        id, dataset, document, file_name, entry_name, storage_key, content, bytes, sha256, encoding, had_bom, dialect, columns,
        mapping, header_fingerprint, undecodable, data_start, data_line, data_end,
        mode, on_error, max_errors, dry_run, commit_of, if_duplicate, duplicate_of, parent_id, root_id, rerun_of, created_by)
      SELECT "id", "dataset", "document", "fileName", "entryName", "storageKey", decode("content", 'base64'), "bytes", "sha256",
        "encoding", "hadBom", "dialect", "columns", "mapping", "headerFingerprint", "undecodable", "dataStart", "dataLine", "dataEnd",
        "mode", "onError", "maxErrors", "dryRun", "commitOf", "ifDuplicate", (${newestDuplicate()}), "parentId", "rootId", "rerunOf", "createdBy"
        FROM file
      RETURNING id, duplicate_of, created_at)
    SELECT id, duplicate_of AS "duplicateOf", created_at AS "createdAt" FROM import, (SELECT count(*) FROM bell) AS rung`);
  const byId = new Map(
    // Drizzle leaves times as text here.
    recorded.map((each) => [each.id, { ...each, createdAt: new Date(each.createdAt) }]),
  );
  return rows.map(({ id }) => byId.get(id)!);
}

/**
 * The newest import of the bytes of `file` into its dataset that has landed or is under way, and whose rows were not taken back. One that
 * failed or was cancelled counts when rows of it had landed; only chunks that land directly (`isDirect`) leave any.
 */
function newestDuplicate() {
  return sql`
    SELECT i.id FROM ${imports} i JOIN ${tasks} t ON t.id = i.id
     WHERE i.sha256 = file."sha256" AND i.dataset = file."dataset" AND NOT i.dry_run AND i.kept IS NULL
       AND (t.status IN ('queued', 'running', 'succeeded')
            OR i.mode = 'insert' AND i.on_error = 'reject' AND i.commit_of IS NULL
               AND EXISTS (SELECT FROM ${importChunks} c WHERE c.import_id = i.id AND c.status = 'done' AND c.loaded > 0))
     ORDER BY i.id DESC LIMIT 1`;
}

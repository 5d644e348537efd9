// Stored files become imports: each a task and an import, and all of a call or none.
import { sql } from 'drizzle-orm';
import { isSmall } from '../../core/imports/small-import.ts';
import { IMPORT } from '../../core/tasks/task-kinds.ts';
import { AppError } from '../../errors.ts';
import type { Database } from '../client.ts';
import { datasets, datasetVersions } from '../schema/datasets.ts';
import { imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';
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
  | 'plan'
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
> & {
  /** The trace that its work belongs to. */
  readonly traceparent?: string;
};

export interface RecordedImport {
  readonly id: string;
  /** The newest import of the same bytes into its dataset whose rows are in the tables or on their way (migrations/0016). */
  readonly duplicateOf: string | null;
  /** Of its dataset; null: its document is none of the dataset's versions. */
  readonly datasetVersion: number | null;
  readonly createdAt: Date;
}

/**
 * Records imports, in the order given, in one statement: by itself it is a transaction. Of equal files that are recorded at the same time
 * one waits for the other, so that the second knows the first; of a call's own files none knows another, so no two of them may be equal.
 * @returns for each what was recorded; undefined for one whose dataset is gone, of which nothing is recorded
 */
export async function recordImports(
  db: Database,
  rows: readonly NewImport[],
): Promise<(RecordedImport | undefined)[]> {
  const texts = rows.map((row) => ({
    ...row,
    small: isSmall(row),
    content: row.content?.toString('base64') ?? null,
  }));
  const { rows: recorded } = await db.execute<{
    id: string;
    duplicateOf: string | null;
    datasetVersion: number | null;
    createdAt: string;
  }>(sql`
    WITH sent AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(texts)}::jsonb) AS file (
        "id" uuid, "small" boolean, "dataset" text, "document" jsonb, "fileName" text, "entryName" text, "storageKey" text,
        "content" text, "bytes" bigint, "sha256" text, "encoding" text, "hadBom" boolean, "dialect" jsonb, "columns" jsonb,
        "mapping" jsonb, "headerFingerprint" text, "undecodable" jsonb, "dataStart" bigint, "dataLine" bigint, "dataEnd" bigint, "plan" jsonb,
        "mode" text, "onError" text, "maxErrors" text, "dryRun" boolean, "commitOf" uuid, "ifDuplicate" text,
        "parentId" uuid, "rootId" uuid, "rerunOf" uuid, "createdBy" uuid, "traceparent" text)),
    -- Who deletes a dataset waits for us, or we find it gone.
    there AS (
      SELECT name FROM ${datasets} WHERE name IN (SELECT "dataset" FROM sent) ORDER BY name FOR KEY SHARE),
    file AS MATERIALIZED (SELECT * FROM sent WHERE "dataset" IN (SELECT name FROM there)),
    -- In one order, so that two calls with the same files do not wait for each other.
    locked AS (
      SELECT count(pg_advisory_xact_lock(key)) AS files
        FROM (SELECT DISTINCT hashtextextended("dataset" || '/' || "sha256", 0) AS key FROM file ORDER BY 1) AS keys),
    task AS (
      INSERT INTO ${tasks} (id, name, args, options, small, dispatched_at, created_by)
      SELECT "id", ${IMPORT.name}, jsonb_build_object('dataset', "dataset", 'fileName', "fileName"),
             CASE WHEN "traceparent" IS NOT NULL THEN jsonb_build_object('traceparent', "traceparent") END, "small", now(), "createdBy" FROM file),
    notified AS (SELECT pg_notify(${SMALL_IMPORTS_CHANNEL}, '') FROM file WHERE "small" LIMIT 1),
    import AS (
      INSERT INTO ${imports} (
        id, dataset, document, dataset_version, file_name, entry_name, storage_key, content, bytes, sha256, encoding, had_bom, dialect, columns,
        mapping, header_fingerprint, undecodable, data_start, data_line, data_end, plan,
        mode, on_error, max_errors, dry_run, commit_of, if_duplicate, duplicate_of, parent_id, root_id, rerun_of, created_by)
      SELECT "id", "dataset", "document",
        -- Nearly always the newest one, so that no other is looked at.
        (SELECT v.version FROM ${datasetVersions} v WHERE v.dataset = file."dataset" AND v.document = file."document" ORDER BY v.version DESC LIMIT 1),
        "fileName", "entryName", "storageKey", decode("content", 'base64'), "bytes", "sha256",
        "encoding", "hadBom", "dialect", "columns", "mapping", "headerFingerprint", "undecodable", "dataStart", "dataLine", "dataEnd", "plan",
        "mode", "onError", "maxErrors", "dryRun", "commitOf", "ifDuplicate",
        -- Not before the locks are had.
        CASE WHEN locked.files > 0 THEN "sluice".newest_duplicate("dataset", "sha256") END, "parentId", "rootId", "rerunOf", "createdBy"
        FROM locked, file
      RETURNING id, duplicate_of, dataset_version, created_at)
    SELECT id, duplicate_of AS "duplicateOf", dataset_version AS "datasetVersion", created_at AS "createdAt" FROM import, (SELECT count(*) FROM notified) AS workers`);
  const byId = new Map(
    // Drizzle leaves times as text here.
    recorded.map((each) => [each.id, { ...each, createdAt: new Date(each.createdAt) }]),
  );
  return rows.map(({ id }) => byId.get(id));
}

/** What is told of a file whose dataset was deleted while it came in. */
export function datasetGone(dataset: string): AppError {
  return new AppError(
    'DATASET_NOT_FOUND',
    `Dataset "${dataset}" was deleted while the file came in. Nothing was kept.`,
    { dataset },
  );
}

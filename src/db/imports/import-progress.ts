// How far an import is, as SQL for the statements that read it and as what a client sees.
import type { ImportProgress } from '../../core/tasks/task.ts';
import { tableName } from '../identifiers.ts';
import { importChunks, imports } from '../schema/imports.ts';

/** The sums over the chunks of the import `i`. */
export const CHUNK_SUMS = `
  SELECT count(*) AS chunks_total, max(done_at) AS last_done,
         count(*) FILTER (WHERE status = 'done') AS chunks_done,
         coalesce(sum(end_byte - start_byte) FILTER (WHERE status = 'done'), 0) AS bytes_done,
         coalesce(sum(records) FILTER (WHERE status = 'done'), 0) AS rows_done,
         coalesce(sum(loaded), 0) AS loaded, coalesce(sum(rejected), 0) AS rejected, coalesce(sum(errors), 0) AS errors
    FROM ${tableName(importChunks)} WHERE import_id = i.id`;

/** What is known of the import `i` and its sums `c`; as JSON, so that it is one value in the row of any task. */
export interface ImportFacts {
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly rowsDone: number;
  readonly records: number | null;
  readonly chunksDone: number;
  readonly chunksTotal: number;
  readonly isPlanned: boolean;
  /** In ms since 1970. */
  readonly lastDoneAt: number | null;
}

export const IMPORT_FACTS = `
  json_build_object('bytesDone', c.bytes_done, 'bytesTotal', i.data_end - i.data_start, 'rowsDone', c.rows_done, 'records', i.records,
    'chunksDone', c.chunks_done, 'chunksTotal', c.chunks_total, 'isPlanned', i.planned_at IS NOT NULL,
    'lastDoneAt', extract(epoch FROM c.last_done) * 1000)`;

/** The facts of the task `t`, which is an import. */
export const IMPORT_PROGRESS = `
  SELECT ${IMPORT_FACTS} FROM ${tableName(imports)} i, LATERAL (${CHUNK_SUMS}) c WHERE i.id = t.id`;

export function toImportProgress(
  facts: ImportFacts,
  startedAt: Date | null,
  finishedAt: Date | null,
): ImportProgress {
  const { bytesDone, bytesTotal, rowsDone } = facts;
  // Up to the last chunk, not to this moment: what a client sees changes only when something has happened.
  const until = finishedAt?.getTime() ?? facts.lastDoneAt;
  const seconds = startedAt === null || until === null ? 0 : (until - startedAt.getTime()) / 1000;
  const working = finishedAt === null && bytesDone > 0 && seconds > 0;
  return {
    bytesDone,
    bytesTotal,
    rowsDone,
    rowsTotal: facts.records,
    chunksDone: facts.chunksDone,
    chunksTotal: facts.isPlanned ? facts.chunksTotal : null,
    rowsPerSecond: seconds > 0 && rowsDone > 0 ? Math.round(rowsDone / seconds) : null,
    etaSeconds: working ? Math.ceil((seconds * (bytesTotal - bytesDone)) / bytesDone) : null,
  };
}

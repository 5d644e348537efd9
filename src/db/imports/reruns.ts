// Which imports can be run again, and what is in the way of the others.
import { sql, type SQL } from 'drizzle-orm';
import type { TaskStatus } from '../../core/tasks/task-status.ts';
import type { Database } from '../client.ts';
import { datasets } from '../schema/datasets.ts';
import { importChunks, imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';

/** The index that keeps an import from being run again twice. */
export const RERUN_OF_KEY = 'imports_rerun_of_key';

/** What keeps an import from being run again. */
export type RerunObstacle =
  /** It has not failed, nor was it cancelled. */
  | 'status'
  /** It commits a dry run, which is committed again instead. */
  | 'commit'
  /** Its file, or of a retry the rejects of its import, was erased or is past its retention. */
  | 'file'
  /** An undo of it is under way. */
  | 'undo'
  /** Rows of it are in the tables, and would be there twice. */
  | 'rows'
  /** The dataset is another one since. */
  | 'dataset'
  /** It was run again already. */
  | 'rerun';

export interface RerunState {
  readonly obstacle: RerunObstacle | null;
  readonly status: TaskStatus;
  /** The import that runs it again. */
  readonly rerunId: string | null;
  /** Whether its rows were taken back, so that those still there are what the undo had to leave. */
  readonly wasTakenBack: boolean;
}

export interface RerunFilter {
  readonly status: readonly TaskStatus[];
  readonly dataset?: string;
  readonly createdAfter?: string;
  readonly createdBefore?: string;
}

/** The first that applies, of an import `i` and its task `t`. Only chunks that land directly (`isDirect`) leave rows behind. */
const OBSTACLE = sql`
  CASE
    WHEN t.status NOT IN ('failed', 'cancelled') THEN 'status'
    WHEN i.commit_of IS NOT NULL THEN 'commit'
    WHEN EXISTS (SELECT FROM ${imports} f WHERE f.id IN (i.id, i.parent_id) AND (f.files_removed_at IS NOT NULL OR f.erased_at IS NOT NULL)) THEN 'file'
    WHEN EXISTS (SELECT FROM ${tasks} u WHERE u.id = i.undo_id AND u.status NOT IN ('succeeded', 'failed', 'cancelled')) THEN 'undo'
    WHEN i.kept > 0 OR i.kept IS NULL AND i.mode = 'insert' AND i.on_error = 'reject' AND NOT i.dry_run
         AND EXISTS (SELECT FROM ${importChunks} c WHERE c.import_id = i.id AND c.status = 'done' AND c.loaded > 0) THEN 'rows'
    WHEN NOT EXISTS (SELECT FROM ${datasets} d WHERE d.name = i.dataset AND d.document = i.document) THEN 'dataset'
    WHEN EXISTS (SELECT FROM ${imports} r WHERE r.rerun_of = i.id) THEN 'rerun'
  END`;

export async function findRerunState(db: Database, id: string): Promise<RerunState | undefined> {
  const { rows } = await db.execute<{
    obstacle: RerunObstacle | null;
    status: TaskStatus;
    rerun_id: string | null;
    was_taken_back: boolean;
  }>(sql`
    SELECT ${OBSTACLE} AS obstacle, t.status, i.kept IS NOT NULL AS was_taken_back,
           (SELECT r.id FROM ${imports} r WHERE r.rerun_of = i.id) AS rerun_id
      FROM ${imports} i JOIN ${tasks} t ON t.id = i.id WHERE i.id = ${id}`);
  const [row] = rows;
  return row && { ...row, rerunId: row.rerun_id, wasTakenBack: row.was_taken_back };
}

/** How many imports that match can be run again. */
export async function countRerunnable(db: Database, filter: RerunFilter): Promise<number> {
  const { rows } = await db.execute<{ count: string }>(sql`SELECT count(*) ${rerunnable(filter)}`);
  return Number(rows[0]!.count);
}

/** Their ids, oldest first. */
export async function listRerunnable(db: Database, filter: RerunFilter, limit: number): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(
    sql`SELECT i.id ${rerunnable(filter)} ORDER BY i.id LIMIT ${limit}`,
  );
  return rows.map(({ id }) => id);
}

function rerunnable({ status, dataset, createdAfter, createdBefore }: RerunFilter): SQL {
  return sql`
    FROM ${imports} i JOIN ${tasks} t ON t.id = i.id
   WHERE t.status = ANY(${sql.param([...status])}::text[])
     AND (${dataset ?? null}::text IS NULL OR i.dataset = ${dataset ?? null})
     AND (${createdAfter ?? null}::timestamptz IS NULL OR t.created_at >= ${createdAfter ?? null})
     AND (${createdBefore ?? null}::timestamptz IS NULL OR t.created_at < ${createdBefore ?? null})
     AND ${OBSTACLE} IS NULL`;
}

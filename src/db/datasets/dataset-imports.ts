// Imports and undos of a dataset that have not ended.
import { sql } from 'drizzle-orm';
import type { Dataset } from '../../core/dataset/types.ts';
import { UNDO } from '../../core/tasks/task-kinds.ts';
import type { Database } from '../client.ts';
import { imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';

export interface UnfinishedImport {
  readonly id: string;
  /** The dataset as the import goes by it. */
  readonly document: Dataset;
}

/** The oldest first, at most `limit`. An import whose undo is under way is one of them. */
export async function listUnfinishedImports(
  db: Database,
  dataset: string,
  limit: number,
): Promise<UnfinishedImport[]> {
  // As the index of unfinished tasks has it.
  const { rows } = await db.execute<{ id: string; document: Dataset }>(sql`
    WITH unfinished AS MATERIALIZED (
      SELECT id, name, args FROM ${tasks} WHERE queue = 'imports' AND status IN ('queued', 'running', 'cancelling'))
    SELECT i.id, i.document
      FROM (SELECT CASE WHEN name = ${UNDO.name} THEN (args ->> 'importId')::uuid ELSE id END AS id FROM unfinished) t
      JOIN ${imports} i USING (id)
     WHERE i.dataset = ${dataset}
     GROUP BY i.id ORDER BY i.id LIMIT ${limit}`);
  return rows.map(({ id, document }) => ({ id, document }));
}

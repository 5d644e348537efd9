// What workers have said of the tasks they know.
import { SUSPECT_FROM } from '../../core/tasks/lane.ts';
import type { TaskDocument } from '../../core/tasks/task-document.ts';
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';

const SAVE = prepared(`
  INSERT INTO sluice.task_definitions AS d (name, document)
  SELECT document ->> 'name', document FROM jsonb_array_elements($1::jsonb) document
  ON CONFLICT (name) DO UPDATE SET document = excluded.document, updated_at = now() WHERE d.document <> excluded.document`);

const MOVE = prepared(`
  UPDATE sluice.tasks t SET lane = d.lane
    FROM (SELECT document ->> 'name' AS name, document ->> 'run' AS lane FROM jsonb_array_elements($1::jsonb) document) d
   WHERE t.id IN (SELECT t.id FROM sluice.tasks t WHERE t.status = 'queued' AND t.queue <> 'imports' AND t.name = d.name AND t.lane <> d.lane
                     AND t.lost < ${SUSPECT_FROM} LIMIT 10000 FOR UPDATE SKIP LOCKED)
     AND t.name = d.name AND t.status = 'queued'`);

/**
 * The newest word counts: of workers of two versions, that of the one that started last. Tasks that nobody knew until now, or that are run
 * in another way now, go where they are claimed.
 */
export async function saveDefinitions(client: Queryable, documents: readonly TaskDocument[]): Promise<void> {
  const { rowCount } = await client.query({ ...SAVE, values: [JSON.stringify(documents)] });
  if (rowCount === 0) return;
  const run = JSON.stringify(documents.filter((each) => each.run !== 'import'));
  while (((await client.query({ ...MOVE, values: [run] })).rowCount ?? 0) > 0);
}

const LIST = prepared('SELECT document FROM sluice.task_definitions ORDER BY name');

export async function listDefinitions(client: Queryable): Promise<TaskDocument[]> {
  const { rows } = await client.query<{ document: TaskDocument }>(LIST);
  return rows.map((row) => row.document);
}

// What workers have said of the tasks they know.
import type { TaskDocument } from '../../core/tasks/task-document.ts';
import { prepared, type Queryable } from '../client.ts';

const SAVE = prepared(`
  INSERT INTO sluice.task_definitions AS d (name, document)
  SELECT document ->> 'name', document FROM jsonb_array_elements($1::jsonb) document
  ON CONFLICT (name) DO UPDATE SET document = excluded.document, updated_at = now() WHERE d.document <> excluded.document`);

/** The newest word counts: of workers of two versions, that of the one that started last. */
export async function saveDefinitions(client: Queryable, documents: readonly TaskDocument[]): Promise<void> {
  await client.query({ ...SAVE, values: [JSON.stringify(documents)] });
}

const LIST = prepared('SELECT document FROM sluice.task_definitions ORDER BY name');

export async function listDefinitions(client: Queryable): Promise<TaskDocument[]> {
  const { rows } = await client.query<{ document: TaskDocument }>(LIST);
  return rows.map((row) => row.document);
}

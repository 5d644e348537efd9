// What workers have said of the tasks they know, and which of them are there.
import type { TaskDocument } from '../../core/tasks/task-document.ts';
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';
import { isThere } from '../workers/workers.ts';

export interface RegisteredTask {
  readonly document: TaskDocument;
  /** Those that are online and know it. */
  readonly workers: readonly { readonly id: string; readonly host: string }[];
}

const LIST = prepared(`
  SELECT d.document, coalesce((
           SELECT jsonb_agg(jsonb_build_object('id', w.id, 'host', w.host) ORDER BY w.id) FROM sluice.workers w
            WHERE w.tasks ? d.name AND ${isThere('w')}), '[]') AS workers
    FROM sluice.task_definitions d WHERE d.name > $1 ORDER BY d.name LIMIT $2`);

/** A page behind the name `after`, by name. */
export async function listRegistered(
  client: Queryable,
  page: { readonly limit: number; readonly after: string },
): Promise<RegisteredTask[]> {
  const { rows } = await client.query<RegisteredTask>({ ...LIST, values: [page.after, page.limit] });
  return rows;
}

// Which changes Bull Board may make to the queues.
import { isFinal } from '../../core/tasks/task-status.ts';
import { isUuid } from '../../core/uuid.ts';
import { findTaskViews } from '../../db/tasks/task-views.ts';
import type { ApiDeps } from '../deps.ts';
import type { BeforeHookResult, HookContext } from '@bull-board/api/typings/app';

const UUID_CHARS = 36;

/** What holds the work back or hurries it on. Whatever Bull Board learns to do later is refused until it stands here. */
const ALLOWED = new Set([
  '/api/queues/pause',
  '/api/queues/resume',
  '/api/queues/:queueName/pause',
  '/api/queues/:queueName/resume',
  '/api/queues/:queueName/concurrency',
  '/api/queues/:queueName/rate-limit',
  '/api/queues/:queueName/rate-limit/release',
  '/api/queues/:queueName/promote',
  '/api/queues/:queueName/:jobId/promote',
  '/api/queues/:queueName/:jobId/delay',
  '/api/queues/:queueName/:jobId/priority',
  '/api/queues/:queueName/:jobId/clean',
]);

const REFUSAL =
  'Postgres knows the work, the queue only rings for it: a job that is removed or changed here would be made again. ' +
  'Cancel a task with DELETE /v1/tasks/{id}; start an import with POST /v1/imports.';

const RETRIES = new Set(['/api/queues/:queueName/retry/:queueStatus', '/api/queues/:queueName/:jobId/retry']);

const RETRY_REFUSAL =
  'A job that is run again finds in Postgres that its task has ended, and does nothing. ' +
  'Run a task again with POST /v1/tasks/{id}/retry, a failed import with POST /v1/imports/{id}/rerun; send rejected records, corrected, with POST /v1/imports/{id}/retries.';

/** Takes one job away. */
const REMOVE = '/api/queues/:queueName/:jobId/clean';

/** Lets reads and ALLOWED through, but a job is removed only when its task has ended. */
export function createRefusals({ database }: Pick<ApiDeps, 'database'>) {
  return async ({ method, route, request }: HookContext): Promise<BeforeHookResult> => {
    if (method === 'get') return undefined;
    const jobId = String(request.params['jobId'] ?? '');
    if (ALLOWED.has(route) && !(route === REMOVE && (await isUnfinished(jobId)))) return undefined;
    return { allow: false, status: 403, message: RETRIES.has(route) ? RETRY_REFUSAL : REFUSAL };
  };

  /** The id of a chunk's job begins with that of its import. */
  async function isUnfinished(jobId: string): Promise<boolean> {
    const taskId = jobId.slice(0, UUID_CHARS);
    const [task] = isUuid(taskId) ? await findTaskViews(database.pool, [taskId]) : [];
    return task !== undefined && !isFinal(task.status);
  }
}

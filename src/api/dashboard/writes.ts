// Which changes Bull Board may make to the queues.
import type { BeforeHookResult, HookContext } from '@bull-board/api/typings/app';

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
  'Run a failed import again with POST /v1/imports/{id}/rerun; send rejected records, corrected, with POST /v1/imports/{id}/retries.';

/** Lets reads and ALLOWED through. */
export async function refuseDestructive({ method, route }: HookContext): Promise<BeforeHookResult> {
  if (method === 'get' || ALLOWED.has(route)) return undefined;
  return { allow: false, status: 403, message: RETRIES.has(route) ? RETRY_REFUSAL : REFUSAL };
}

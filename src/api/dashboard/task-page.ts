// Where a job's link leads: its task as Postgres knows it. The browser's Basic credentials are good only below
// /dashboard, so a link to /v1/tasks would answer 401.
import { AppError } from '../../errors.ts';
import { isUuid } from '../../core/uuid.ts';
import { findTaskViews } from '../../db/tasks/task-views.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';

export function taskPageRoute(scope: App, deps: ApiDeps): void {
  scope.get<{ Params: { id: string } }>(
    '/tasks/:id',
    { schema: { hide: true } },
    async ({ params: { id } }, reply) => {
      const [task] = isUuid(id) ? await findTaskViews(deps.database.pool, [id]) : [];
      if (task === undefined) throw new AppError('NOT_FOUND', `There is no task ${id}.`);
      return reply.type('application/json').send(JSON.stringify(task, undefined, 2));
    },
  );
}

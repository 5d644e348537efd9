// GET /v1/tasks/{id}/attempts and /logs
import { Type, type Static } from '@fastify/type-provider-typebox';
import { LOG_LEVELS } from '../../core/tasks/attempt.ts';
import { ATTEMPT_OUTCOMES } from '../../core/tasks/attempt-outcomes.ts';
import { listAttempts, listLogLines, type AttemptView, type LogLineView } from '../../db/tasks/attempts.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import { IdParams, Instant, nullable, Page, PageQuery, problems } from '../http/schemas.ts';
import { badCursor } from '../imports/bad-cursor.ts';
import type { TasksContext } from './context.ts';
import { requireTask } from './require-task.ts';
import { OtherTaskError, WorkerOfTask } from './schemas.ts';

const Query = Type.Object(PageQuery, { additionalProperties: false });

const Start = Type.Integer({ minimum: 1, description: 'Which start of the task, from 1 on.' });

const Attempt = component(
  'TaskAttempt',
  Type.Object({
    start: Start,
    attempt: Type.Integer({
      minimum: 0,
      description: 'Its number among those that count against `maxAttempts`.',
    }),
    outcome: nullable(
      Type.Enum([...ATTEMPT_OUTCOMES], {
        type: 'string',
        description:
          'How it ended; null while it runs. `lost`: its worker was. `given-back`: its worker was stopped. `snoozed`: it asked to be run later. These three do not count.',
      }),
    ),
    startedAt: Instant('When a worker took it.'),
    endedAt: nullable(Instant('When it ended.')),
    worker: nullable(WorkerOfTask),
    error: nullable(OtherTaskError),
  }),
);

const LogLine = component(
  'TaskLogLine',
  Type.Object({
    start: Start,
    no: Type.Integer({ minimum: 0, description: 'Of the lines of this start, in their order.' }),
    at: Instant('When it was said.'),
    level: Type.Enum([...LOG_LEVELS], { type: 'string', description: 'How much it matters.' }),
    message: Type.String({ description: 'What was said.' }),
  }),
);

const LOG_CURSOR = /^(\d{1,9})\.(\d{1,9})$/;
const ATTEMPT_CURSOR = /^\d{1,9}$/;

export function historyRoutes(app: App, { deps }: TasksContext): void {
  const { pool } = deps.database;

  app.get(
    '/tasks/:id/attempts',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['tasks'],
        operationId: 'listTaskAttempts',
        summary: 'Attempts of a task, oldest first',
        description:
          'Each start of it, by which worker, and how it ended. Imports and undos have no attempts as a whole.',
        params: IdParams,
        querystring: Query,
        response: { 200: Page(Attempt, 'One page of attempts.'), ...problems(400, 404) },
      },
    },
    async ({ params: { id }, query: { limit, cursor = '0' } }) => {
      if (!ATTEMPT_CURSOR.test(cursor)) throw badCursor();
      await requireTask(pool, id);
      const rows = await listAttempts(pool, id, { limit: limit + 1, after: Number(cursor) });
      return pageOf(rows, limit, ({ start }) => String(start), toAttempt);
    },
  );

  app.get(
    '/tasks/:id/logs',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['tasks'],
        operationId: 'listTaskLogs',
        summary: 'What a task has said, oldest first',
        description:
          'The lines of `ctx.log`, of all its attempts. Of each attempt the first SLUICE_MAX_TASK_LOG_LINES are kept.',
        params: IdParams,
        querystring: Query,
        response: { 200: Page(LogLine, 'One page of lines.'), ...problems(400, 404) },
      },
    },
    async ({ params: { id }, query: { limit, cursor = '0.0' } }) => {
      const [, start, no] = LOG_CURSOR.exec(cursor) ?? [];
      if (start === undefined) throw badCursor();
      await requireTask(pool, id);
      const after = { start: Number(start), no: Number(no) };
      const rows = await listLogLines(pool, id, { limit: limit + 1, after });
      return pageOf(rows, limit, (line) => `${line.start}.${line.no}`, toLogLine);
    },
  );
}

function toAttempt({ startedAt, endedAt, error, ...view }: AttemptView): Static<typeof Attempt> {
  return {
    ...view,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    error: error as Static<typeof OtherTaskError> | null,
  };
}

function toLogLine({ at, ...line }: LogLineView): Static<typeof LogLine> {
  return { ...line, at: at.toISOString() };
}

// POST /v1/tasks/{id}/signals/{name}: tells a task something that it waits for, or will.
import { Type } from '@fastify/type-provider-typebox';
import { ENGINE_QUEUES } from '../../core/tasks/queue-names.ts';
import { isFinal } from '../../core/tasks/task-status.ts';
import { sendSignal } from '../../db/tasks/signals.ts';
import { findTask } from '../../db/tasks/tasks.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { Id, problems } from '../http/schemas.ts';
import { addExactBodies, bodyText, exactBody } from './exact-body.ts';
import { taskNotFound } from './require-task.ts';

const SentSignal = component(
  'SentSignal',
  Type.Object(
    { no: Type.Integer({ minimum: 1, description: 'Its number among the signals of the task.' }) },
    { description: 'It is kept.' },
  ),
);

/** In a scope of its own, for bodies whose big integers count. */
export async function signalsRoute(app: App, { database: { db, pool } }: ApiDeps): Promise<void> {
  addExactBodies(app);

  app.post(
    '/tasks/:id/signals/:name',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['tasks'],
        operationId: 'sendSignal',
        summary: 'Send a signal to a task',
        description:
          'The body is the payload: any JSON, or nothing, which is `null`. A task that waits for the signal (`ctx.waitForSignal`) goes on at once; otherwise the signal is kept until it does. Signals of one name are taken in the order in which they were sent, one for each wait.',
        params: Type.Object({
          id: Id('The task.'),
          name: Type.String({
            pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$',
            description: 'What the task waits for.',
            examples: ['approved'],
          }),
        }),
        body: Type.Optional(Type.Unknown({ description: 'The payload.' })),
        response: {
          202: SentSignal,
          ...problems(400, 404, 409),
        },
      },
    },
    async (request, reply) => {
      const { id, name } = request.params;
      const text = bodyText(request);
      if (text !== '') exactBody(request);
      const no = await sendSignal(pool, id, name, text === '' ? 'null' : text, request.user.id);
      if (no !== undefined) return reply.code(202).send({ no });
      const task = await findTask(db, id);
      if (task === undefined) throw taskNotFound(id);
      if ((ENGINE_QUEUES as readonly string[]).includes(task.queue))
        throw new AppError(
          'CONFLICT',
          `The task ${id} is of the kind "${task.name}", which waits for no signals.`,
        );
      throw new AppError(
        'TASK_FINAL',
        isFinal(task.status) ? `The task has ended already: ${task.status}.` : 'The task is being cancelled.',
        { taskStatus: task.status },
      );
    },
  );
}

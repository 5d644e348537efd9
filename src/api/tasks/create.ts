// POST /v1/tasks and POST /v1/tasks/batch
import type { FastifyReply } from 'fastify';
import type { NewTask } from '../../db/tasks/enqueue.ts';
import { findTaskViews, type TaskView } from '../../db/tasks/task-views.ts';
import { recordSurely } from '../../intake/record-surely.ts';
import { sendingSpan } from '../../tracing/messaging.ts';
import { ofTrace, traced } from '../../tracing/tracing.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { answerOnce } from '../imports/idempotency.ts';
import { askedOf, IDEMPOTENT, sendTaken } from '../imports/taken.ts';
import { recordedOptions, refuse, taskItems, type AskedTask } from './check-tasks.ts';
import { createEnqueuer, type Enqueue } from './enqueuer.ts';
import { addExactBodies, bodyText, exactBody } from './exact-body.ts';
import { recordTasks } from './record-tasks.ts';
import { TaskBatch, TaskRequest } from './request-schemas.ts';
import { findAll, findSettled, recordTogether } from './record-together.ts';
import { JSON_TYPE, TAKEN_HEADERS, taskAnswer, TaskListSchema, tasksText, taskText } from './schemas.ts';
import type { TasksContext } from './context.ts';

/** Larger arguments belong into a storage, and their place into the task. */
const TASK_LIMIT_BYTES = 256 * 1024;
const BATCH_LIMIT_BYTES = 8 * 1024 * 1024;

export function createRoutes(app: App, context: TasksContext): void {
  const { deps, readDefinitions, nextId } = context;
  const { pool } = deps.database;
  addExactBodies(app);

  const enqueue = createEnqueuer(async (tasks, createdBy) => {
    const recorded = await recordTasks(pool, tasks, createdBy);
    recorded.ring(context.ring);
    return recorded.views;
  });

  const enqueueTraced: Enqueue = (task, createdBy) =>
    traced(sendingSpan(task.name), () =>
      enqueue({ ...task, options: { ...ofTrace(), ...task.options } }, createdBy),
    );

  app.post(
    '/tasks',
    {
      config: { role: 'operator' },
      bodyLimit: TASK_LIMIT_BYTES,
      schema: {
        tags: ['tasks'],
        operationId: 'createTask',
        summary: 'Ask for a task',
        description:
          'Records a task that a worker will run. The name and the arguments are checked against what workers have said of the task; with a wrong one nothing is recorded. When `unique` names a key that another task has, that task is the answer. Imports and undos are asked for with calls of their own.',
        headers: IDEMPOTENT,
        body: TaskRequest,
        response: {
          202: taskAnswer('Recorded. `Location` is the task to poll.', TAKEN_HEADERS),
          ...problems(400, 409, 413, 415, 422),
        },
      },
    },
    async (request, reply) => {
      const asked = request.body as AskedTask;
      const definitions = await readDefinitions([asked.name]);
      refuse(taskItems(asked, '', definitions));
      const task = newTask(nextId(), exactBody(request) as AskedTask);
      const find = async (): Promise<TaskView | undefined> => (await findTaskViews(pool, [task.id]))[0];
      const { answer, replayed } = await answerOnce<TaskView>(
        deps,
        askedOf(request, task.id, { task: bodyText(request) }),
        (settle) =>
          recordSurely(
            { id: task.id, path: `/v1/tasks/${task.id}` },
            async () =>
              settle === undefined
                ? enqueueTraced(task, request.user.id)
                : (await recordTogether(context, [task], request, settle))[0]!,
            find,
          ),
        async (first) => (await findSettled(pool, first))[0]!,
      );
      return sendTaken(reply.type(JSON_TYPE), answer.id, replayed, taskText(answer));
    },
  );

  app.post(
    '/tasks/batch',
    {
      config: { role: 'operator' },
      bodyLimit: BATCH_LIMIT_BYTES,
      schema: {
        tags: ['tasks'],
        operationId: 'createTasks',
        summary: 'Ask for many tasks',
        description:
          'Up to 1,000 tasks in one transaction: all are recorded, or none. `errors` of a 422 say with a JSON Pointer which task is wrong, and where.',
        headers: IDEMPOTENT,
        body: TaskBatch,
        response: {
          202: {
            description: 'Recorded, in the order asked for.',
            headers: { 'Idempotent-Replayed': TAKEN_HEADERS['Idempotent-Replayed'] },
            content: { 'application/json': { schema: TaskListSchema } },
          },
          ...problems(400, 409, 413, 415, 422),
        },
      },
    },
    async (request, reply) => {
      const { tasks: asked } = request.body as { tasks: AskedTask[] };
      const definitions = await readDefinitions(asked.map(({ name }) => name));
      refuse(asked.flatMap((task, at) => taskItems(task, `/tasks/${at}`, definitions)));
      const { tasks: exact } = exactBody(request) as { tasks: AskedTask[] };
      const tasks = exact.map((task) => newTask(nextId(), task));
      const firstId = tasks[0]!.id;
      const { answer, replayed } = await answerOnce<TaskView[]>(
        deps,
        askedOf(request, firstId, { tasks: bodyText(request) }),
        (settle) =>
          recordSurely(
            { id: firstId, path: `/v1/tasks/${firstId}` },
            () => recordTogether(context, tasks, request, settle),
            async () => {
              const found = await findTaskViews(pool, [firstId]);
              return found.length === 0
                ? undefined
                : findAll(
                    pool,
                    tasks.map(({ id }) => id),
                  );
            },
          ),
        (first) => findSettled(pool, first),
      );
      return sendBatch(reply, replayed, answer);
    },
  );
}

function newTask(id: string, asked: AskedTask): NewTask {
  return { id, name: asked.name, args: asked.args ?? {}, options: recordedOptions(asked) };
}

function sendBatch(reply: FastifyReply, replayed: boolean, views: readonly TaskView[]): FastifyReply {
  if (replayed) void reply.header('Idempotent-Replayed', 'true');
  return reply.code(202).type(JSON_TYPE).send(tasksText(views));
}

// A request over records that is too large to be answered at once: it is kept, and becomes a task.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RecordRequest } from '../../core/records/record-request.ts';
import { recordRequest } from '../../db/records/requests.ts';
import { findTaskViews, type TaskView } from '../../db/tasks/task-views.ts';
import { recordSurely } from '../../intake/record-surely.ts';
import { answerOnce, type Settle } from '../imports/idempotency.ts';
import { askedOf, sendTaken } from '../imports/taken.ts';
import { findSettled, recordTogether } from '../tasks/record-together.ts';
import { JSON_TYPE, taskText } from '../tasks/schemas.ts';
import { bodyText } from './bodies.ts';
import type { RecordsContext } from './context.ts';

export interface TaskOfRequest {
  readonly name: string;
  readonly dataset: string;
  readonly request: RecordRequest;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** Records the task and the request in one transaction, and answers with 202. */
export async function becomeTask(
  { tasks: context }: Pick<RecordsContext, 'tasks'>,
  request: FastifyRequest,
  reply: FastifyReply,
  { name, dataset, request: kept, args = {} }: TaskOfRequest,
): Promise<FastifyReply> {
  const { deps } = context;
  const { pool } = deps.database;
  const id = context.nextId();
  const task = { id, name, args: { dataset, request: id, ...args } };
  const together =
    (settle: Settle | undefined): Settle =>
    async (tx, ...rest) => {
      await recordRequest(tx, id, dataset, kept);
      await settle?.(tx, ...rest);
    };
  const { answer, replayed } = await answerOnce<TaskView>(
    deps,
    askedOf(request, id, { method: request.method, url: request.url, body: bodyText(request) }),
    (settle) =>
      recordSurely(
        { id, path: `/v1/tasks/${id}` },
        async () => (await recordTogether(context, [task], request, together(settle)))[0]!,
        async () => (await findTaskViews(pool, [id]))[0],
      ),
    async (first) => (await findSettled(pool, first))[0]!,
  );
  return sendTaken(reply.type(JSON_TYPE), answer.id, replayed, taskText(answer));
}

// The answer of a change of records: the same one again when the request is sent again with its Idempotency-Key.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Tx } from '../../db/transaction.ts';
import { answerOnce } from '../imports/idempotency.ts';
import { askedOf } from '../imports/taken.ts';
import { bodyText } from './bodies.ts';
import type { RecordsContext } from './context.ts';

export interface Written {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** Keeps the answer in the transaction of the change: both are there, or neither is. @returns it */
export type Keep = (tx: Tx, written: Written) => Promise<Written>;

/** @param work makes the change, and gives what `keep` has given it at the end of its transaction */
export async function answerWritten(
  { tasks }: Pick<RecordsContext, 'tasks'>,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (keep: Keep) => Promise<Written>,
): Promise<string> {
  const { method, url, headers } = request;
  const { answer, replayed } = await answerOnce<Written>(
    tasks.deps,
    askedOf(request, tasks.nextId(), {
      method,
      url,
      body: bodyText(request),
      ifMatch: headers['if-match'] ?? '',
    }),
    (settle) =>
      work(async (tx, written) => {
        await settle?.(tx, undefined, { written });
        return written;
      }),
    (first) => Promise.resolve((first.answer as { written: Written }).written),
  );
  if (replayed) void reply.header('Idempotent-Replayed', 'true');
  void reply
    .code(answer.status ?? 200)
    .headers(answer.headers ?? {})
    .type('application/json; charset=utf-8');
  return answer.body;
}

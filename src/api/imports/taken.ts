// The answer of a request that became a task: 202, and where to poll.
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ImportView } from '../../db/imports/import-views.ts';
import type { ApiDeps } from '../deps.ts';
import { readIdempotencyKey, type Answered, type Asked } from './idempotency.ts';
import { toImport } from './import-schema.ts';

/** Headers of a request without a file that makes a task. */
export const IDEMPOTENT = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x21-\\x7e]+$',
      description:
        'Makes it safe to send the request again: it is answered with what the first one made (`Idempotent-Replayed: true`). A new one, such as a UUID, for each request.',
    }),
  ),
});

/** @param taskId what to poll */
export function sendTaken(
  reply: FastifyReply,
  taskId: string,
  replayed: boolean,
  body: object | string,
): FastifyReply {
  if (replayed) void reply.header('Idempotent-Replayed', 'true');
  return reply.code(202).header('Location', `/v1/tasks/${taskId}`).header('Retry-After', '1').send(body);
}

export function sendTakenImport(
  { config: { basePath } }: Pick<ApiDeps, 'config'>,
  reply: FastifyReply,
  { answer, replayed }: Answered<ImportView>,
): FastifyReply {
  return sendTaken(reply, answer.id, replayed, toImport(answer, basePath));
}

/** A request without a file, as its Idempotency-Key knows it. @param id of what it is about to make */
export function askedOf(request: FastifyRequest, id: string, says: Asked['says']): Asked {
  return { userId: request.user.id, key: readIdempotencyKey(request.headers), id, says };
}

/** What intake needs, with the log of the request. */
export function intakeOf(
  deps: ApiDeps,
  request: FastifyRequest,
): Omit<ApiDeps, 'logger'> & {
  readonly logger: FastifyRequest['log'];
} {
  return { ...deps, logger: request.log };
}

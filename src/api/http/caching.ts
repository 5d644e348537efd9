// What a client, or a proxy between, may keep of an answer: nothing of the data, unless the answer has an ETag.
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './fastify.ts';

/** Answers of the scope are not to be kept; those with an ETag say otherwise (`isUnchanged`). */
export function addNoStore(scope: App): void {
  scope.addHook('onRequest', (_request, reply, done) => {
    void reply.header('Cache-Control', 'no-store');
    done();
  });
}

/** Of a body: it changes with anything a client can see. */
export function etagOf(body: string): string {
  return `W/"${createHash('sha1').update(body).digest('base64url')}"`;
}

/**
 * Gives the answer its ETag, and lets the client keep it and ask each time whether it is still true.
 * @returns whether the client has it already: answer 304
 */
export function isUnchanged(request: FastifyRequest, reply: FastifyReply, etag: string): boolean {
  void reply.header('ETag', etag).header('Cache-Control', 'private, no-cache');
  return isAmong(request.headers['if-none-match'], etag);
}

/** `If-None-Match`: tags are compared weakly, `*` is any (RFC 9110, 13.1.2). */
function isAmong(ifNoneMatch: string | undefined, etag: string): boolean {
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  return ifNoneMatch?.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag)) === true;
}

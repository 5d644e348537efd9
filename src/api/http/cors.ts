// Browsers let a page of another origin speak to the API only when the API says so (the fetch standard, "CORS protocol"). It does so for the
// origins that the operator lists (SLUICE_CORS_ORIGINS). Keys come in a header and never in a cookie, so no page can act for another one's user.
// @fastify/cors takes every OPTIONS for such a question, also the one of tus that asks what is spoken here.
import type { FastifyReply } from 'fastify';
import type { App } from './fastify.ts';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
/** What a script may read besides what it always may. */
const EXPOSED = [
  'Location',
  'Retry-After',
  'ETag',
  'Allow',
  'Content-Disposition',
  'Idempotent-Replayed',
  'X-Request-Id',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'Tus-Resumable',
  'Tus-Version',
  'Tus-Extension',
  'Tus-Max-Size',
  'Tus-Checksum-Algorithm',
  'Upload-Offset',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Expires',
].join(', ');
/** Browsers ask again after so long; Chromium takes no more than two hours. */
const PREFLIGHT_SECONDS = 7200;

/** For all below /v1. Add it before what asks for a key: the request that a browser sends ahead has none. */
export function addCors(app: App, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const isAny = origins.includes('*');
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.url.startsWith('/v1/')) return done();
    const { origin } = request.headers;
    if (!isAny) void reply.header('Vary', 'Origin');
    if (origin === undefined || !(isAny || origins.includes(origin))) return done();
    void reply.headers({
      'Access-Control-Allow-Origin': isAny ? '*' : origin,
      'Access-Control-Expose-Headers': EXPOSED,
    });
    // OPTIONS without this header is a request of its own, as clients of tus send it.
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined)
      return done();
    answerPreflight(reply, request.headers['access-control-request-headers']);
  });
}

function answerPreflight(reply: FastifyReply, asked: string | undefined): void {
  void reply
    .code(204)
    .headers({
      'Access-Control-Allow-Methods': METHODS,
      ...(asked === undefined ? {} : { 'Access-Control-Allow-Headers': asked }),
      'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
    })
    .send();
}

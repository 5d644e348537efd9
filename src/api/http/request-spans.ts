// A span for each request, where the process traces: it goes on with the trace that the caller names in `traceparent`.
import type { FastifyRequest } from 'fastify';
import { currentTracer, type BegunSpan } from '../../tracing/tracing.ts';
import type { App } from './fastify.ts';

/** What probes and Prometheus ask for again and again says nothing in a trace. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics']);
const HTTP_ERROR = 500;

/** Add it before all that may log. */
export function addRequestSpans(app: App): void {
  const tracer = currentTracer();
  if (tracer === undefined) return;
  const spans = new WeakMap<FastifyRequest, BegunSpan>();

  app.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url;
    if (route !== undefined && QUIET.has(route)) return done();
    const parent = request.headers['traceparent'];
    const span = tracer.begin({
      name: route === undefined ? request.method : `${request.method} ${route}`,
      kind: 'server',
      parent: typeof parent === 'string' ? parent : null,
      attributes: {
        'http.request.method': request.method,
        // The pattern: a path may hold what somebody has put there by mistake.
        'http.route': route,
        'url.scheme': request.protocol,
        'server.address': request.hostname,
        'network.protocol.version': request.raw.httpVersion,
        'sluice.request.id': request.id,
      },
    });
    spans.set(request, span);
    span.enter(done);
  });
  // The body comes in turns of the loop that belong to its connection, and not to us.
  app.addHook('preHandler', (request, _reply, done) => enter(request, done));
  app.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request);
    if (span === undefined) return done();
    span.set({ 'http.response.status_code': reply.statusCode });
    if (reply.statusCode >= HTTP_ERROR) span.fail(String(reply.statusCode));
    span.enter(done);
    span.end();
  });
  // The client has gone before the answer was sent.
  app.addHook('onRequestAbort', (request, done) => {
    const span = spans.get(request);
    span?.fail('aborted');
    span?.end();
    done();
  });

  function enter(request: FastifyRequest, done: () => void): void {
    const span = spans.get(request);
    if (span === undefined) done();
    else span.enter(done);
  }
}

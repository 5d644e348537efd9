// Each answer names its request, and the log has one line per request: changes at info, reads at debug.
import type { App } from './fastify.ts';
import { loggableUrl } from './loggable-url.ts';

export function addRequestLog(app: App): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const level = request.method === 'GET' || request.method === 'HEAD' ? 'debug' : 'info';
    const { method } = request;
    const url = loggableUrl(request);
    const by = request.user === undefined ? {} : { userId: request.user.id, keyId: request.user.keyId };
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    request.log[level]({ method, url, status: reply.statusCode, ms, ...by }, 'request answered');
    done();
  });
}

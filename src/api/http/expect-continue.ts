// `Expect: 100-continue`: the client asks whether to send its body. Node says yes before it looks at the request; here it is said when the
// request may send, so that a body which would be refused is never sent.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { App } from './fastify.ts';

export function addExpectContinue(app: App): void {
  const asking = new WeakSet<IncomingMessage>();
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    asking.add(request);
    app.server.emit('request', request, response);
  });
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (asking.has(request.raw)) reply.raw.writeContinue();
    done(null, payload);
  });
}

import type { Socket } from 'node:net';
import type { App } from './fastify.ts';

/**
 * Connections on which no request has begun do not hold up the stop: browsers and load balancers open some ahead. Node's
 * `closeIdleConnections` leaves them until the timeout of the headers.
 */
export function addSilentConnections(app: App): void {
  const silent = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  app.addHook('onRequest', (request, _reply, done) => {
    silent.delete(request.raw.socket);
    done();
  });
  app.addHook('preClose', async () => {
    for (const socket of silent) socket.destroy();
  });
}

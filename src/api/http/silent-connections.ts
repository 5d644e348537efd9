import type { Socket } from 'node:net';
import { Server } from 'node:tls';
import type { App } from './fastify.ts';

/**
 * Connections on which no request has begun do not hold up the stop: browsers and load balancers open some ahead. Node's
 * `closeIdleConnections` leaves them until the timeout of the headers.
 */
export function addSilentConnections(app: App): void {
  const silent = new Set<Socket>();
  // With TLS, requests come on sockets of their own.
  const isTls = app.server instanceof Server;
  app.server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
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

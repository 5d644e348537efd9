// `GET /healthz` of a worker: not whether the process answers, but whether it takes work: it has claimed lately, or nothing was due.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Config } from '../config/config.ts';
import type { Logger } from '../logger.ts';

export type HealthSettings = Pick<Config, 'workerHealthPort' | 'host' | 'stuckMs'>;

/**
 * Answers from now on, if there is a port. While Postgres is away the answer is 200: a restart would not help.
 * @param state the time since the worker was sure that it is not wedged
 * @returns ends it
 * @throws when the port is taken
 */
export async function serveHealth(
  { workerHealthPort, host, stuckMs }: HealthSettings,
  state: () => { readonly quietMs: number },
  logger: Logger,
): Promise<() => Promise<void>> {
  if (workerHealthPort === 0) return () => Promise.resolve();
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/healthz') {
      response.writeHead(404).end();
      return;
    }
    const quietMs = Math.round(state().quietMs);
    const isStuck = quietMs > stuckMs;
    const status = isStuck ? 'work is due and places are free, and nothing is claimed' : 'ok';
    response
      .writeHead(isStuck ? 503 : 200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify({ status, quietMs }));
  });
  server.listen(workerHealthPort, host);
  await once(server, 'listening');
  logger.info({ host, port: workerHealthPort }, 'the health of the worker is answered');
  return async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
}

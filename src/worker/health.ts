// The port of a worker. `GET /healthz`: not whether the process answers, but whether it takes work: it has claimed lately, or nothing was due.
// `GET /metrics`: what it measures itself.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Config } from '../config/config.ts';
import { isSameSecret } from '../core/access/same-secret.ts';
import type { Logger } from '../logger.ts';
import type { WorkerMetrics } from './metrics.ts';

export type HealthSettings = Pick<Config, 'workerHealthPort' | 'host' | 'stuckMs' | 'metricsKey'>;

export interface HealthSources {
  /** The time since the worker was sure that it is not wedged. */
  readonly state: () => { readonly quietMs: number };
  readonly openMetrics: () => Promise<WorkerMetrics>;
}

/**
 * Answers from now on, if there is a port. While Postgres is away the answer is 200: a restart would not help.
 * @returns ends it
 * @throws when the port is taken
 */
export async function serveHealth(
  settings: HealthSettings,
  sources: HealthSources,
  logger: Logger,
): Promise<() => Promise<void>> {
  const { workerHealthPort: port, host } = settings;
  if (port === 0) return () => Promise.resolve();
  const metrics = await sources.openMetrics();
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      logger.warn({ err: error }, 'a request for the health of the worker has failed');
      response.destroy();
    });
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.method === 'GET' ? request.url : undefined;
    if (path === '/healthz')
      return sendHealth(response, Math.round(sources.state().quietMs), settings.stuckMs);
    if (path !== '/metrics') return void response.writeHead(404).end();
    if (!mayReadMetrics(request, settings.metricsKey))
      return void response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' }).end(text);
  }
  server.listen(port, host);
  await once(server, 'listening');
  logger.info({ host, port }, 'the health of the worker is answered');
  return async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
}

function sendHealth(response: ServerResponse, quietMs: number, stuckMs: number): void {
  const isStuck = quietMs > stuckMs;
  const status = isStuck ? 'work is due and places are free, and nothing is claimed' : 'ok';
  response
    .writeHead(isStuck ? 503 : 200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify({ status, quietMs }));
}

function mayReadMetrics({ headers }: IncomingMessage, key: string | undefined): boolean {
  if (key === undefined) return true;
  return isSameSecret(key, /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '');
}

// For Prometheus: what this API process itself is at, and how webhooks stand.
import { Gauge, type Registry } from 'prom-client';
import { countWebhooks } from '../../db/webhooks/count-webhooks.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';

const WEBHOOK_STATES = ['working', 'failing', 'disabled'] as const;

/** @returns asks Postgres */
export function addProcessMetrics(
  app: App,
  { database, downloads }: Pick<ApiDeps, 'database' | 'downloads'>,
  registry: Registry,
): () => Promise<void> {
  const uploads = new Gauge({
    name: 'sluice_uploads_under_way',
    help: 'Files that this API takes in now.',
    registers: [registry],
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.takesFile === true) {
      uploads.inc();
      reply.raw.once('close', () => uploads.dec());
    }
    done();
  });
  // Asked for at each scrape, also while Postgres is away.
  registry.registerMetric(
    new Gauge({
      name: 'sluice_database_connections',
      help: 'Connections of this API to Postgres, by pool: in use and idle; and the work that waits for one.',
      labelNames: ['pool', 'state'],
      registers: [],
      collect() {
        for (const [name, { pool }] of Object.entries({ api: database, downloads })) {
          this.labels(name, 'busy').set(pool.totalCount - pool.idleCount);
          this.labels(name, 'idle').set(pool.idleCount);
          this.labels(name, 'waiting').set(pool.waitingCount);
        }
      },
    }),
  );
  const webhooks = new Gauge({
    name: 'sluice_webhooks',
    help: 'Webhooks by state; the last deliveries to failing ones have not arrived.',
    labelNames: ['state'],
    registers: [registry],
  });
  const deliveries = new Gauge({
    name: 'sluice_webhook_deliveries_waiting',
    help: 'Deliveries that have not arrived yet, counted to 10000.',
    registers: [registry],
  });
  for (const state of WEBHOOK_STATES) webhooks.labels(state).set(0);
  return async () => {
    const counts = await countWebhooks(database.pool);
    for (const state of WEBHOOK_STATES) webhooks.labels(state).set(counts[state]);
    deliveries.set(counts.waiting);
  };
}

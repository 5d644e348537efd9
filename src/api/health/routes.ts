// For probes and monitoring; no key needed (unless /metrics has one), so they tell nothing that is not for everybody's eyes.
import { Type } from '@fastify/type-provider-typebox';
import type { ApiDeps } from '../deps.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { problemsOf } from '../http/schemas.ts';
import { checkParts, readinessOf } from './checks.ts';
import { requireMetricsKey } from './metrics-key.ts';
import type { Metrics } from './metrics.ts';
import { shared } from './shared.ts';

const PartState = Type.String({
  description: '`ok`, or what is wrong.',
  examples: ['ok', 'does not answer (ECONNREFUSED)'],
});
const Health = component('Health', Type.Object({ status: Type.Literal('ok') }, { description: 'It lives.' }));
const Readiness = component(
  'Readiness',
  Type.Object({
    status: Type.Enum(['ready', 'degraded', 'not ready'], {
      type: 'string',
      description:
        '`degraded`: Redis is away; requests are answered and uploads taken, and workers go on when it is back.',
    }),
    postgres: PartState,
    redis: PartState,
    storage: PartState,
  }),
);

export async function healthRoutes(app: App, deps: ApiDeps, metrics: Metrics): Promise<void> {
  const check = shared(0, () => checkParts(deps));

  app.get('/', { schema: { hide: true } }, (request, reply) => {
    if (request.headers.accept?.includes('text/html')) return reply.redirect('/docs');
    return reply.send({
      name: 'Sluice',
      docs: '/docs',
      openapi: '/openapi.json',
      dashboard: '/dashboard',
      ready: '/readyz',
    });
  });

  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'getHealth',
        summary: 'Whether this process lives',
        description: 'It does not ask Postgres or Redis: restarting this process would not help them.',
        tags: ['operation'],
        response: { 200: Health },
      },
    },
    () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        summary: 'Whether Postgres, Redis and the storage answer',
        description:
          'Each is asked for a second at most. 503 without Postgres or the storage, and when the tables in Postgres are of a version that this Sluice cannot work with. Without Redis 200 with `degraded`: uploads are still taken, and are worked on when it is back.',
        tags: ['operation'],
        response: {
          200: { ...Readiness, description: 'Requests are answered and uploads taken.' },
          503: { ...Readiness, description: 'Postgres or the storage is away, or does not fit this Sluice.' },
        },
      },
    },
    async (_request, reply) => {
      const parts = await check();
      const status = readinessOf(parts);
      return reply.code(status === 'not ready' ? 503 : 200).send({ status, ...parts });
    },
  );

  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        summary: 'Prometheus metrics',
        description:
          'Collected at most once a second. If a part is away, its counts keep their last values; `sluice_up` says which part that is. Needs the key of SLUICE_METRICS_KEY as `Authorization: Bearer <key>` where that is set.',
        tags: ['operation'],
        produces: ['text/plain'],
        response: {
          200: Type.String({ description: 'The Prometheus text format.' }),
          ...(deps.config.metricsKey === undefined ? {} : problemsOf(401)),
        },
      },
      onRequest: requireMetricsKey(deps.config.metricsKey),
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
}

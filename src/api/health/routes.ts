// For probes and monitoring; no key needed, so they tell nothing that is not for everybody's eyes.
import { Type } from '@fastify/type-provider-typebox';
import type { ApiDeps } from '../deps.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { checkParts } from './checks.ts';
import type { Metrics } from './metrics.ts';

const PartState = Type.String({
  description: '`ok`, or what is wrong.',
  examples: ['ok', 'does not answer (ECONNREFUSED)'],
});
const Health = component('Health', Type.Object({ status: Type.Literal('ok') }, { description: 'It lives.' }));
const Readiness = component(
  'Readiness',
  Type.Object({
    status: Type.Enum(['ready', 'not ready'], { type: 'string' }),
    postgres: PartState,
    redis: PartState,
    storage: PartState,
  }),
);

export async function healthRoutes(app: App, deps: ApiDeps, metrics: Metrics): Promise<void> {
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
        description: 'Asks nobody else: a restart of this process would not mend Postgres or Redis.',
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
          'Each is asked for a second at most. Without Redis uploads are still taken; they are worked on when it is back.',
        tags: ['operation'],
        response: {
          200: { ...Readiness, description: 'All answer.' },
          503: { ...Readiness, description: 'At least one does not.' },
        },
      },
    },
    async (_request, reply) => {
      const parts = await checkParts(deps);
      const ready = Object.values(parts).every((state) => state === 'ok');
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', ...parts });
    },
  );

  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        summary: 'Prometheus metrics',
        description: 'What a part that is away would tell is left out; `sluice_up` says which part that is.',
        tags: ['operation'],
        produces: ['text/plain'],
        response: { 200: Type.String({ description: 'The Prometheus text format.' }) },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
}

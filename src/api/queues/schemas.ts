import { Type, type Static } from '@fastify/type-provider-typebox';
import { QUEUE_NAME_PATTERN } from '../../core/tasks/queue-names.ts';
import type { WorkToDo } from '../../core/workers/worker-pool.ts';
import { MOST_COUNTED, type QueueView } from '../../db/queues/queues.ts';
import { component } from '../http/components.ts';
import { Id, Instant, nullable } from '../http/schemas.ts';

export const QueueParams = Type.Object({
  name: Type.String({ pattern: QUEUE_NAME_PATTERN, description: 'The queue.', examples: ['default'] }),
});

const Depth = component(
  'QueueDepth',
  Type.Object(
    {
      count: Type.Integer({ description: `How many; counted to ${MOST_COUNTED}.` }),
      exact: Type.Boolean({ description: 'False: there are at least so many.' }),
    },
    { description: 'A number of tasks.' },
  ),
);

export const QueueSchema = component(
  'Queue',
  Type.Object({
    name: Type.String(),
    pausedAt: nullable(
      Instant('Since when no worker begins a task of it; null: it is not paused. What runs goes on.'),
    ),
    pausedBy: nullable(Id('The user who paused it.')),
    due: { ...Depth, description: 'Tasks that may begin now.' },
    toCome: { ...Depth, description: 'Tasks that are put off until a later time.' },
    running: { ...Depth, description: 'Tasks that run.' },
    oldestSeconds: Type.Number({
      description: 'How long the due task that waits longest has waited; 0 when none is due.',
    }),
    endedPerMinute: Type.Number({
      description: 'How many tasks ended in the minute that was over 10 seconds ago.',
    }),
  }),
);

export function toQueue({ pausedAt, oldestSeconds, ...view }: QueueView): Static<typeof QueueSchema> {
  return {
    ...view,
    pausedAt: pausedAt?.toISOString() ?? null,
    oldestSeconds: Math.round(oldestSeconds * 1000) / 1000,
  };
}

export const QueueMetrics = component(
  'QueueMetrics',
  Type.Object({
    queues: Type.Record(
      Type.String(),
      Type.Object({
        load: Type.Integer({
          description:
            'What needs workers: the due tasks (none, while the queue is paused) and those that run. Scale on this.',
        }),
        due: Type.Integer(),
        toCome: Type.Integer(),
        running: Type.Integer(),
        oldestSeconds: Type.Number(),
        paused: Type.Boolean(),
      }),
      { description: `By name. Numbers end at ${MOST_COUNTED}.` },
    ),
    total: Type.Object({
      load: Type.Integer({ description: 'Of all queues together.' }),
      chunks: Type.Integer({
        description:
          'Chunks of running imports that are not loaded yet. With these one import is work for several workers.',
      }),
      work: Type.Integer({
        description:
          '1: a worker is needed, also for what is no load: a schedule that is due within 15 seconds, tasks of a worker that was lost, deliveries to webhooks. 0: none is.',
      }),
    }),
  }),
);

export function toMetrics(
  views: readonly QueueView[],
  chunks: number,
  { waits, runs }: WorkToDo,
): Static<typeof QueueMetrics> {
  const loadOf = ({ pausedAt, due, running }: QueueView) =>
    (pausedAt === null ? due.count : 0) + running.count;
  return {
    queues: Object.fromEntries(
      views.map((view) => [
        view.name,
        {
          load: loadOf(view),
          due: view.due.count,
          toCome: view.toCome.count,
          running: view.running.count,
          oldestSeconds: Math.round(view.oldestSeconds),
          paused: view.pausedAt !== null,
        },
      ]),
    ),
    total: {
      load: views.reduce((sum, view) => sum + loadOf(view), 0),
      chunks,
      work: waits || runs ? 1 : 0,
    },
  };
}

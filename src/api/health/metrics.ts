// What Prometheus scrapes: the process, the requests, and counts asked of Postgres and Redis, once a second however many ask.
import { Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { ENGINE_QUEUES } from '../../core/tasks/queue-names.ts';
import { TASK_STATUSES } from '../../core/tasks/task-status.ts';
import { WORKER_STATES } from '../../core/workers/worker-state.ts';
import { oldestWaiting } from '../../db/tasks/oldest-waiting.ts';
import { countTasksByStatus } from '../../db/tasks/task-counts.ts';
import { countWorkers } from '../../db/workers/workers.ts';
import { storageTimesText } from '../../storage/measured.ts';
import { storageEngine } from '../../storage/open-storage.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { checkParts, withTimeout } from './checks.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { addTaskMetrics } from './task-metrics.ts';
import { shared } from './shared.ts';

const ASK_TIMEOUT_MS = 1000;
/** What was collected is given to everybody for so long. */
const KEEP_MS = 1000;
const JOB_STATES = [
  'waiting',
  'active',
  'delayed',
  'prioritized',
  'waiting-children',
  'completed',
  'failed',
] as const;

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** Measures every request of the app from now on. One registry for each app, none for the process. */
export function addMetrics(app: App, deps: ApiDeps): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  measureRequests(app, registry);
  const tasks = addTaskMetrics(deps, registry);
  const ofProcess = addProcessMetrics(app, deps, registry);
  const collect = stateGauges(deps, registry, async () => {
    await tasks.collect();
    await ofProcess();
  });
  const text = shared(KEEP_MS, async () => {
    await collect();
    const storage = storageTimesText(deps.storageTimes, storageEngine(deps.config));
    return `${await registry.metrics()}\n${tasks.text()}${storage}`;
  });
  return { contentType: registry.contentType, text };
}

function measureRequests(app: App, registry: Registry): void {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request’s headers to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600],
    registers: [registry],
  });
  app.addHook('onResponse', (request, reply, done) => {
    // The route's pattern, never the path: ids would make a series each.
    const route = request.routeOptions.url ?? 'unknown';
    duration.labels(request.method, route, String(reply.statusCode)).observe(reply.elapsedTime / 1000);
    done();
  });
}

/**
 * Gauges of how things stand. Each has all its series from the start: of a part that is away they keep their last values, or 0, and
 * `sluice_up` says that it is away. A series that vanished would look as if there were nothing to count.
 */
function stateGauges(
  deps: ApiDeps,
  registry: Registry,
  collectMore: () => Promise<void>,
): () => Promise<void> {
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const up = gauge('sluice_up', '1 when the part answers.', ['part']);
  const tasks = gauge(
    'sluice_tasks',
    'Tasks by status, as Postgres knows them; of those that have not ended 100000 are counted, and those that have ended also when they were removed since.',
    ['status'],
  );
  const jobs = gauge('sluice_queue_jobs', 'Jobs by queue and state, as Redis knows them.', [
    'queue',
    'state',
  ]);
  const workers = gauge('sluice_workers', 'Workers that say they are there, and those that were lost.', [
    'state',
  ]);
  const waiting = gauge(
    'sluice_oldest_waiting_seconds',
    'How long the work that waits longest has waited, by queue; 0 when none waits.',
    ['queue'],
  );
  const queues = ENGINE_QUEUES.map((name) => deps.queues[name]);
  for (const status of TASK_STATUSES) tasks.labels(status).set(0);
  for (const state of WORKER_STATES) workers.labels(state).set(0);
  for (const queue of ENGINE_QUEUES) waiting.labels(queue).set(0);
  for (const { name } of queues) for (const state of JOB_STATES) jobs.labels(name, state).set(0);

  const collectTasks = async () => {
    const counts = await countTasksByStatus(deps.database.db);
    for (const status of TASK_STATUSES) tasks.labels(status).set(counts.get(status) ?? 0);
  };
  const collectWorkers = async () => {
    const counts = await countWorkers(deps.database.db);
    for (const state of WORKER_STATES) workers.labels(state).set(counts.get(state) ?? 0);
    const seconds = await oldestWaiting(deps.database.db);
    waiting.reset();
    for (const [queue, oldest] of seconds) waiting.labels(queue).set(oldest);
  };
  const collectJobs = async () => {
    for (const queue of queues) {
      const counts = await queue.getJobCounts(...JOB_STATES);
      for (const state of JOB_STATES) jobs.labels(queue.name, state).set(counts[state] ?? 0);
    }
  };

  return async () => {
    const parts = await checkParts(deps);
    for (const [part, state] of Object.entries(parts)) up.labels(part).set(state === 'ok' ? 1 : 0);
    await Promise.allSettled([
      parts.postgres === 'ok' ? withTimeout(collectTasks(), ASK_TIMEOUT_MS) : undefined,
      parts.postgres === 'ok' ? withTimeout(collectWorkers(), ASK_TIMEOUT_MS) : undefined,
      parts.postgres === 'ok' ? withTimeout(collectMore(), ASK_TIMEOUT_MS) : undefined,
      parts.redis === 'ok' ? withTimeout(collectJobs(), ASK_TIMEOUT_MS) : undefined,
    ]);
  };
}

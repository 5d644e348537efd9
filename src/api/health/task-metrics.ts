// Tasks, queues and workers for Prometheus. All of it is asked of counts that are kept, or counted to a bound: a scrape costs the same
// with a thousand tasks and with ten million.
import { Counter, Gauge, type Registry } from 'prom-client';
import { histogramText, type CountedSeries } from '../../core/metrics/histogram-text.ts';
import { TIME_BUCKETS_S } from '../../core/tasks/time-buckets.ts';
import { readTimes, readTotals, type TaskTotal, type TimeBucket } from '../../db/queues/count-ended.ts';
import { listQueueNames, readQueues } from '../../db/queues/queues.ts';
import { listWorkers, type WorkerView } from '../../db/workers/workers.ts';
import type { ApiDeps } from '../deps.ts';

/** Flower's names of what became of a task. */
const FLOWER_EVENTS: Readonly<Record<string, string>> = {
  succeeded: 'task-succeeded',
  failed: 'task-failed',
  cancelled: 'task-revoked',
};
/** Each has series of its own. */
const MOST_WORKERS = 200;

export interface TaskMetrics {
  /** Asks Postgres. */
  collect(): Promise<void>;
  /** Histograms as text: their buckets are counted in Postgres, which prom-client has no way to be given. */
  text(): string;
}

export function addTaskMetrics(
  { database: { db } }: Pick<ApiDeps, 'database'>,
  registry: Registry,
): TaskMetrics {
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });

  const ended = counter('sluice_tasks_ended_total', 'Tasks that have ended, by name and how.', [
    'queue',
    'name',
    'status',
  ]);
  const rows = counter('sluice_rows_total', 'Rows that imports have landed.', []);
  const bytes = counter(
    'sluice_import_bytes_total',
    'Bytes of the files of ended imports, as they were sent.',
    [],
  );
  const depth = gauge('sluice_queue_tasks', 'Tasks of a queue by state, counted to 10000.', [
    'queue',
    'state',
  ]);
  const paused = gauge('sluice_queue_paused', '1 while no worker begins a task of the queue.', ['queue']);
  const rate = gauge('sluice_queue_ended_per_minute', 'Tasks of the queue that ended in the last minute.', [
    'queue',
  ]);
  const online = gauge(
    'sluice_worker_online',
    '1 when the worker says that it is there, 0 when it is lost.',
    ['worker'],
  );
  const slots = gauge('sluice_worker_slots', 'Slots of a worker: all, and those that work.', [
    'worker',
    'state',
  ]);
  const places = gauge(
    'sluice_worker_io_places',
    'Places for I/O tasks of a worker: all, and those in use.',
    ['worker', 'state'],
  );
  const memory = gauge('sluice_worker_memory_bytes', 'Resident memory of a worker.', ['worker']);
  const loopDelay = gauge(
    'sluice_worker_loop_delay_seconds',
    'How late 99 of 100 turns of a worker’s event loops came at most.',
    ['worker'],
  );
  const attempts = gauge('sluice_worker_attempts', 'Attempts that have ended in a worker since its start.', [
    'worker',
  ]);
  const flowerEvents = counter(
    'flower_events_total',
    'Tasks that have ended, under the name that Flower gives it.',
    ['task', 'type'],
  );
  const flowerOnline = gauge('flower_worker_online', 'As sluice_worker_online.', ['worker']);
  const flowerRunning = gauge(
    'flower_worker_number_of_currently_executing_tasks',
    'Tasks that run in a worker.',
    ['worker'],
  );
  let times: readonly TimeBucket[] = [];

  function showTotals(totals: readonly TaskTotal[]): void {
    for (const each of [ended, rows, bytes, flowerEvents]) each.reset();
    for (const { queue, name, status, ...total } of totals) {
      ended.labels(queue, name, status).inc(total.tasks);
      flowerEvents.labels(name, FLOWER_EVENTS[status] ?? status).inc(total.tasks);
      rows.inc(total.rows);
      bytes.inc(total.bytes);
    }
  }

  async function collectQueues(): Promise<void> {
    const views = await readQueues(db, await listQueueNames(db));
    for (const each of [depth, paused, rate]) each.reset();
    for (const view of views) {
      depth.labels(view.name, 'due').set(view.due.count);
      depth.labels(view.name, 'to_come').set(view.toCome.count);
      depth.labels(view.name, 'running').set(view.running.count);
      paused.labels(view.name).set(view.pausedAt === null ? 0 : 1);
      rate.labels(view.name).set(view.endedPerMinute);
    }
  }

  function showWorkers(workers: readonly WorkerView[]): void {
    for (const each of [online, slots, places, memory, loopDelay, attempts, flowerOnline, flowerRunning])
      each.reset();
    for (const worker of workers) {
      const label = worker.name === '' ? `${worker.host}-${worker.pid}` : worker.name;
      const isOnline = worker.state === 'online' ? 1 : 0;
      online.labels(label).set(isOnline);
      flowerOnline.labels(label).set(isOnline);
      if (worker.state === 'lost') continue;
      slots.labels(label, 'all').set(worker.slots);
      slots.labels(label, 'busy').set(worker.slotsBusy);
      places.labels(label, 'all').set(worker.concurrency);
      places.labels(label, 'busy').set(worker.ioBusy);
      memory.labels(label).set(worker.memoryBytes);
      loopDelay.labels(label).set(worker.loopDelayMs / 1000);
      attempts.labels(label).set(worker.processed);
      flowerRunning.labels(label).set(worker.running.length);
    }
  }

  return {
    async collect() {
      showTotals(await readTotals(db));
      times = await readTimes(db);
      await collectQueues();
      showWorkers(await listWorkers(db, { limit: MOST_WORKERS }));
    },
    text: () =>
      [
        histogramText(
          {
            name: 'sluice_task_wait_seconds',
            help: 'How long tasks waited from when they could begin until their last attempt began.',
            boundsS: TIME_BUCKETS_S,
          },
          byName(
            'name',
            times.filter(({ what }) => what === 'wait'),
          ),
        ),
        ...(['sluice_task_run_seconds', 'flower_task_runtime_seconds'] as const).map((name) =>
          histogramText(
            { name, help: 'How long the last attempt of tasks ran.', boundsS: TIME_BUCKETS_S },
            byName(
              name === 'sluice_task_run_seconds' ? 'name' : 'task',
              times.filter(({ what }) => what === 'run'),
            ),
          ),
        ),
      ].join(''),
  };
}

function byName(label: string, buckets: readonly TimeBucket[]): CountedSeries[] {
  return [...new Set(buckets.map((each) => each.name))].map((task) => {
    const its = buckets.filter((each) => each.name === task);
    return {
      labels: { [label]: task },
      counts: Array.from(
        { length: TIME_BUCKETS_S.length + 1 },
        (_, at) => its.find(({ bucket }) => bucket === at)?.tasks ?? 0,
      ),
      seconds: its.reduce((sum, { seconds }) => sum + seconds, 0),
    };
  });
}

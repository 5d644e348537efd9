// The thread of I/O tasks: claims them, runs hundreds at the same time, and writes what became of them. One that computes for long holds up
// the others, but never the main thread, which renews locks and says that the worker is there.
import { randomFillSync } from 'node:crypto';
import { setInterval } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';
import { createUuidV7 } from '../../core/uuid.ts';
import { connectionOptions, NO_LIMIT, PreparingClient } from '../../db/connection.ts';
import { TASKS_CHANNEL } from '../../db/tasks/enqueue.ts';
import { createLogger } from '../../logger.ts';
import { openRegistry } from '../../tasks/registry.ts';
import { createLoopDelay } from '../loop-delay.ts';
import { beat, type Heartbeat } from '../slots/stuck-slots.ts';
import { listen } from '../listen.ts';
import { runIoTasks } from './run-io-tasks.ts';
import type { OpenIntake } from './open-intake.ts';
import type { FromIo, IoSettings, ToIo } from './messages.ts';

const { settings, heartbeat } = workerData as { settings: IoSettings; heartbeat: Heartbeat };
const port = parentPort!;
const say = (message: FromIo): void => port.postMessage(message);
const logger = createLogger(settings, 'worker');
/** Claims, and what is written of attempts, go side by side; one more looks for cancels. */
const OWN_CONNECTIONS = 3;
/** How often the main thread is told what runs. */
const SAY_RUNNING_MS = 500;

const pool = (name: string, max: number, options = '', idleInTransactionMs?: number) => {
  const base = connectionOptions(settings.databaseUrl, name, idleInTransactionMs);
  const opened = new pg.Pool({
    ...base,
    options: `${base.options ?? ''} ${options}`,
    max,
    Client: PreparingClient,
  });
  opened.on('error', ({ message }) =>
    logger.debug({ reason: message }, 'an idle Postgres connection was lost'),
  );
  opened.on('connect', (client) => void client.on('error', () => undefined));
  return opened;
};

beat(heartbeat);
const newId = createUuidV7(randomFillSync);
let intake: Promise<OpenIntake> | undefined;
const openedIntake = async (): Promise<OpenIntake> => {
  const { openIntake } = await import('./open-intake.ts');
  return openIntake(settings, logger);
};
const registry = await openRegistry(settings.taskFolders, settings, {
  deps: async () => (await (intake ??= openedIntake())).deps,
  newId: () => newId(Date.now()),
});
const tasks = runIoTasks({
  settings,
  registry,
  logger,
  // A claim that Postgres forgets in a crash is made again: it need not wait for the disk.
  claims: pool('claims', 1, '-c synchronous_commit=off'),
  writes: pool('tasks', OWN_CONNECTIONS),
  // A task may do other things between its statements.
  transactions: pool('task', settings.taskConnections, '', NO_LIMIT),
  newId: () => newId(Date.now()),
  chance: Math.random,
  found: (queues) => say({ kind: 'found', queues }),
  heard: (id, ran) => say({ kind: 'heard', id, ran }),
});
const loopDelay = createLoopDelay();
setInterval(
  () => say({ kind: 'running', ...tasks.state(), loopDelayMs: loopDelay() }),
  SAY_RUNNING_MS,
).unref();

// Here, and not in the main thread: a task that was just put in begins so much sooner.
const stopped = new AbortController();
void listen(
  {
    databaseUrl: settings.databaseUrl,
    channel: TASKS_CHANNEL,
    heard: (queue) => {
      tasks.wake(queue);
      say({ kind: 'told', queue });
    },
    logger,
  },
  stopped.signal,
);

port.on('message', (message: ToIo) => {
  switch (message.kind) {
    case 'bell':
      return tasks.bell(message.queue, message.id);
    case 'places':
      return tasks.setPlaces(message.places);
    case 'stop':
      stopped.abort();
      return void tasks
        .stop(message.graceMs)
        .then(async () => (await intake)?.close())
        .then(() => say({ kind: 'stopped' }));
  }
});
say({ kind: 'ready', documents: registry.documents });

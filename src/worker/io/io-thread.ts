// The thread of I/O tasks: claims them, runs hundreds at the same time, and writes what became of them. One that computes for long holds up
// the others, but never the main thread, which renews locks and says that the worker is there.
import '../../lean-start.ts';
import { randomFillSync } from 'node:crypto';
import { setInterval } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';
import { createUuidV7 } from '../../core/uuid.ts';
import { directAddress, sharedAddress } from '../../db/connection.ts';
import { TASKS_CHANNEL } from '../../db/tasks/enqueue.ts';
import { createLogger } from '../../logger.ts';
import { startTracing } from '../../tracing/start-tracing.ts';
import { openRegistry } from '../../tasks/registry.ts';
import { createLoopDelay } from '../loop-delay.ts';
import { beat, type Heartbeat } from '../slots/stuck-slots.ts';
import { listen } from '../listen.ts';
import { openClaims, openTransactions, openWrites } from '../tasks/open-pools.ts';
import { runIoTasks } from './run-io-tasks.ts';
import type { OpenIntake } from './open-intake.ts';
import type { FromIo, IoSettings, ToIo } from './messages.ts';

const { settings, heartbeat } = workerData as { settings: IoSettings; heartbeat: Heartbeat };
const port = parentPort!;
const say = (message: FromIo): void => port.postMessage(message);
const stopTracing = await startTracing('worker', (message) => logger.warn(message));
const logger = createLogger(settings, 'worker');
/** Claims, and what is written of attempts, go side by side; one more looks for cancels. */
const WRITING_CONNECTIONS = 3;
/** How often the main thread is told what runs. */
const SAY_RUNNING_MS = 500;

// What a task has left behind must not end the hundreds that run beside it. An exception does end the thread: nobody knows what it has cut off.
process.on('unhandledRejection', (reason) =>
  logger.error(
    { err: reason, tasks: tasks.state().ids },
    'a promise was rejected that no task waits for; one of those that run, or have run, has left it behind',
  ),
);
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
  claims: openClaims(sharedAddress(settings), logger),
  writes: openWrites(sharedAddress(settings), WRITING_CONNECTIONS, logger),
  transactions: openTransactions(directAddress(settings), settings.taskConnections, logger),
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
const hasCpuTasks = registry.namesOf('cpu').length > 0;
const stopped = new AbortController();
void listen(
  {
    address: directAddress(settings),
    channel: TASKS_CHANNEL,
    heard: (queue) => {
      tasks.wake(queue);
      if (hasCpuTasks) say({ kind: 'told', queue });
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
        .then(stopTracing)
        .then(() => say({ kind: 'stopped' }));
  }
});
say({ kind: 'ready', documents: registry.documents });

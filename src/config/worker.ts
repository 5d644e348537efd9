// How a worker takes work, and when an attempt is over.
import { availableParallelism } from 'node:os';
import { ENGINE_QUEUES, isTaskQueue } from '../core/tasks/queue-names.ts';
import { hostList, integer, MIB, type Setting } from './setting.ts';

export const WORKER_SETTINGS = {
  slots: {
    ...integer(
      'SLUICE_SLOTS',
      Math.min(4, availableParallelism()),
      { min: 1, max: 256 },
      'Slots (threads) of a worker: how many chunks and CPU tasks it works on at a time. Empty: as many as the machine has cores, 4 at most.',
    ),
    defaultText: '',
  },
  concurrency: integer(
    'SLUICE_CONCURRENCY',
    100,
    { min: 1, max: 10_000 },
    'How many I/O tasks a worker runs at the same time, in one thread.',
  ),
  workerName: {
    env: 'SLUICE_WORKER_NAME',
    defaultText: '',
    doc: 'What people call the worker. A pause or a number of places that it was told holds also for the next worker of this name. Empty: it has none.',
    read: (value) => {
      if (value !== undefined && !/^[A-Za-z0-9_.@-]{1,64}$/.test(value))
        throw new Error(`must be up to 64 of letters, digits, "_", ".", "@" and "-", not "${value}"`);
      return value ?? '';
    },
  } satisfies Setting<string>,
  maxTasksPerSlot: integer(
    'SLUICE_MAX_TASKS_PER_SLOT',
    0,
    { min: 0, max: 1_000_000_000 },
    'After so many CPU tasks a slot is ended and has a fresh one in its place. 0 sets no limit.',
  ),
  maxMemoryPerSlotMb: integer(
    'SLUICE_MAX_MEMORY_PER_SLOT_MB',
    0,
    { min: 0, max: 65_536 },
    'If a slot holds more memory than this after a CPU task, in MiB, it is ended and has a fresh one in its place; the task has succeeded all the same. 0 sets no limit.',
  ),
  workerHealthPort: integer(
    'SLUICE_WORKER_HEALTH_PORT',
    0,
    { min: 0, max: 65_535 },
    'Port at which a worker answers `GET /healthz` (at `HOST`): 200, or 503 when it is wedged: for `SLUICE_STUCK_MS` it has claimed nothing although work was due and places were free; and `GET /metrics`, with what it measures itself (`SLUICE_METRICS_KEY` closes it). 0: it does not listen.',
  ),
  ioMemoryMb: integer(
    'SLUICE_IO_MEMORY_MB',
    1024,
    { min: 64, max: 1024 * 1024 },
    'Most memory of the thread of I/O tasks, in MB. When it needs more, it is ended, and its tasks are run again.',
  ),
  taskConnections: integer(
    'SLUICE_TASK_CONNECTIONS',
    5,
    { min: 1, max: 1000 },
    'Postgres connections of a worker for what its I/O tasks do in transactions of their own (`ctx.db`); others wait for one.',
  ),
  taskFolders: {
    env: 'SLUICE_TASKS',
    defaultText: '',
    doc: 'Folders with tasks of your own (JavaScript or TypeScript), with colons between them.',
    read: (value) => (value ?? '').split(':').filter((folder) => folder !== ''),
  } satisfies Setting<readonly string[]>,
  httpHosts: {
    env: 'SLUICE_HTTP_HOSTS',
    defaultText: '*',
    doc: 'Hosts that the task `http-request` may ask, with commas between them; `*.example.com` are those below it, `*` is any. Their addresses must be public.',
    read: (value) => hostList(value ?? '*'),
  } satisfies Setting<readonly string[]>,
  httpPrivateHosts: {
    env: 'SLUICE_HTTP_PRIVATE_HOSTS',
    defaultText: '',
    doc: 'Hosts that it may ask whose addresses are private, loopback or link-local, in the same form.',
    read: (value) => hostList(value ?? ''),
  } satisfies Setting<readonly string[]>,
  inboxDir: {
    env: 'SLUICE_INBOX_DIR',
    defaultText: '',
    doc: 'Folder in which other programs put files, for the task `fetch-file` with `prefix`. Empty: there is none.',
    read: (value) => value ?? '',
  } satisfies Setting<string>,
  inboxSettleMs: integer(
    'SLUICE_INBOX_SETTLE_MS',
    10_000,
    { min: 0, max: 86_400_000 },
    'How long a file of that folder must not have changed until it is taken: others may still be written.',
  ),
  maxResultBytes: integer(
    'SLUICE_MAX_RESULT_BYTES',
    MIB,
    { min: 1024, max: 64 * MIB },
    'Largest result of a task, in bytes of JSON.',
  ),
  maxTaskLogLines: integer(
    'SLUICE_MAX_TASK_LOG_LINES',
    1000,
    { min: 0, max: 1_000_000 },
    'How many lines of one attempt are kept (`ctx.log`).',
  ),
  workerLostMs: integer(
    'SLUICE_WORKER_LOST_MS',
    20_000,
    { min: 1000, max: 3_600_000 },
    'How long a worker may say nothing until its tasks are run again. It says that it is there four times as often, every five seconds at least.',
  ),
  mostLost: integer(
    'SLUICE_MOST_LOST',
    3,
    { min: 0, max: 1000 },
    'How often a task is begun again because its worker was lost (killed, frozen, out of memory). Once more, and it has failed.',
  ),
  queues: {
    env: 'SLUICE_QUEUES',
    defaultText: '',
    doc: 'Queues a worker takes work from, as a list with commas. Empty: all.',
    read: (value) => {
      if (value === undefined) return undefined;
      const names = value.split(',').map((name) => name.trim());
      const wrong = names.find(
        (name) => !isTaskQueue(name) && !(ENGINE_QUEUES as readonly string[]).includes(name),
      );
      if (wrong !== undefined)
        throw new Error(
          `must list names of queues (up to 64 of a-z, 0-9, "_", "." and "-") with commas between them; "${wrong}" is none`,
        );
      return names;
    },
  } satisfies Setting<readonly string[] | undefined>,
  attempts: integer(
    'SLUICE_ATTEMPTS',
    5,
    { min: 1, max: 100 },
    'How often a chunk is tried before its import fails.',
  ),
  retryDelayMs: integer(
    'SLUICE_RETRY_DELAY_MS',
    1000,
    { min: 1, max: 3_600_000 },
    'Wait before the second attempt; doubled for each further one.',
  ),
  lockMs: integer(
    'SLUICE_LOCK_MS',
    15_000,
    { min: 1000, max: 600_000 },
    'How long a worker holds a job, and an upload its `Idempotency-Key`, without a sign of life. If a worker is killed, another one takes its job after about twice this time.',
  ),
  lockWaitMs: integer(
    'SLUICE_LOCK_WAIT_MS',
    5000,
    { min: 10, max: 600_000 },
    'How long a worker waits for a lock on a table or a row that another program holds. Then it puts that work off, says so in the task’s `waitingFor`, and does other work.',
  ),
  stuckMs: integer(
    'SLUICE_STUCK_MS',
    30_000,
    { min: 1000, max: 3_600_000 },
    'If a worker’s transaction is silent for this long (frozen, cut off), it is ended and another worker takes its chunk. If a slot computes for this long without a pause, it is ended and one attempt has failed.',
  ),
  slotMemoryMb: integer(
    'SLUICE_SLOT_MEMORY_MB',
    512,
    { min: 16, max: 65_536 },
    'Memory a slot may use, in MiB. If it uses more, it is ended and one attempt has failed. Bytes of files and rows are not counted; the limits on chunks, records and cells bound them.',
  ),
  sweepIntervalMs: integer(
    'SLUICE_SWEEP_INTERVAL_MS',
    5000,
    { min: 100, max: 600_000 },
    'How often a worker looks for unfinished work that Redis has lost.',
  ),
} as const;

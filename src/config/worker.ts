// How a worker takes work, and when an attempt is over.
import { availableParallelism } from 'node:os';
import { QUEUE_NAMES, type QueueName } from '../core/tasks/queue-names.ts';
import { integer, type Setting } from './setting.ts';

export const WORKER_SETTINGS = {
  concurrency: {
    ...integer(
      'SLUICE_CONCURRENCY',
      Math.min(4, availableParallelism()),
      { min: 1, max: 256 },
      'Slots (threads) of a worker. Empty: as many as the machine has cores, 4 at most.',
    ),
    defaultText: '',
  },
  queues: {
    env: 'SLUICE_QUEUES',
    defaultText: QUEUE_NAMES.join(','),
    doc: 'Queues a worker takes work from.',
    read: (value) => {
      const names = (value ?? QUEUE_NAMES.join(',')).split(',').map((name) => name.trim());
      const unknown = names.find((name) => !(QUEUE_NAMES as readonly string[]).includes(name));
      if (unknown !== undefined)
        throw new Error(`must list queues out of ${QUEUE_NAMES.join(', ')}; there is no queue "${unknown}"`);
      return names as QueueName[];
    },
  } satisfies Setting<QueueName[]>,
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

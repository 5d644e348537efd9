// What the storm does to the house.
import { setTimeout as delay } from 'node:timers/promises';
import type { StormHouse } from './house.ts';
import type { Random } from './random.ts';

export const FAULT_KINDS = [
  'worker-kill',
  'worker-stop',
  'worker-freeze',
  'api-kill',
  'redis-kill',
  'redis-flush',
  'postgres-fast',
  'postgres-immediate',
  'backend-end',
  'disk-full',
  'pooler-restart',
  's3-refuse',
  's3-cut',
  's3-silence',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** Longer than two leases (SLUICE_LOCK_MS is 1000): the frozen worker's jobs are taken over meanwhile. */
const FREEZE_MS = 3000;

/** Kinds that can happen here. */
export function possibleFaults(house: StormHouse): FaultKind[] {
  return FAULT_KINDS.filter((kind) => {
    if (kind === 'disk-full') return house.storage.fill !== undefined;
    if (kind.startsWith('s3-')) return house.storage.s3 !== undefined;
    return kind !== 'pooler-restart' || house.restartPooler !== undefined;
  });
}

/** Strikes once. `over` is fulfilled when what lasts has passed: the frozen worker goes on, the stopped one has ended, the disk has room again. */
export async function strike(
  house: StormHouse,
  kind: FaultKind,
  random: Random,
): Promise<{ readonly over: Promise<void> }> {
  const passed = { over: Promise.resolve() };
  switch (kind) {
    case 'worker-kill':
      await random.pick(house.workers).kill('SIGKILL');
      return passed;
    case 'worker-stop':
      // It may take its time for what it is at.
      return { over: random.pick(house.workers).kill('SIGTERM') };
    case 'worker-freeze': {
      const worker = random.pick(house.workers);
      worker.signal('SIGSTOP');
      return { over: delay(FREEZE_MS).then(() => worker.signal('SIGCONT')) };
    }
    case 'api-kill':
      await house.api.kill('SIGKILL');
      return passed;
    case 'redis-kill':
      await house.redis.kill({ wipe: random.chance(0.5) });
      return passed;
    case 'redis-flush':
      await house.redis.flush();
      return passed;
    case 'postgres-fast':
      await house.restartPostgres('SIGINT');
      return passed;
    case 'postgres-immediate':
      await house.restartPostgres('SIGQUIT');
      return passed;
    case 'backend-end':
      await house.pool.query(`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'sluice %'
         ORDER BY state = 'idle', random() LIMIT 1`);
      return passed;
    case 'disk-full':
      return house.storage.fill!(random);
    case 'pooler-restart':
      await house.restartPooler?.();
      return passed;
    case 's3-refuse':
      return house.storage.s3!.refuse(random);
    case 's3-cut':
      return house.storage.s3!.cut(random);
    case 's3-silence':
      return house.storage.s3!.silence(random);
  }
}

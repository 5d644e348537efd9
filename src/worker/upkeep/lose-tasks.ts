// Tasks of lost workers are run again, and tasks that have not begun in time are cancelled.
import type { Config } from '../../config/config.ts';
import { expireTasks } from '../../db/tasks/claims.ts';
import { loseTasksOfLostWorkers } from '../../db/tasks/lost.ts';
import { beatMs } from './beat.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

/**
 * @param now milliseconds by a clock that nobody can set
 * While Postgres was away, nobody could say that he was there: a worker calls others lost only when it has reached Postgres for as long
 * as they have had to be silent.
 */
export function loseTasks(
  { db, logger }: Pick<UpkeepDeps, 'db' | 'logger'>,
  { mostLost, workerLostMs }: Pick<Config, 'mostLost' | 'workerLostMs'>,
  now: () => number,
): Duty {
  let reachedSince: number | undefined;
  return {
    name: 'looking for tasks of lost workers',
    everyMs: beatMs(workerLostMs),
    run: async () => {
      try {
        await db.$client.query('SELECT');
      } catch (error) {
        reachedSince = undefined;
        throw error;
      }
      reachedSince ??= now();
      if (now() - reachedSince < workerLostMs) return;
      for (const { id, name, status } of await loseTasksOfLostWorkers(db.$client, mostLost))
        logger.warn(
          { task: id, name, status },
          status === 'failed'
            ? 'a task has failed: its worker was lost'
            : 'the worker of a task was lost; the task is run again',
        );
    },
  };
}

const EXPIRE_EVERY_MS = 1000;

export function expireLateTasks({ db, logger }: Pick<UpkeepDeps, 'db' | 'logger'>): Duty {
  return {
    name: 'cancelling tasks that have not begun in time',
    everyMs: EXPIRE_EVERY_MS,
    run: async () => {
      const expired = await expireTasks(db.$client);
      if (expired.length > 0) logger.info({ tasks: expired }, 'tasks have expired before they began');
    },
  };
}

// What keeps the promise "Postgres knows, Redis rings the bell": unfinished work that Redis has lost is rung for again.
import type { Config } from '../../config/config.ts';
import { takeUnfinished } from '../../db/tasks/tasks.ts';
import { dispatchLost, type RecordedTask } from '../../queue/dispatch.ts';
import { requireStepsTask } from '../../tasks/steps-tasks.ts';
import { doEach, type Duty, type UpkeepDeps } from './duty.ts';

const TASKS_PER_SWEEP = 500;
/** Tasks that were dispatched this recently are on their way. */
const AGE_FACTOR = 2;

export function dispatchLostTasks(
  { db, queues, logger }: Pick<UpkeepDeps, 'db' | 'queues' | 'logger'>,
  { sweepIntervalMs }: Pick<Config, 'sweepIntervalMs'>,
): Duty {
  async function look(task: RecordedTask): Promise<void> {
    if (await dispatchLost(queues, task)) {
      logger.warn(
        { task: task.id, name: task.name },
        'Redis had lost the job of a task; it is put into the queue again',
      );
      return;
    }
    const parts = (await requireStepsTask(task.name).dispatchLostParts?.({ db, queues }, task.id)) ?? 0;
    if (parts > 0)
      logger.warn(
        { task: task.id, parts },
        'Redis had lost jobs of a task’s chunks; they are put into the queue again',
      );
  }

  return {
    name: 'the sweep for lost tasks',
    everyMs: sweepIntervalMs,
    run: async () => {
      const tasks = await takeUnfinished(db, AGE_FACTOR * sweepIntervalMs, TASKS_PER_SWEEP);
      await doEach(tasks, logger, ({ id }) => `the sweep could not look after task ${id}`, look);
    },
  };
}

import { countEnded } from '../../db/queues/count-ended.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

const EVERY_MS = 5000;

/** Of several workers one counts. */
export function countEndedTasks({ db }: Pick<UpkeepDeps, 'db'>): Duty {
  return {
    name: 'counting the tasks that have ended',
    everyMs: EVERY_MS,
    run: async () => {
      while (await countEnded(db));
    },
  };
}

// A worker says that it is there, so that people see when one has died, and what it worked on.
import { hostname } from 'node:os';
import { beat, BEAT_MS, forgetWorkers, removeWorker, type Beat } from '../../db/workers/workers.ts';
import type { Config } from '../../config/config.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

/** Which process this is: an id for as long as it lives, the version of Sluice, and the tasks that it knows. */
export type WorkerIdentity = Required<Pick<Beat, 'id' | 'version' | 'tasks'>>;

export function sayHello(
  { db, running, taskState }: Pick<UpkeepDeps, 'db' | 'running' | 'taskState'>,
  { queues, slots, concurrency }: Pick<Config, 'queues' | 'slots' | 'concurrency'>,
  worker: WorkerIdentity,
): Duty {
  return {
    name: 'the sign of life',
    everyMs: BEAT_MS,
    run: async () => {
      await beat(db, {
        ...worker,
        host: hostname(),
        pid: process.pid,
        queues: queues ?? [],
        slots,
        concurrency,
        running: [...running.ids(), ...taskState().ids],
      });
      await forgetWorkers(db);
    },
    end: () => removeWorker(db, worker.id),
  };
}

// A worker says that it is there, so that people see when one has died, and what it worked on.
import { hostname } from 'node:os';
import { beat, BEAT_MS, forgetWorkers, removeWorker, type Beat } from '../../db/workers/workers.ts';
import type { Config } from '../../config/config.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

/** Which process this is: an id for as long as it lives, and the version of Sluice. */
export type WorkerIdentity = Pick<Beat, 'id' | 'version'>;

export function sayHello(
  { db, running }: Pick<UpkeepDeps, 'db' | 'running'>,
  { queues, concurrency }: Pick<Config, 'queues' | 'concurrency'>,
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
        queues,
        slots: concurrency,
        running: running.ids(),
      });
      await forgetWorkers(db);
    },
    end: () => removeWorker(db, worker.id),
  };
}

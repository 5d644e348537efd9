// A worker that is frozen, or cut off, in the middle of a COPY keeps its chunk locked: Postgres waits for the rest without an
// end. Every worker looks for such sessions and ends them, so that the chunk can be taken over; the frozen one, should it wake
// up, finds its transaction gone and its job done by others.
import type { Config } from '../../config/config.ts';
import { endSession, listSilentSessions } from '../../db/silent-sessions.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

/** A session is ended when Postgres has waited for its client for `stuckMs` and nothing of it has moved. */
export function endSilentSessions(
  { db, logger }: Pick<UpkeepDeps, 'db' | 'logger'>,
  { stuckMs, sweepIntervalMs }: Pick<Config, 'stuckMs' | 'sweepIntervalMs'>,
  now: () => number = () => performance.now(),
): Duty {
  /** By session and progress, when it was first seen so: what moves on is new each time. */
  let silentSince = new Map<string, number>();
  return {
    name: 'watching for silent workers',
    everyMs: sweepIntervalMs,
    run: async () => {
      const still = new Map<string, number>();
      for (const { progress, ...session } of await listSilentSessions(db)) {
        const state = `${session.pid} ${session.startedAt} ${progress}`;
        const since = silentSince.get(state) ?? now();
        if (now() - since < stuckMs) still.set(state, since);
        else if (await endSession(db, session))
          logger.warn(
            { pid: session.pid },
            'a worker was silent in the middle of a transaction; its Postgres session is ended',
          );
      }
      silentSince = still;
    },
  };
}

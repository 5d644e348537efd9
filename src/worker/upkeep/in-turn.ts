// Duties that list the whole storage: of several workers one does each of them, or a bucket would be listed once for each worker.
import { isUnavailable } from '../../db/errors.ts';
import { putOffTurn, takeTurn } from '../../db/workers/duty-turns.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

/** How often each worker asks whether it is its turn. */
const ASK_EVERY_MS = 60_000;
/** A worker that was killed at it has lost its turn after this. */
const LEASE_MS = 5 * 60_000;

/** The same duty, done by one worker at a time, its `everyMs` after it has ended in whichever worker. */
export function inTurn(
  { db, logger }: Pick<UpkeepDeps, 'db' | 'logger'>,
  workerId: string,
  duty: Duty,
): Duty {
  const turn = { duty: duty.name, workerId };
  const longestMs = Math.max(LEASE_MS, duty.everyMs);
  async function keep(): Promise<void> {
    await putOffTurn(db, turn, LEASE_MS).catch((error: unknown) =>
      logger[isUnavailable(error) ? 'debug' : 'warn'](
        { err: error },
        `the turn of ${duty.name} was not kept`,
      ),
    );
  }
  return {
    ...duty,
    everyMs: Math.min(ASK_EVERY_MS, duty.everyMs),
    run: async () => {
      if (!(await takeTurn(db, turn, LEASE_MS, longestMs))) return;
      const keeping = setInterval(() => void keep(), LEASE_MS / 5);
      try {
        await duty.run();
      } finally {
        clearInterval(keeping);
        await putOffTurn(db, turn, duty.everyMs);
      }
    },
  };
}

// What comes next in chains and groups of which members have ended. It is all in Postgres: whoever looks does what is to be done.
import type { Queryable } from '../../db/connection.ts';
import { isUnavailable } from '../../db/errors.ts';
import { settleGroups } from '../../db/tasks/groups.ts';
import type { Logger } from '../../logger.ts';
import { createNotify } from '../../tasks/notify.ts';

export interface GroupsFollower {
  /** Members have ended, or a group was cancelled. */
  notify(): void;
  stop(): Promise<void>;
}

/** Each look at the tasks says so too, so that nothing hangs on this. */
const LONGEST_WAIT_MS = 60_000;

export function followGroups(client: Queryable, logger: Logger): GroupsFollower {
  const soon = createNotify();
  const stopped = new AbortController();

  async function follow(): Promise<void> {
    while (!stopped.signal.aborted) {
      if (!(await soon.notified(LONGEST_WAIT_MS))) continue;
      try {
        await settleGroups(client);
      } catch (error) {
        logger[isUnavailable(error) ? 'debug' : 'warn'](
          { err: error },
          'what comes next in groups of tasks was not done; it is done at the next look',
        );
      }
    }
  }

  const following = follow();
  return {
    notify: () => soon.notify(),
    stop: async () => {
      stopped.abort();
      soon.notify();
      await following;
    },
  };
}

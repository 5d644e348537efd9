// Steps 2 and 3 of a cancel (src/tasks/cancel-task.ts): cuts off what runs of cancelled tasks here, and settles their cancels.
import { isUnavailable } from '../../db/errors.ts';
import { listCancelled, listCancelling } from '../../db/tasks/cancels.ts';
import { settleCancelOf } from '../../tasks/cancel-task.ts';
import { LockedOut } from '../../tasks/locked-out.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

/** How soon a cancel is seen. */
const EVERY_MS = 300;
/** Taking rows back may take long, or wait for locks: the others' connections of the pool stay free. */
const MOST_AT_ONCE = 2;

export function watchCancels({
  db,
  running,
  lockWaits,
  logger,
}: Pick<UpkeepDeps, 'db' | 'running' | 'lockWaits' | 'logger'>): Duty {
  const settling = new Map<string, Promise<void>>();
  /** Which were tried last go last, so that those that cannot be settled now do not keep others waiting. */
  let tries = new Map<string, number>();
  let tried = 0;

  async function settle(task: { readonly id: string; readonly name: string }): Promise<void> {
    try {
      if (await settleCancelOf(db, task)) logger.info({ task: task.id, name: task.name }, 'task cancelled');
    } catch (error) {
      if (error instanceof LockedOut) return lockWaits.found(task.id, error.message);
      logger[isUnavailable(error) ? 'debug' : 'warn'](
        { err: error, task: task.id },
        'a cancel was not settled; it is tried again',
      );
    }
  }

  return {
    name: 'watching for cancels',
    everyMs: EVERY_MS,
    async run() {
      const cancelling = await listCancelling(db);
      // Another worker may have settled the cancel of what runs here.
      const ended = await listCancelled(db, running.ids());
      for (const id of [...cancelling.map((task) => task.id), ...ended]) running.abort(id, 'cancelled');

      tries = new Map(cancelling.map(({ id }) => [id, tries.get(id) ?? 0]));
      const next = cancelling.toSorted((one, other) => tries.get(one.id)! - tries.get(other.id)!);
      for (const task of next) {
        if (settling.size === MOST_AT_ONCE) break;
        if (settling.has(task.id)) continue;
        tries.set(task.id, ++tried);
        settling.set(
          task.id,
          settle(task).finally(() => settling.delete(task.id)),
        );
      }
    },
    end: async () => {
      await Promise.all(settling.values());
    },
  };
}

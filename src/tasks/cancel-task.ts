// A cancel, from DELETE to its end.
//
// 1. `DELETE /v1/tasks/{id}` (api/tasks/cancel-route.ts) checks the options against the task's kind and writes them with the new status
//    (`requestCancel`, db/tasks/cancels.ts). A queued task is `cancelled` at once, and its bell is taken out of the queue. A running one
//    is `cancelling`: from that commit on none of its work can commit, because all of it does so only under a `running` task.
// 2. Every worker looks for such tasks every 300 ms (worker/upkeep/watch-cancels.ts). It cuts off what runs of them in its own slots:
//    the thread is ended, and Postgres rolls the transaction back.
// 3. Each worker then tries to settle the cancel: `settleCancelOf` below. What has landed is kept or taken back as the options say, and
//    the task is `cancelled` in the same transaction. Whoever is second finds the task locked, or ended.
// 4. Of a task that was made with defineTask nothing has landed: what it did in Postgres through its context was one transaction, which
//    can no longer commit. Its signal is aborted, or its thread is ended.
// 5. A worker that hears a bell of the task, or of a chunk of it, finds in Postgres that there is nothing left to do.
//
// Nothing is said through Redis, so nothing is lost with it. When every worker is killed in between, the next one goes on at 2.
import type { Connection } from '../db/transaction.ts';
import { endCancelled } from '../db/tasks/cancels.ts';
import { stepsTask } from './steps-tasks.ts';

/** @returns whether it has ended the task; false when another worker is at it @throws what may go well the next time */
export function settleCancelOf(
  db: Connection,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<boolean> {
  return (stepsTask(name)?.settleCancel ?? endCancelled)(db, id);
}

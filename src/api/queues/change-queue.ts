// Pausing a queue and having it go on: a row in Postgres, which every claim looks at.
import type { AuditVia } from '../../core/audit/audit.ts';
import { IMPORTS_QUEUE, isTaskQueue } from '../../core/tasks/queue-names.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { pauseQueue, resumeQueue } from '../../db/queues/queues.ts';
import { inTransaction, type Connection } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';

export interface QueueChange {
  readonly name: string;
  readonly change: 'pause' | 'resume';
  readonly by: { readonly id: string; readonly name: string };
  readonly via?: AuditVia;
}

/** Doing it again changes nothing. @throws AppError NOT_FOUND for what cannot be a queue of tasks */
export async function changeQueue(
  db: Connection,
  { name, change, by, via = 'api' }: QueueChange,
): Promise<void> {
  if (!isTaskQueue(name) && name !== IMPORTS_QUEUE)
    throw new AppError(
      'NOT_FOUND',
      `"${name}" is no queue of tasks. The chunks of imports are paused with the queue "${IMPORTS_QUEUE}".`,
    );
  await inTransaction(db, async (tx) => {
    const changed = change === 'pause' ? await pauseQueue(tx, name, by.id) : await resumeQueue(tx, name);
    if (changed)
      await recordAudit(tx, { by, via, action: `queue.${change}`, subject: { type: 'queue', id: name } });
  });
}

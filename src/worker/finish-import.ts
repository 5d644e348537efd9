import type { ImportCounts } from '../core/task.ts';
import { sumCounts } from '../db/chunks.ts';
import type { Database } from '../db/client.ts';
import { moveTask } from '../db/tasks.ts';

/**
 * Ends an import whose chunks are all done, also those done in this transaction.
 * @returns its counts, or null when it had ended otherwise meanwhile
 */
export async function finishImport(db: Database, importId: string): Promise<ImportCounts | null> {
  const counts = await sumCounts(db, importId);
  const ended = await moveTask(db, importId, 'succeeded', { result: { ...counts } });
  return ended === undefined ? null : counts;
}

import type { ImportCounts } from '../core/task.ts';
import { sumCounts } from '../db/chunks.ts';
import type { Database } from '../db/client.ts';
import { keepMapping } from '../db/mappings.ts';
import { moveTask } from '../db/tasks.ts';

/** Ends an import whose chunks are all done. @returns its counts, or null when it had ended otherwise meanwhile */
export async function finishImport(db: Database, importId: string): Promise<ImportCounts | null> {
  const counts = await sumCounts(db, importId);
  return db.transaction(async (tx) => {
    const ended = await moveTask(tx, importId, 'succeeded', { result: { ...counts } });
    if (ended === undefined) return null;
    await keepMapping(tx, importId);
    return counts;
  });
}

import type { ImportCounts } from '../core/import-counts.ts';
import { sumCounts } from '../db/chunks.ts';
import type { Database } from '../db/client.ts';
import type { ImportRow } from '../db/imports.ts';
import { moveTask } from '../db/tasks.ts';
import { failAtErrorLimit } from './error-limit.ts';

/** Ends an import whose chunks are all done. @returns its counts, or null when it has ended otherwise */
export async function finishImport(db: Database, imp: ImportRow): Promise<ImportCounts | null> {
  if (await failAtErrorLimit(db, imp)) return null;
  const counts = await sumCounts(db, imp.id);
  const ended = await moveTask(db, imp.id, 'succeeded', { result: { ...counts } });
  return ended === undefined ? null : counts;
}

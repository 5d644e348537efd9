import type { ImportCounts } from '../../core/imports/import-counts.ts';
import { sumCounts } from '../../db/imports/chunks.ts';
import type { Database } from '../../db/client.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import { keepMapping } from '../../db/imports/mappings.ts';
import { moveTask } from '../../db/tasks/tasks.ts';
import { failAtErrorLimit } from './error-limit.ts';

/** How an import ended; `stopped`: otherwise than by us, so that nothing more of it may be committed. */
export type ImportEnd =
  | { readonly kind: 'succeeded'; readonly counts: ImportCounts }
  | { readonly kind: 'failed' | 'stopped'; readonly counts: null };

/** Ends an import whose chunks are all done, also those done in this transaction: it is part of the caller's. */
export async function finishImport(db: Database, imp: ImportRow): Promise<ImportEnd> {
  const limit = await failAtErrorLimit(db, imp);
  if (limit !== 'within') return { kind: limit, counts: null };
  const counts = await sumCounts(db, imp.id);
  const ended = await moveTask(db, imp.id, 'succeeded', { result: { ...counts } });
  if (ended === undefined) return { kind: 'stopped', counts: null };
  if (imp.mapping !== null) await keepMapping(db, imp.id);
  return { kind: 'succeeded', counts };
}

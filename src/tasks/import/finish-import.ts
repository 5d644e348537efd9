import type { ImportCounts } from '../../core/imports/import-counts.ts';
import { sumCounts } from '../../db/imports/chunks.ts';
import type { Tx } from '../../db/transaction.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import { keepMapping } from '../../db/imports/mappings.ts';
import { moveTask } from '../../db/tasks/tasks.ts';
import { failAtErrorLimit } from './error-limit.ts';

/** How an import ended; `stopped`: otherwise than by us, so that nothing more of it may be committed. */
export type ImportEnd =
  | { readonly kind: 'succeeded'; readonly counts: ImportCounts }
  | { readonly kind: 'failed' | 'stopped'; readonly counts: null };

/** Ends an import whose chunks are all done, also those done in this transaction: it is part of the caller's. */
export async function finishImport(tx: Tx, imp: ImportRow): Promise<ImportEnd> {
  const limit = await failAtErrorLimit(tx, imp);
  if (limit !== 'within') return { kind: limit, counts: null };
  const counts = await sumCounts(tx, imp.id);
  const ended = await moveTask(tx, imp.id, 'succeeded', { result: { ...counts } });
  if (ended === undefined) return { kind: 'stopped', counts: null };
  if (imp.mapping !== null) await keepMapping(tx, imp.id);
  return { kind: 'succeeded', counts };
}

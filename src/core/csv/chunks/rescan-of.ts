import type { Rescan } from '../types.ts';
import { isKnown, writeLikeness } from './likeness.ts';
import type { OpenQuote } from './open-quote.ts';
import type { Reading } from './reading.ts';
import type { TableWatch } from './table-watch.ts';

/** What a chunk that begins where reading stands is scanned again with; put together only for a chunk that needs it. */
export function rescanOf(
  { at, maxRecordBytes, aboveChunk }: Reading,
  { headerLines, hasEnded: tableEnded }: TableWatch,
  openQuote: OpenQuote,
): () => Rescan {
  const openAbove = openQuote.isOpen(at);
  return () => ({
    maxRecordBytes,
    headerLines,
    tableEnded,
    ...(openAbove && { openAbove }),
    ...(aboveChunk.likeness.some(isKnown) && { likeness: writeLikeness(aboveChunk.likeness) }),
  });
}

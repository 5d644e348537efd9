// The reject part of a chunk: its rejected records in file order, one JSON line each.
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { describeErrors, formatReject, type Reject } from '../core/rejects.ts';
import { rejectsKey } from '../storage/keys.ts';
import type { Storage, StorageKey } from '../storage/storage.ts';
import type { RejectedRecord } from './check-chunk.ts';

export function toReject({ row, line, cells, errors }: RejectedRecord): Reject {
  const isFinal = errors.some(({ code }) => code === 'retry-error');
  return { row, line, ...(isFinal ? { isFinal } : {}), cells, errors: describeErrors(errors) };
}

/** Writes a part under a fresh key. @param rejects in file order @returns null when there are none */
export async function storeRejects(
  storage: Storage,
  importId: string,
  chunkNo: number,
  rejects: readonly Reject[],
): Promise<StorageKey | null> {
  if (rejects.length === 0) return null;
  const key = rejectsKey(importId, chunkNo, randomUUID());
  await storage.write(key, Readable.from(formatTogether(rejects)));
  return key;
}

/** Many lines at once: a stream costs more for each piece than these for each line. */
const LINES_TOGETHER = 200;

function* formatTogether(rejects: readonly Reject[]): Generator<string> {
  for (let at = 0; at < rejects.length; at += LINES_TOGETHER)
    yield rejects
      .slice(at, at + LINES_TOGETHER)
      .map(formatReject)
      .join('');
}

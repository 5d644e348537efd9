// The reject part of a chunk: its rejected records in file order, one JSON line each.
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { rejectsKey } from '../../../storage/keys.ts';
import type { Storage, StorageKey } from '../../../storage/storage.ts';
import { mergeLines, type RejectLog } from './reject-log.ts';

/** Writes a part under a fresh key. @param early those that checking rejected @returns null when there are none */
export async function storeRejects(
  storage: Storage,
  importId: string,
  chunkNo: number,
  early: RejectLog,
  late: RejectLog,
): Promise<StorageKey | null> {
  if (early.starts.length + late.starts.length === 0) return null;
  const key = rejectsKey(importId, chunkNo, randomUUID());
  await storage.write(key, Readable.from(mergeLines(early, late)));
  return key;
}

import type { ByteRange } from '../core/csv/types.ts';
import type { Storage, StorageKey } from './storage.ts';

/** Where an import's file is: in its row, or in the storage. */
export interface UploadPlace {
  readonly content: Buffer | null;
  readonly storageKey: StorageKey;
}

/**
 * Gives ranges of an import's file.
 * @param room see `Storage.readBytes`; a file that is in its row needs none
 */
export function uploadReader(
  storage: Storage,
  { content, storageKey }: UploadPlace,
  room?: (bytes: number) => Buffer,
): (range: ByteRange) => Promise<Buffer> {
  if (content === null) return (range) => storage.readBytes(storageKey, range, room);
  // A copy: the reader of records takes escapes out in place, and the file is read more than once.
  return ({ startByte, endByte }) => Promise.resolve(Buffer.from(content.subarray(startByte, endByte)));
}

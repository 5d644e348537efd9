import { Readable } from 'node:stream';
import type { Storage, StorageKey } from '../storage/storage.ts';

/**
 * Keeps a text: for the row of its import when it is no longer than `smallBytes`, else in the storage.
 * @returns the text; null: it is in the storage
 */
export async function keepText(
  storage: Storage,
  key: StorageKey,
  pieces: AsyncGenerator<Buffer>,
  smallBytes: number,
): Promise<Buffer | null> {
  const held: Buffer[] = [];
  let bytes = 0;
  while (bytes <= smallBytes) {
    const next = await pieces.next();
    if (next.done === true) return Buffer.concat(held);
    held.push(next.value);
    bytes += next.value.length;
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield* held;
    yield* pieces;
  }
  await storage.write(key, Readable.from(all(), { objectMode: false }));
  return null;
}

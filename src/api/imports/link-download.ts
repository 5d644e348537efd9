// A download that the storage itself hands out: the file is made there, and the client is sent to it.
import type { Readable } from 'node:stream';
import type { LinkedFile, Storage, StorageKey } from '../../storage/storage.ts';

/**
 * @param key in the folder of the import, with which the file goes
 * @param stillKept throws when the files of the import are gone: what was made meanwhile must go too
 * @returns its address; undefined: the storage gives none, and nothing was made
 */
export async function linkDownload(
  storage: Storage,
  key: StorageKey,
  as: LinkedFile,
  open: () => Readable | Promise<Readable>,
  stillKept: () => Promise<unknown>,
): Promise<string | undefined> {
  const address = await storage.link(key, as);
  if (address === undefined) return undefined;
  await storage.write(key, await open());
  try {
    await stillKept();
  } catch (error) {
    await storage.remove(key);
    throw error;
  }
  return address;
}

import { Readable } from 'node:stream';
import type { Storage } from './storage.ts';

/** A storage whose code is loaded when it is used for the first time. */
export function openLate(open: () => Promise<Storage>): Storage {
  let opened: Promise<Storage> | undefined;
  const storage = (): Promise<Storage> => (opened ??= open());
  return {
    async write(key, source, signal) {
      // A source that fails before anybody reads it must not end the process: who reads it then is told.
      source.on('error', () => undefined);
      return (await storage()).write(key, source, signal);
    },
    copy: async (from, to) => (await storage()).copy(from, to),
    read: (key, range) =>
      Readable.from(
        (async function* read() {
          yield* (await storage()).read(key, range) as AsyncIterable<Buffer>;
        })(),
        { objectMode: false },
      ),
    readBytes: async (key, range, room) => (await storage()).readBytes(key, range, room),
    remove: async (key) => (await storage()).remove(key),
    removeFolder: async (prefix) => (await storage()).removeFolder(prefix),
    async *listFolders(prefix) {
      yield* (await storage()).listFolders(prefix);
    },
    removeUnfinished: async (before) => (await storage()).removeUnfinished(before),
    link: async (key, as) => (await storage()).link(key, as),
    check: async () => (await storage()).check(),
  };
}

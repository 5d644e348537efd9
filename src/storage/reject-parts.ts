import { parseReject, type Reject } from '../core/imports/rejects.ts';
import type { Storage, StorageKey } from './storage.ts';

/** The rejects of one chunk, in file order. @throws AppError FILE_GONE */
export async function* readRejects(storage: Storage, key: StorageKey): AsyncGenerator<Reject> {
  let rest = '';
  for await (const text of storage.read(key).setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield parseReject(line);
  }
}

// The reject file: rejected records in file order, with why, ready to be fixed and sent again.
import { Readable } from 'node:stream';
import { ROW_COLUMN } from '../core/imports/rejects.ts';
import { readRejects } from '../storage/reject-parts.ts';
import type { Storage, StorageKey } from '../storage/storage.ts';
import { rejectLines } from './reject-lines.ts';

/**
 * Streams the file from the parts that the chunks wrote.
 * @param raw leaves out the guard against spreadsheet formulas
 * @param tellsNull see `rejectLines`
 */
export function streamRejects(
  storage: Storage,
  keys: readonly StorageKey[],
  header: readonly string[],
  raw: boolean,
  tellsNull: boolean,
): Readable {
  const { head, line } = rejectLines(header, raw, tellsNull);
  const rowAt = header.indexOf(ROW_COLUMN);
  async function* lines(): AsyncGenerator<string> {
    // It goes out together with the first record, so that a file that is gone fails the stream before its first byte.
    let before = head;
    for (const key of keys) {
      for await (const reject of readRejects(storage, key)) {
        // A record of a retry that says no number keeps what it says.
        const row = reject.row === 0 ? (reject.cells[rowAt] ?? '') : String(reject.row);
        yield before + line(row, reject.errors, reject.cells);
        before = '';
      }
    }
    if (before !== '') yield before;
  }
  return Readable.from(lines(), { objectMode: false });
}

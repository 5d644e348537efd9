// The reject file: rejected records in file order, with why, ready to be fixed and sent again.
import { Readable } from 'node:stream';
import { formatCsvRecord } from '../../core/csv/writer.ts';
import { parseReject, REJECT_COLUMNS } from '../../core/rejects.ts';
import { guard, guardRaw } from '../../core/spreadsheet-guard.ts';
import type { Storage, StorageKey } from '../../storage/storage.ts';

/** Excel reads a CSV file as UTF-8 only with it. */
const BOM = '\ufeff';

/**
 * Streams the file from the parts that the chunks wrote.
 * @param raw leaves out the guard against spreadsheet formulas
 */
export function streamRejects(
  storage: Storage,
  keys: readonly StorageKey[],
  header: readonly string[],
  raw: boolean,
): Readable {
  const protect = raw ? guardRaw : guard;
  // A reject file that came back has these columns already: they were about another file.
  const own = (cells: readonly string[]): string[] =>
    cells.filter((_, at) => !REJECT_COLUMNS.includes(header[at] ?? '')).map(protect);
  async function* lines(): AsyncGenerator<string> {
    // It goes out together with the first record, so that a file that is gone fails the stream before its first byte.
    let head = BOM + formatCsvRecord([...REJECT_COLUMNS, ...own(header)]);
    for (const key of keys) {
      for await (const line of splitLines(storage.read(key))) {
        const reject = parseReject(line);
        yield head + formatCsvRecord([String(reject.row), protect(reject.errors), ...own(reject.cells)]);
        head = '';
      }
    }
    if (head !== '') yield head;
  }
  return Readable.from(lines(), { objectMode: false });
}

async function* splitLines(source: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const text of source.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}

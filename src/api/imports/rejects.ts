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
  async function* lines(): AsyncGenerator<string> {
    yield BOM + formatCsvRecord([...REJECT_COLUMNS, ...header.map(protect)]);
    for (const key of keys) {
      for await (const line of splitLines(storage.read(key))) {
        const reject = parseReject(line);
        yield formatCsvRecord([String(reject.row), protect(reject.errors), ...reject.cells.map(protect)]);
      }
    }
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

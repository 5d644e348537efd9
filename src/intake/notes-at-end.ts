import { countNotes } from '../core/csv/dialect/notes-below.ts';
import { grammarOf, isLineEnd, QUOTE, SPACE } from '../core/csv/grammar.ts';
import { linesFromEnd } from '../core/csv/text/lines-from-end.ts';
import type { ByteRange, FileDialect } from '../core/csv/types.ts';

/** Notes are short; what is longer is none. */
const TAIL_BYTES = 16 * 1024;

interface Table {
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly dialect: FileDialect;
  readonly columns: number;
}

/**
 * How many of the last records are notes below the table.
 * @param shown a cell as people see it
 * @param last some bytes of the text's end, where they are known: most texts need not be read again
 */
export async function notesAtEnd(
  read: (range: ByteRange) => Promise<Buffer>,
  { dataStart, dataEnd, dialect, columns }: Table,
  shown: (cell: string) => string,
  last?: Buffer,
): Promise<number> {
  const { delimiter, databaseText = null, json } = dialect;
  if (databaseText !== null || json !== undefined) return 0;
  const byte = last?.findLast((each) => !isLineEnd(each) && each !== SPACE);
  // Behind a note are empty cells.
  if (byte !== undefined && byte !== QUOTE && byte !== delimiter.charCodeAt(delimiter.length - 1)) return 0;
  const range = { startByte: dataStart, endByte: dataEnd };
  for await (const lines of linesFromEnd(read, range)) {
    const near = lines.filter(({ startByte }) => dataEnd - startByte < TAIL_BYTES);
    return countNotes(near, columns, grammarOf(dialect), dialect.emptyRecords === 'skip', shown);
  }
  return 0;
}

import { countNotes } from '../core/csv/dialect/notes-below.ts';
import { grammarOf, isLineEnd, QUOTE, SPACE } from '../core/csv/grammar.ts';
import type { ByteRange, Dialect } from '../core/csv/types.ts';

/** Notes are short; what is longer is none. */
const TAIL_BYTES = 16 * 1024;

interface Table {
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly dialect: Dialect;
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
  const startByte = Math.max(dataStart, dataEnd - TAIL_BYTES);
  return countNotes(await read({ startByte, endByte: dataEnd }), columns, grammarOf(dialect), shown);
}

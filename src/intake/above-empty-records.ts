// The records at the end of a file that have no value in any cell: lines of delimiters, as spreadsheets write them for rows that were
// emptied or only formatted. They are no data; how many they are is kept with the import.
import { grammarOf, isLineEnd, SPACE } from '../core/csv/grammar.ts';
import { isEmptyRecord, mayHaveEmptyRecords } from '../core/csv/records/empty-record.ts';
import { linesFromEnd } from '../core/csv/text/lines-from-end.ts';
import type { ByteRange, Dialect, FileDialect } from '../core/csv/types.ts';
import { AppError } from '../errors.ts';

export interface EmptyEnd {
  /** Where the records end above them. */
  readonly dataEnd: number;
  readonly records: number;
}

/** How the import's dialect keeps the number of them. */
export function keepEmptyEnd({ records }: EmptyEnd): Pick<FileDialect, 'skippedEmptyRecords'> {
  return records === 0 ? {} : { skippedEmptyRecords: records };
}

/** What of the options says what becomes of them. */
export interface EmptyOptions {
  readonly emptyRecords: 'skip' | 'keep';
  readonly emptyFile: 'refuse' | 'accept';
}

/**
 * @param read gives a range of the stored text
 * @param emptyFile `accept`: a file of nothing but such records is one without records, and is none to refuse
 * @param last some bytes of the text's end, where they are known: most texts need not be read again
 * @throws AppError FILE_HEADER_ONLY when there are no others
 */
export async function aboveEmptyRecords(
  read: (range: ByteRange) => Promise<Buffer>,
  dataStart: number,
  dataEnd: number,
  dialect: Dialect,
  { emptyRecords, emptyFile }: EmptyOptions,
  last?: Buffer,
): Promise<EmptyEnd> {
  const mayBeEmpty = emptyRecords === 'skip' && mayHaveEmptyRecords(dialect);
  if (!mayBeEmpty || (last !== undefined && !mayEndEmpty(last, dialect.delimiter.charCodeAt(0))))
    return { dataEnd, records: 0 };
  const grammar = grammarOf(dialect);
  let emptyFrom = dataEnd;
  let records = 0;
  for await (const lines of linesFromEnd(read, { startByte: dataStart, endByte: dataEnd }))
    for (const { text, startByte, begins } of lines) {
      if (text.length === 0) continue;
      if (!begins || !isEmptyRecord(text, 0, text.length, grammar)) return { dataEnd: emptyFrom, records };
      records++;
      emptyFrom = startByte;
    }
  if (records === 0) return { dataEnd, records };
  if (emptyFile === 'accept') return { dataEnd: dataStart, records };
  throw new AppError(
    'FILE_HEADER_ONLY',
    `The file has ${records} records, and no cell of them has a value. Send emptyRecords=keep if they are records, or emptyFile=accept for an import of 0 records.`,
  );
}

function mayEndEmpty(last: Buffer, delimiter: number): boolean {
  const byte = last.findLast((each) => !isLineEnd(each) && each !== SPACE);
  return byte === undefined || byte === delimiter;
}

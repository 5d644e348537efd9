// The records at the end of a file that have no value in any cell: lines of delimiters, as spreadsheets write them for rows that were
// emptied or only formatted. They are no data; how many they are is kept with the import.
import { isLineEnd, SPACE } from '../core/csv/grammar.ts';
import type { ByteRange, Dialect, FileDialect } from '../core/csv/types.ts';
import { AppError } from '../errors.ts';

const BLOCK_BYTES = 64 * 1024;

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
  const delimiter = emptyRecords === 'keep' ? undefined : delimiterOf(dialect);
  if (delimiter === undefined || (last !== undefined && !mayEndEmpty(last, delimiter)))
    return { dataEnd, records: 0 };
  let emptyFrom = dataEnd;
  let records = 0;
  let hasDelimiter = false;
  for (let endByte = dataEnd; endByte > dataStart; endByte -= BLOCK_BYTES) {
    const startByte = Math.max(dataStart, endByte - BLOCK_BYTES);
    const block = await read({ startByte, endByte });
    for (let at = block.length - 1; at >= 0; at--) {
      const byte = block[at]!;
      if (byte === delimiter) hasDelimiter = true;
      else if (isLineEnd(byte)) {
        if (!hasDelimiter) continue;
        records++;
        hasDelimiter = false;
        emptyFrom = startByte + at + 1;
      } else if (byte !== SPACE || dialect.skipInitialSpace !== true) return { dataEnd: emptyFrom, records };
    }
  }
  if (hasDelimiter) records++;
  if (records === 0) return { dataEnd, records };
  if (emptyFile === 'accept') return { dataEnd: dataStart, records };
  throw new AppError(
    'FILE_HEADER_ONLY',
    `The file has ${records} records, and no cell of them has a value. Send emptyRecords=keep if they are records, or emptyFile=accept for an import of 0 records.`,
  );
}

/** Undefined: the dialect is none of spreadsheets. */
function delimiterOf({ delimiter, databaseText = null, json, emptyCells }: Dialect): number | undefined {
  if (databaseText !== null || json !== undefined || emptyCells !== undefined) return undefined;
  return delimiter.length === 1 ? delimiter.charCodeAt(0) : undefined;
}

function mayEndEmpty(last: Buffer, delimiter: number): boolean {
  const byte = last.findLast((each) => !isLineEnd(each) && each !== SPACE);
  return byte === undefined || byte === delimiter;
}

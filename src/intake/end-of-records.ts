// Where the records of a text end: above the lines that the sender says are none (skipFooter), and above records that have no value.
import { linesFromEnd } from '../core/csv/text/lines-from-end.ts';
import type { ByteRange, Dialect } from '../core/csv/types.ts';
import { aboveEmptyRecords, type EmptyEnd, type EmptyOptions } from './above-empty-records.ts';
import { aboveFooter } from './above-footer.ts';
import { linesOfFooter } from './lines-of-footer.ts';

interface Records {
  readonly dataStart: number;
  readonly textEnd: number;
  readonly dialect: Dialect;
  readonly columns: number;
}

/**
 * @param footer so many lines at the end are no records
 * @param last some bytes of the text's end, where they are known: most texts need not be read again
 * @throws AppError FILE_HEADER_ONLY when there are no others; INVALID_REQUEST when `footer` may count records without a value or not
 */
export async function endOfRecords(
  read: (range: ByteRange) => Promise<Buffer>,
  { dataStart, textEnd, dialect, columns }: Records,
  footer: number,
  options: EmptyOptions,
  last?: Buffer,
): Promise<EmptyEnd> {
  const mayBeEmpty = options.emptyFile === 'accept';
  if (footer === 0) return aboveEmptyRecords(read, dataStart, textEnd, dialect, options, last);
  const below = await aboveEmptyRecords(read, dataStart, textEnd, dialect, {
    ...options,
    emptyFile: 'accept',
  });
  if (below.dataEnd === dataStart) return aboveEmptyRecords(read, dataStart, textEnd, dialect, options);
  const lines =
    below.records === 0
      ? footer
      : linesOfFooter(await lastLines(read, dataStart, below.dataEnd, footer), footer, {
          ...below,
          columns,
          dialect,
        });
  const footerStart =
    lines === 0 ? below.dataEnd : await aboveFooter(read, dataStart, below.dataEnd, lines, mayBeEmpty);
  const end = await aboveEmptyRecords(read, dataStart, footerStart, dialect, options);
  return { ...end, records: end.records + below.records };
}

const MOST_BYTES = 1024 * 1024;

/** The text of the last lines that are not blank, so many at most. */
async function lastLines(
  read: (range: ByteRange) => Promise<Buffer>,
  dataStart: number,
  endByte: number,
  most: number,
): Promise<Buffer[]> {
  const range = { startByte: dataStart, endByte };
  const found: Buffer[] = [];
  for await (const lines of linesFromEnd(read, range))
    for (const { text, startByte } of lines) {
      if (found.length === most || endByte - startByte > MOST_BYTES) return found;
      if (text.length > 0) found.unshift(Buffer.from(text));
    }
  return found;
}

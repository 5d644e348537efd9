// The lines at the end of a file that the sender says are no records.
import { asciiUnits } from '../core/csv/text/code-units.ts';
import type { Decoder } from '../core/csv/text/encodings.ts';
import { isLineEnd } from '../core/csv/grammar.ts';
import type { ByteRange } from '../core/csv/types.ts';
import { AppError } from '../errors.ts';

const BLOCK_BYTES = 64 * 1024;

/**
 * Where the records end above so many lines; blank ones do not count.
 * @param read gives a range of the stored text
 * @param mayBeEmpty a text of nothing but these lines holds no record, and is none to refuse
 * @throws AppError FILE_HEADER_ONLY when nothing stands above them
 */
export async function aboveFooter(
  read: (range: ByteRange) => Promise<Buffer>,
  dataStart: number,
  dataEnd: number,
  lines: number,
  mayBeEmpty = false,
): Promise<number> {
  if (lines === 0) return dataEnd;
  let left = lines;
  let isText = false;
  let footerStart = dataStart;
  for (let endByte = dataEnd; endByte > dataStart; endByte -= BLOCK_BYTES) {
    const startByte = Math.max(dataStart, endByte - BLOCK_BYTES);
    const block = await read({ startByte, endByte });
    for (let at = block.length - 1; at >= 0; at--) {
      const endsLine = isLineEnd(block[at]);
      if (left === 0 && !endsLine) return footerStart;
      if (endsLine && isText && --left === 0) footerStart = startByte + at + 1;
      isText = !endsLine;
    }
  }
  const isAll = left === 0 || (left === 1 && isText);
  if (isAll && mayBeEmpty) return dataStart;
  throw nothingAbove(lines, 'the end');
}

/**
 * How many bytes stand above so many lines at the end of a text that comes in pieces.
 * @param units of the text; the pieces are cut between them
 * @param name of the file
 * @throws AppError FILE_HEADER_ONLY when it has fewer lines
 */
export async function bytesAboveFooter(
  pieces: AsyncIterable<Buffer>,
  lines: number,
  units: Pick<Decoder, 'unit' | 'codeAt'>,
  name: string,
): Promise<number> {
  /** Where the last lines begin. */
  const starts: number[] = [];
  let offset = 0;
  let isText = false;
  for await (const piece of pieces) {
    const codes = asciiUnits(piece, units);
    for (let at = 0; at < codes.length; at++) {
      const endsLine = isLineEnd(codes[at]);
      if (!endsLine && !isText) {
        starts.push(offset + at * units.unit);
        if (starts.length > lines) starts.shift();
      }
      isText = !endsLine;
    }
    offset += piece.length;
  }
  if (starts.length < lines) throw nothingAbove(lines, `the end of ${JSON.stringify(name)}`);
  return starts[0]!;
}

function nothingAbove(lines: number, where: string): AppError {
  return new AppError(
    'FILE_HEADER_ONLY',
    `Above the ${lines} lines that skipFooter skips at ${where} there is no record. Send a smaller skipFooter.`,
  );
}

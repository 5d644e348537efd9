// The lines at the end of a file that the sender says are no records.
import { asciiUnits } from '../core/csv/text/code-units.ts';
import type { Decoder } from '../core/csv/text/encodings.ts';
import { isLineEnd } from '../core/csv/grammar.ts';
import { linesFromEnd } from '../core/csv/text/lines-from-end.ts';
import type { ByteRange, Dialect } from '../core/csv/types.ts';
import { AppError } from '../errors.ts';
import { linesOfFooter } from './lines-of-footer.ts';

/** Records without a value at the end of a text. */
interface EmptyBelow {
  readonly records: number;
  readonly columns: number;
  readonly dialect: Dialect;
}

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
  let footerStart = dataStart;
  for await (const found of linesFromEnd(read, { startByte: dataStart, endByte: dataEnd }))
    for (const { text, startByte, begins } of found) {
      if (text.length === 0) continue;
      if (left === 0) return footerStart;
      if (!begins) continue;
      left--;
      footerStart = startByte;
    }
  if (left === 0 && mayBeEmpty) return dataStart;
  throw nothingAbove(lines, 'the end');
}

/** Of a line, so much tells what it is. */
const LINE_BYTES = 4096;

/**
 * How many bytes stand above so many lines at the end of a text that comes in pieces.
 * @param decoder of the text; the pieces are cut between its code units
 * @param name of the file
 * @param emptyBelow the records without a value that were left out below, known when all pieces have come
 * @throws AppError FILE_HEADER_ONLY when it has fewer lines
 */
export async function bytesAboveFooter(
  pieces: AsyncIterable<Buffer>,
  lines: number,
  decoder: Pick<Decoder, 'unit' | 'codeAt' | 'loose'>,
  name: string,
  emptyBelow: () => EmptyBelow | undefined = () => undefined,
): Promise<number> {
  /** The last lines. */
  const last: { readonly start: number; text: Buffer }[] = [];
  let offset = 0;
  let isText = false;
  for await (const piece of pieces) {
    const codes = asciiUnits(piece, decoder);
    let from = 0;
    const keep = (to: number): void => {
      const line = last.at(-1);
      if (isText && line !== undefined && line.text.length < LINE_BYTES)
        line.text = Buffer.concat([line.text, piece.subarray(from, to).subarray(0, LINE_BYTES)]);
    };
    for (let at = 0; at < codes.length; at++) {
      const endsLine = isLineEnd(codes[at]);
      if (endsLine && isText) keep(at * decoder.unit);
      if (!endsLine && !isText) {
        from = at * decoder.unit;
        last.push({ start: offset + from, text: Buffer.alloc(0) });
        if (last.length > lines) last.shift();
      }
      isText = !endsLine;
    }
    keep(piece.length);
    offset += piece.length;
  }
  const below = emptyBelow();
  const texts = (): Buffer[] => last.map(({ text }) => Buffer.from(decoder.loose(text)));
  const skipped = below === undefined || below.records === 0 ? lines : linesOfFooter(texts(), lines, below);
  if (skipped === 0) return offset;
  if (last.length < skipped) throw nothingAbove(skipped, `the end of ${JSON.stringify(name)}`);
  return last[last.length - skipped]!.start;
}

function nothingAbove(lines: number, where: string): AppError {
  return new AppError(
    'FILE_HEADER_ONLY',
    `Above the ${lines} lines that skipFooter skips at ${where} there is no record. Send a smaller skipFooter.`,
  );
}

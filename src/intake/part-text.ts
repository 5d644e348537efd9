// The bytes of one file of an archive on their way into the text of all: whole code units in the byte order of the first file, without the
// marks that DOS ends a text with, and without the records at the end that have no value and the lines that skipFooter skips.
import { EndMarks } from '../core/csv/text/end-marks.ts';
import type { Decoder } from '../core/csv/text/encodings.ts';
import { AppError } from '../errors.ts';
import { bytesAboveFooter } from './above-footer.ts';
import { EmptyLines } from './empty-lines.ts';
import type { PartHead } from './part-head.ts';

/** A file of an archive. */
export interface EntryFile {
  /** Cleaned; for people. */
  readonly name: string;
  /** May be read more than once. */
  readonly read: () => AsyncGenerator<Buffer>;
}

export interface PartFile extends EntryFile {
  readonly head: PartHead;
}

/** What all parts are given as. */
export interface JoinedText {
  /** Of the first file. */
  readonly encoding: string;
  readonly decoder: Decoder;
  readonly skipFooter: number;
  /** Records without a value at the end are left out; undefined: they are kept, or the delimiter is not known. */
  readonly emptyEnd: EmptyEnds | undefined;
}

/** How such records are known, and how many were left out so far. */
export interface EmptyEnds {
  readonly delimiter: string;
  readonly columns: number;
  count: number;
}

/** @param from the first byte wanted; 0, or where the head ends */
export async function* readPart(file: PartFile, from: number, text: JoinedText): AsyncGenerator<Buffer> {
  const { encoding, decoder, skipFooter, emptyEnd } = text;
  const isSwapped = decoder.unit === 2 && file.head.encoding !== encoding;
  const marked = (start: number): AsyncGenerator<Buffer> =>
    withoutMarks(behind(inUnits(file, decoder.unit, isSwapped), start), decoder);
  const textFrom = (start: number, ends: EmptyEnds | undefined): AsyncGenerator<Buffer> =>
    ends === undefined ? marked(start) : withoutEmptyEnd(marked(start), start > 0, ends, decoder);
  if (skipFooter === 0) yield* textFrom(from, emptyEnd);
  else {
    const { bytes } = file.head;
    const seen = emptyEnd && { ...emptyEnd, count: 0 };
    const above = await bytesAboveFooter(
      textFrom(bytes, seen),
      skipFooter,
      decoder,
      file.name,
      () => seen && { records: seen.count, columns: seen.columns, dialect: { delimiter: seen.delimiter } },
    );
    yield* upTo(textFrom(from, emptyEnd), bytes - from + above);
  }
}

async function* withoutEmptyEnd(
  pieces: AsyncIterable<Buffer>,
  isAtLine: boolean,
  ends: EmptyEnds,
  decoder: Decoder,
): AsyncGenerator<Buffer> {
  const lines = new EmptyLines(ends.delimiter, decoder, isAtLine);
  for await (const piece of pieces) yield* lines.push(piece);
  ends.count += lines.records;
}

async function* inUnits({ name, read }: EntryFile, unit: number, isSwapped: boolean): AsyncGenerator<Buffer> {
  if (unit === 1) {
    yield* read();
    return;
  }
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of read()) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const end = bytes.length - (bytes.length % unit);
    rest = Buffer.from(bytes.subarray(end));
    const whole = bytes.subarray(0, end);
    if (end > 0) yield isSwapped ? Buffer.from(whole).swap16() : whole;
  }
  if (rest.length > 0)
    throw new AppError(
      'FILE_ZIP',
      `${JSON.stringify(name)} in the ZIP archive ends within a character of UTF-16, so it was cut off. Export it again, and pack the files again.`,
    );
}

async function* behind(pieces: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let skip = bytes;
  for await (const piece of pieces) {
    if (piece.length > skip) yield piece.subarray(skip);
    skip = Math.max(0, skip - piece.length);
  }
}

async function* upTo(pieces: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const piece of pieces) {
    if (left === 0) return;
    yield piece.subarray(0, left);
    left = Math.max(0, left - piece.length);
  }
}

async function* withoutMarks(pieces: AsyncIterable<Buffer>, decoder: Decoder): AsyncGenerator<Buffer> {
  const end = new EndMarks(decoder);
  for await (const piece of pieces) yield* end.push(piece);
}

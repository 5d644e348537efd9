// What the fast readers are held against: well-formed records read by papaparse, from text made such that each of its rows is one
// of the plan's records; any difference between the two is a bug and throws. Of dialects it knows the usual one (grammar.ts, `isPlain`) to the letter.
import { isAscii } from 'node:buffer';
import Papa from 'papaparse';
import { counted } from '../../../src/core/counted.ts';
import { decodeCells } from '../../../src/core/csv/records/cell-places.ts';
import { afterLineEnd, CR, grammarOf, isLineEnd, LF, QUOTE } from '../../../src/core/csv/grammar.ts';
import type { ChunkRecords } from '../../../src/core/csv/chunks/listed-parts.ts';
import { readAnyPlaces } from '../../../src/core/csv/records/read-any-places.ts';
import { readStretches, type StretchReceiver } from '../../../src/core/csv/records/records.ts';
import type { RecordsOfFile } from '../../../src/core/csv/chunks/scan-chunks.ts';
import type { ByteRange, Dialect, Stretch } from '../../../src/core/csv/types.ts';

/** The cells are the receiver's to keep. `lineEnd` is the physical line where the record ends. */
export type OnRecord = (cells: string[], row: number, line: number, lineEnd: number) => void;

export interface RecordReceiver {
  readonly record: OnRecord;
  readonly broken: StretchReceiver['broken'];
}

/** Hands out every record of a chunk, in file order. */
export async function readRecords(
  file: Pick<RecordsOfFile, 'dialect' | 'columns' | 'dataEnd'>,
  chunk: ChunkRecords,
  read: (range: ByteRange) => Promise<Buffer>,
  { record, broken }: RecordReceiver,
): Promise<void> {
  await readStretches(file, chunk, read, {
    stretch: (bytes, stretch) => readStretch(bytes, stretch, file.dialect, record),
    broken,
  });
}

/** Papaparse is given a chunk in pieces of about this size: the cells of one piece die young, which is three times as fast. */
const PIECE_BYTES = 64 * 1024;

/**
 * Hands out the records of one stretch.
 * @param bytes exactly the stretch's
 * @throws Error when they do not hold the records that the plan says
 */
export function readStretch(bytes: Buffer, stretch: Stretch, dialect: Dialect, onRecord: OnRecord): void {
  const grammar = grammarOf(dialect);
  const records = grammar.isPlain
    ? readByPapaparse(bytes, stretch, dialect, onRecord)
    : readAnyText(Buffer.from(bytes), stretch, dialect, onRecord);
  if (records !== stretch.records)
    throw new Error(
      `Bytes ${stretch.startByte} to ${stretch.endByte} (line ${stretch.firstLine}) hold ${counted(records, 'record')}; the plan says ${stretch.records}`,
    );
}

/** @param bytes the reader's to change */
function readAnyText(bytes: Buffer, stretch: Stretch, dialect: Dialect, onRecord: OnRecord): number {
  return readAnyPlaces(bytes, stretch, dialect, (cells, row, line, lineEnd) =>
    onRecord(decodeCells(bytes, cells), row, line, lineEnd),
  );
}

/** @returns the number of records */
function readByPapaparse(bytes: Buffer, stretch: Stretch, dialect: Dialect, onRecord: OnRecord): number {
  let place: Place = { at: 0, row: stretch.firstRow, line: stretch.firstLine };
  while (place.at < bytes.length) {
    const piece = unquotedPiece(
      bytes.subarray(place.at, place.at + PIECE_BYTES),
      place.at + PIECE_BYTES >= bytes.length,
    );
    place =
      piece === undefined
        ? readQuoted(bytes, place, dialect, onRecord)
        : readUnquoted(piece, place, dialect, onRecord);
  }
  return place.row - stretch.firstRow;
}

/** A record start in a stretch, its row and its physical line. */
interface Place {
  readonly at: number;
  readonly row: number;
  readonly line: number;
}

/** The whole lines of a piece without quotes: each is a record, or blank. Undefined when there are quotes, or no line. */
function unquotedPiece(piece: Buffer, isLast: boolean): Buffer | undefined {
  if (piece.includes(QUOTE)) return undefined;
  if (isLast) return piece;
  const end = Math.max(piece.lastIndexOf(LF), piece.subarray(0, -1).lastIndexOf(CR)) + 1;
  return end === 0 ? undefined : piece.subarray(0, end);
}

function readUnquoted(piece: Buffer, place: Place, dialect: Dialect, onRecord: OnRecord): Place {
  let { row, line } = place;
  const rows = parseUnquoted(piece, dialect);
  // Behind the last line end papaparse sees one more row, of one empty cell.
  if (isLineEnd(piece[piece.length - 1])) rows.pop();
  for (const cells of rows) {
    if (cells.length > 1 || cells[0] !== '') onRecord(cells, row++, line, line);
    line++;
  }
  return { at: place.at + piece.length, row, line };
}

function parseUnquoted(piece: Buffer, dialect: Dialect): string[][] {
  const text = decode(piece);
  if (!piece.includes(CR)) return parse(text, dialect, '\n', true);
  if (/^[^\r\n]*(?:\r\n[^\r\n]*)*$/.test(text)) return parse(text, dialect, '\r\n', true);
  return parse(text.replaceAll(/\r\n?/g, '\n'), dialect, '\n', true);
}

function readQuoted(bytes: Buffer, place: Place, dialect: Dialect, onRecord: OnRecord): Place {
  const { text, newline, lines, lineEnds, next } = outlineRecords(bytes, place, dialect);
  const rows = parse(text, dialect, newline, false);
  if (text.endsWith(newline) && rows.length === lines.length + 1) rows.pop();
  if (rows.length !== lines.length)
    throw new Error(
      `papaparse reads ${rows.length} records where the grammar has ${lines.length} (line ${place.line})`,
    );
  for (const [index, cells] of rows.entries())
    onRecord(cells, place.row + index, lines[index]!, lineEnds[index]!);
  return next;
}

/** Some whole records with quotes. */
interface Outline {
  /** The records, each ended by `newline` alone, without blank lines. */
  readonly text: string;
  readonly newline: '\n' | '\r\n';
  /** Physical line where each record starts, and where it ends. */
  readonly lines: readonly number[];
  readonly lineEnds: readonly number[];
  readonly next: Place;
}

/** Finds the ends of about PIECE_BYTES of records. Where they are not of one style, or lines are blank, the text is put together anew. */
function outlineRecords(bytes: Buffer, { at: from, row, line: firstLine }: Place, dialect: Dialect): Outline {
  const delimiter = dialect.delimiter.charCodeAt(0);
  const { length } = bytes;
  const lines: number[] = [];
  const lineEnds: number[] = [];
  const bounds: number[] = [];
  const styles = new Set<'\n' | '\r\n' | 'other'>();
  let line = firstLine;
  let at = from;
  while (at < length && at - from < PIECE_BYTES) {
    const start = at;
    const startLine = line;
    for (;;) {
      if (bytes[at] === QUOTE) {
        for (at++; at < length; at++) {
          const byte = bytes[at];
          if (byte === QUOTE) {
            if (bytes[at + 1] !== QUOTE) break;
            at++;
          } else if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) line++;
        }
        if (at++ >= length) throw new Error(`A quoted cell of the record at line ${startLine} does not end`);
      } else while (at < length && bytes[at] !== delimiter && !isLineEnd(bytes[at])) at++;
      if (bytes[at] !== delimiter) break;
      at++;
    }
    if (at < length && !isLineEnd(bytes[at]))
      throw new Error(`Text follows a closing quote of the record at line ${startLine}`);
    const next = afterLineEnd(bytes, at, length);
    if (at === start) styles.add('other');
    else {
      lines.push(startLine);
      lineEnds.push(line);
      bounds.push(start, at);
      if (next > at) styles.add(next - at === 2 ? '\r\n' : bytes[at] === LF ? '\n' : 'other');
    }
    if (next > at) line++;
    at = next;
  }
  const next = { at, row: row + lines.length, line };
  const [style = '\n'] = styles;
  if (styles.size < 2 && style !== 'other')
    return { text: decode(bytes.subarray(from, at)), newline: style, lines, lineEnds, next };
  return { text: joinRecords(bytes, bounds), newline: '\n', lines, lineEnds, next };
}

function joinRecords(bytes: Buffer, bounds: readonly number[]): string {
  if (bounds.length === 0) return '';
  const joined = Buffer.allocUnsafe(bounds.at(-1)! - bounds[0]! + 1);
  let length = 0;
  for (let index = 0; index < bounds.length; index += 2) {
    length += bytes.copy(joined, length, bounds[index], bounds[index + 1]);
    joined[length++] = LF;
  }
  return decode(joined.subarray(0, length));
}

/** Latin-1 is decoded faster, and ASCII is Latin-1. */
function decode(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
}

function parse(text: string, dialect: Dialect, newline: '\n' | '\r\n', fastMode: boolean): string[][] {
  // Papaparse takes a first U+FEFF away. The file's BOM is long gone: this one is data.
  const input = text.charCodeAt(0) === 0xfeff ? `\ufeff${text}` : text;
  const { data, errors } = Papa.parse<string[]>(input, {
    delimiter: dialect.delimiter,
    newline,
    quoteChar: '"',
    escapeChar: '"',
    header: false,
    dynamicTyping: false,
    skipEmptyLines: false,
    comments: false,
    fastMode,
  });
  if (errors.length > 0)
    throw new Error(`papaparse stumbles over a well-formed stretch: ${JSON.stringify(errors[0])}`);
  return data;
}

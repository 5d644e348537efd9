// Values of the types that tables of datasets have, from their text to what Postgres' binary input functions read (`numeric_recv`,
// `date_recv` and so on). Each knows the forms that field readers put out; any other it leaves to Postgres, which reads text itself.
import type { BinaryRows } from './binary-rows.ts';
import type { CopyRows } from '../copy-rows.ts';
import {
  writeBigint,
  writeDouble,
  writeInteger,
  writeNumeric,
  writeShortBigint,
  writeShortNumeric,
  writeSmallint,
} from './numbers.ts';
import { writeDate, writeIsoDate, writeTime, writeTimestamptz } from './times.ts';
import { type BinaryWriter, MINUS, NotBinary, type ShortWriter } from './writer.ts';
import type { ByteTest } from '../../fields/byte-test.ts';
import { takesIsoDate } from '../../fields/readers/date.ts';
import { takesPlainInteger, takesPlainNumber } from '../../fields/readers/plain-number.ts';

/** Of the values of a column. Null: the bytes of their text are what is written, as in all columns of rows of text. */
export type ValueWriter = BinaryWriter | null;

/** Appends a value that is not bytes of the row's source. @throws NotBinary */
export function appendValue(rows: CopyRows, text: string, writer: ValueWriter): void {
  if (writer === null) return rows.appendText(text);
  const bytes = Buffer.from(text);
  writer(bytes, 0, bytes.length, rows as BinaryRows);
}

const writeBoolean: BinaryWriter = (bytes, start, end, rows) => {
  const letter = end - start === 1 ? bytes[start] : undefined;
  if (letter !== 116 && letter !== 102) throw new NotBinary('boolean');
  rows.appendBoolean(letter === 116);
};

/** Where the hex digits of a UUID's bytes are. */
const UUID_PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const UUID_DASHES = [8, 13, 18, 23];
const UUID_TEXT_BYTES = 36;

/** The value of a hex digit; 255 for any other byte. */
const HEX_VALUES = new Uint8Array(256).fill(255);
for (const [value, digit] of [...'0123456789abcdef'].entries())
  for (const each of [digit, digit.toUpperCase()]) HEX_VALUES[each.charCodeAt(0)] = value;

const writeUuid: BinaryWriter = (bytes, start, end, rows) => {
  if (end - start !== UUID_TEXT_BYTES || UUID_DASHES.some((at) => bytes[start + at] !== MINUS))
    throw new NotBinary('uuid');
  const to = rows.open(UUID_PLACES.length);
  for (let at = 0; at < UUID_PLACES.length; at++) {
    const from = start + UUID_PLACES[at]!;
    const high = HEX_VALUES[bytes[from]!]!;
    const low = HEX_VALUES[bytes[from + 1]!]!;
    if (high === 255 || low === 255) throw new NotBinary('uuid');
    rows.putByte(to + at, high * 16 + low);
  }
};

/** The version of the form comes first; the text follows. */
const JSONB_VERSION = 1;

const writeJsonb: BinaryWriter = (bytes, start, end, rows) => {
  const to = rows.open(1 + end - start);
  rows.putByte(to, JSONB_VERSION);
  rows.putBytes(to + 1, bytes.subarray(start, end));
};

/**
 * By the type's name without its length, as plans of tables have it: all of them are here, and those of tables that exist.
 */
export const BINARY_WRITERS: ReadonlyMap<string, ValueWriter> = new Map([
  ['text', null],
  ['varchar', null],
  ['bigint', writeBigint],
  ['integer', writeInteger],
  ['smallint', writeSmallint],
  ['double precision', writeDouble],
  ['numeric', writeNumeric],
  ['boolean', writeBoolean],
  ['date', writeDate],
  ['time', writeTime],
  ['timestamptz', writeTimestamptz],
  ['uuid', writeUuid],
  ['jsonb', writeJsonb],
]);

/**
 * What a field takes whose type alone decides, and the writer that reads and writes such a cell at once. It takes nothing that the test
 * does not take.
 */
const SHORT_WRITERS: ReadonlyMap<ByteTest, { readonly of: BinaryWriter; readonly writes: ShortWriter }> =
  new Map([
    [takesPlainInteger, { of: writeBigint, writes: writeShortBigint }],
    [takesPlainNumber, { of: writeNumeric, writes: writeShortNumeric }],
    [takesIsoDate, { of: writeDate, writes: writeIsoDate }],
  ]);

/** @param takes the field's test */
export function shortWriterOf(takes: ByteTest, writer: ValueWriter): ShortWriter | undefined {
  const short = SHORT_WRITERS.get(takes);
  return short?.of === writer ? short.writes : undefined;
}

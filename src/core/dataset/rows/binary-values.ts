// Values of the types that tables of datasets have, from their text to what Postgres' binary input functions read (`numeric_recv`,
// `date_recv` and so on). Each knows the forms that field readers put out; any other it leaves to Postgres, which reads text itself.
import { dayNumber, isDay } from '../fields/readers/calendar.ts';
import type { BinaryRows } from './binary-rows.ts';
import type { CopyRows } from './copy-rows.ts';

/** The value has a form that only Postgres can read: its rows must go as text. */
export class NotBinary extends Error {
  constructor(type: string) {
    super(`A value of type ${type} is in a form that has to go to Postgres as text`);
  }
}

/** Appends the value whose text is in bytes[start, end). @throws NotBinary */
export type BinaryWriter = (bytes: Uint8Array, start: number, end: number, rows: BinaryRows) => void;

/** Of the values of a column. Null: the bytes of their text are what is written, as in all columns of rows of text. */
export type ValueWriter = BinaryWriter | null;

/** Appends a value that is not bytes of the row's source. @throws NotBinary */
export function appendValue(rows: CopyRows, text: string, writer: ValueWriter): void {
  if (writer === null) return rows.appendText(text);
  const bytes = Buffer.from(text);
  writer(bytes, 0, bytes.length, rows as BinaryRows);
}

const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const COLON = 58;
const ZERO = 48;
const LETTER_Z = 90;
/** In lower case. */
const LETTER_E = 101;
const LOWER_CASE = 0x20;
const MICROS = 1_000_000;
const SAFE_DIGITS = 15;

const isDigitByte = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= 57;

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** The digits as a number; -1 when there are none, or others. `SAFE_DIGITS` at most. */
function digitsOf(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The same of digits that are few enough for integers of 32 bits, which are faster. */
const FEW_DIGITS = 9;

function fewDigitsOf(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = (Math.imul(value, 10) + digit) | 0;
  }
  return value;
}

const writeBigint: BinaryWriter = (bytes, start, end, rows) => {
  const few = end - start <= FEW_DIGITS ? fewDigitsOf(bytes, start, end) : -1;
  if (few !== -1 && end > start) rows.appendSmallInt64(few);
  else writeLongBigint(bytes, start, end, rows);
};

const writeLongBigint: BinaryWriter = (bytes, start, end, rows) => {
  const first = bytes[start];
  const isNegative = first === MINUS;
  const from = isNegative || first === PLUS ? start + 1 : start;
  if (end - from <= SAFE_DIGITS) {
    const value = digitsOf(bytes, from, end);
    if (value === -1) throw new NotBinary('bigint');
    // -0 is 0 - 0.
    rows.appendInt64(isNegative ? 0 - value : value);
    return;
  }
  const text = textOf(bytes, from, end);
  const value = /^\d+$/.test(text) ? BigInt(text) : undefined;
  const signed = value === undefined || !isNegative ? value : -value;
  if (signed === undefined || BigInt.asIntN(64, signed) !== signed) throw new NotBinary('bigint');
  rows.appendBigInt64(signed);
};

const writeInteger: BinaryWriter = (bytes, start, end, rows) => {
  const isNegative = bytes[start] === MINUS;
  const from = isNegative ? start + 1 : start;
  const value = end - from <= 9 ? digitsOf(bytes, from, end) : -1;
  if (value === -1) throw new NotBinary('integer');
  rows.appendInt32(isNegative ? 0 - value : value);
};

/** Decimal digits of one digit of a numeric. */
const GROUP = 4;
const NEGATIVE = 0x4000;
const HEADER_BYTES = 8;
const MOST_EXPONENT_DIGITS = 6;

/** Signs of the numerics that are no numbers. */
const SPECIAL_NUMERICS: ReadonlyMap<string, number> = new Map([
  ['NaN', 0xc000],
  ['Infinity', 0xd000],
  ['-Infinity', 0xf000],
]);

/**
 * A sign, digits with a point anywhere, and an exponent. In Postgres: digits to the base of 10,000 around the point, and a display scale,
 * the decimals that are shown: those written, less the exponent.
 */
const writeNumeric: BinaryWriter = (bytes, start, end, rows) => {
  if (!writeShortNumeric(bytes, start, end, rows)) writeLongNumeric(bytes, start, end, rows);
};

const POWERS = [1, 10, 100, 1000, 10_000];
const BASE = 10_000;

/** One to eight digits, and behind a point up to four: nearly all numbers of nearly all files. @returns false for others */
function writeShortNumeric(bytes: Uint8Array, start: number, end: number, rows: BinaryRows): boolean {
  if (end - start > 3 * GROUP + 1) return false;
  let at = start;
  let whole = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    whole = (Math.imul(whole, 10) + digit) | 0;
  }
  const wholeDigits = at - start;
  const decimals = at === end ? 0 : end - at - 1;
  if (wholeDigits === 0 || wholeDigits > 2 * GROUP || decimals > GROUP) return false;
  if (at < end && bytes[at] !== DOT) return false;
  const fraction = fewDigitsOf(bytes, at + 1, end);
  if (fraction === -1) return false;
  const high = (whole / BASE) | 0;
  const low = whole - Math.imul(high, BASE);
  rows.appendNumeric(high, low, Math.imul(fraction, POWERS[GROUP - decimals]!), decimals);
  return true;
}

const writeLongNumeric: BinaryWriter = (bytes, start, end, rows) => {
  const first = bytes[start];
  const from = first === MINUS || first === PLUS ? start + 1 : start;
  let at = from;
  while (at < end && isDigitByte(bytes[at])) at++;
  const whole = at - from;
  let decimals = 0;
  if (at < end && bytes[at] === DOT) {
    const behind = ++at;
    while (at < end && isDigitByte(bytes[at])) at++;
    decimals = at - behind;
  }
  if (whole + decimals === 0) return writeSpecialNumeric(bytes, start, end, rows);
  const exponent = at === end ? 0 : exponentOf(bytes, at, end);
  writeDigits(bytes, { from, whole, decimals, exponent, sign: first === MINUS ? NEGATIVE : 0 }, rows);
};

function writeSpecialNumeric(bytes: Uint8Array, start: number, end: number, rows: BinaryRows): void {
  const sign = SPECIAL_NUMERICS.get(textOf(bytes, start, end));
  if (sign === undefined) throw new NotBinary('numeric');
  const to = rows.open(HEADER_BYTES);
  for (const [at, value] of [0, 0, sign, 0].entries()) rows.putInt16(to + 2 * at, value);
}

function exponentOf(bytes: Uint8Array, at: number, end: number): number {
  const sign = bytes[at + 1];
  const from = sign === MINUS || sign === PLUS ? at + 2 : at + 1;
  const value = end - from <= MOST_EXPONENT_DIGITS ? digitsOf(bytes, from, end) : -1;
  if ((bytes[at]! | LOWER_CASE) !== LETTER_E || value === -1) throw new NotBinary('numeric');
  return sign === MINUS ? -value : value;
}

interface Decimal {
  /** Where the digits begin; a point may stand among them. */
  readonly from: number;
  readonly whole: number;
  readonly decimals: number;
  readonly exponent: number;
  readonly sign: number;
}

function writeDigits(bytes: Uint8Array, number: Decimal, rows: BinaryRows): void {
  const { from, whole, decimals, exponent, sign } = number;
  const count = whole + decimals;
  /** Byte of the n-th digit. */
  const point = from + whole;
  let lead = 0;
  while (lead < count && bytes[from + lead + (from + lead >= point ? 1 : 0)] === ZERO) lead++;
  /** Digits in front of the point, once the exponent has moved it and leading zeros are gone; may be negative. */
  const before = whole + exponent - lead;
  const scale = Math.max(0, decimals - exponent);
  // The first group begins at a multiple of four digits from the point.
  const groupsBefore = Math.ceil(before / GROUP);
  const skip = groupsBefore * GROUP - before;
  const groups = lead === count ? 0 : Math.ceil((count - lead + skip) / GROUP);
  const to = rows.open(HEADER_BYTES + 2 * groups);
  rows.putInt16(to, groups);
  rows.putInt16(to + 2, groups === 0 ? 0 : groupsBefore - 1);
  rows.putInt16(to + 4, groups === 0 ? 0 : sign);
  rows.putInt16(to + 6, scale);
  let digit = lead - skip;
  for (let group = 0; group < groups; group++) {
    let value = 0;
    for (let each = 0; each < GROUP; each++, digit++) {
      value *= 10;
      if (digit < lead || digit >= count) continue;
      const at = from + digit;
      value += bytes[at >= point ? at + 1 : at]! - ZERO;
    }
    rows.putInt16(to + HEADER_BYTES + 2 * group, value);
  }
}

const writeBoolean: BinaryWriter = (bytes, start, end, rows) => {
  const letter = end - start === 1 ? bytes[start] : undefined;
  if (letter !== 116 && letter !== 102) throw new NotBinary('boolean');
  rows.appendBoolean(letter === 116);
};

/** Days and times count from the beginning of 2000. */
const EPOCH_DAY = dayNumber(2000, 1, 1);
const DATE_BYTES = 10;
const INFINITIES: ReadonlySet<string> = new Set(['infinity', '-infinity']);

const LAST_DAY_OF_ALL = 28;

/** Days since the epoch of `2024-12-31` at `at`; NaN when something else stands there. */
function dayAt(bytes: Uint8Array, at: number): number {
  const year = fewDigitsOf(bytes, at, at + 4);
  const month = fewDigitsOf(bytes, at + 5, at + 7);
  const day = fewDigitsOf(bytes, at + 8, at + DATE_BYTES);
  if (bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS || year < 1 || month < 1 || month > 12 || day < 1)
    return NaN;
  if (day > LAST_DAY_OF_ALL && !isDay(year, month, day)) return NaN;
  return daysTo(year, month) + day;
}

/** Days from the epoch to the day before a month, in integers of 32 bits. */
function daysTo(year: number, month: number): number {
  const y = month > 2 ? year : year - 1;
  const m = month > 2 ? month - 3 : month + 9;
  const century = (y / 100) | 0;
  const days = Math.imul(365, y) + (y >> 2) - century + (century >> 2) + (((Math.imul(153, m) + 2) / 5) | 0);
  return days - EPOCH_DAY - 1;
}

const writeDate: BinaryWriter = (bytes, start, end, rows) => {
  const days = end - start === DATE_BYTES ? dayAt(bytes, start) : NaN;
  if (!Number.isNaN(days)) return rows.appendInt32(days);
  const text = textOf(bytes, start, end);
  if (!INFINITIES.has(text)) throw new NotBinary('date');
  rows.appendInt32(text === 'infinity' ? 0x7fffffff : -0x80000000);
};

/** A time of day that was read. */
interface Clock {
  seconds: number;
  micros: number;
  /** Where it ends. */
  end: number;
}

const clock: Clock = { seconds: 0, micros: 0, end: 0 };

/** Reads `15:30`, `15:30:59` or `15:30:59.25` into `clock`. */
function readClock(bytes: Uint8Array, start: number, end: number): boolean {
  const hours = digitsOf(bytes, start, start + 2);
  const minutes = digitsOf(bytes, start + 3, start + 5);
  if (start + 5 > end || hours === -1 || minutes === -1 || bytes[start + 2] !== COLON) return false;
  let seconds = 0;
  let at = start + 5;
  clock.micros = 0;
  if (at < end && bytes[at] === COLON) {
    seconds = digitsOf(bytes, at + 1, at + 3);
    at += 3;
    if (at > end || seconds === -1) return false;
    if (at < end && bytes[at] === DOT) at = readFraction(bytes, at + 1, end);
  }
  clock.seconds = hours * 3600 + minutes * 60 + seconds;
  clock.end = at;
  return at !== -1 && minutes < 60 && seconds < 60 && clock.seconds + clock.micros / MICROS <= 86_400;
}

/** Digits of a second into `clock.micros`. @returns where they end; -1 when there are none, or more than Postgres keeps */
function readFraction(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let unit = MICROS / 10;
  for (; at < end && isDigitByte(bytes[at]); at++) {
    const digit = bytes[at]! - ZERO;
    if (unit < 1 && digit !== 0) return -1;
    clock.micros += digit * Math.floor(unit);
    unit /= 10;
  }
  return at === start ? -1 : at;
}

const writeTime: BinaryWriter = (bytes, start, end, rows) => {
  if (!readClock(bytes, start, end) || clock.end !== end) throw new NotBinary('time');
  rows.appendInt64(clock.seconds * MICROS + clock.micros);
};

/** Seconds east of UTC of `Z`, `+09`, `+09:00` or `+09:00:00` that ends the text; NaN for anything else. */
function offsetAt(bytes: Uint8Array, start: number, end: number): number {
  const sign = bytes[start];
  if (sign === LETTER_Z) return end - start === 1 ? 0 : NaN;
  if (sign !== PLUS && sign !== MINUS) return NaN;
  let seconds = 0;
  for (let at = start + 1, unit = 3600; ; at += 3, unit /= 60) {
    const part = at + 2 <= end ? digitsOf(bytes, at, at + 2) : -1;
    if (part === -1 || part > 59 || unit < 1) return NaN;
    seconds += part * unit;
    if (at + 2 === end) return sign === MINUS ? -seconds : seconds;
    if (bytes[at + 2] !== COLON) return NaN;
  }
}

const writeTimestamptz: BinaryWriter = (bytes, start, end, rows) => {
  const days = end - start > DATE_BYTES ? dayAt(bytes, start) : NaN;
  const parting = bytes[start + DATE_BYTES];
  const isTimed =
    (parting === 84 || parting === 32) &&
    readClock(bytes, start + DATE_BYTES + 1, end) &&
    !Number.isNaN(days);
  const { seconds, micros } = clock;
  const east = isTimed ? offsetAt(bytes, clock.end, end) : NaN;
  if (Number.isNaN(east)) return writeInfinity(bytes, start, end, rows);
  const total = (days * 86_400 + seconds - east) * MICROS + micros;
  if (Number.isSafeInteger(total)) rows.appendInt64(total);
  else rows.appendBigInt64(BigInt(days * 86_400 + seconds - east) * BigInt(MICROS) + BigInt(micros));
};

function writeInfinity(bytes: Uint8Array, start: number, end: number, rows: BinaryRows): void {
  const text = textOf(bytes, start, end);
  if (!INFINITIES.has(text)) throw new NotBinary('timestamptz');
  rows.appendBigInt64(text === 'infinity' ? 2n ** 63n - 1n : -(2n ** 63n));
}

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
 * By the type's name without its length, as plans of tables have it: all of them are here.
 */
export const BINARY_WRITERS: ReadonlyMap<string, ValueWriter> = new Map([
  ['text', null],
  ['varchar', null],
  ['bigint', writeBigint],
  ['integer', writeInteger],
  ['numeric', writeNumeric],
  ['boolean', writeBoolean],
  ['date', writeDate],
  ['time', writeTime],
  ['timestamptz', writeTimestamptz],
  ['uuid', writeUuid],
  ['jsonb', writeJsonb],
]);

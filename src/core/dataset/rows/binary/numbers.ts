// `bigint`, `integer` and `numeric`.
import { isDigit } from '../../fields/byte-test.ts';
import type { BinaryRows } from './binary-rows.ts';
import {
  type BinaryWriter,
  digitsOf,
  DOT,
  FEW_DIGITS,
  fewDigitsOf,
  MINUS,
  NotBinary,
  PLUS,
  SAFE_DIGITS,
  type ShortWriter,
  textOf,
  ZERO,
} from './writer.ts';

/** In lower case. */
const LETTER_E = 101;
const LOWER_CASE = 0x20;

/** With all its digits; smaller ones are left to Postgres. */
const SMALLEST_DOUBLE = 2 ** -1022;

export const writeBigint: BinaryWriter = (bytes, start, end, rows) => {
  if (!writeShortBigint(bytes, start, end, rows)) writeLongBigint(bytes, start, end, rows);
};

/** One to nine digits. @returns false for others */
export const writeShortBigint: ShortWriter = (bytes, start, end, rows) => {
  const value = end > start && end - start <= FEW_DIGITS ? fewDigitsOf(bytes, start, end) : -1;
  if (value === -1) return false;
  rows.appendSmallInt64(value);
  return true;
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

export const writeInteger: BinaryWriter = (bytes, start, end, rows) =>
  rows.appendInt32(wholeNumber(bytes, start, end, 0x7fffffff, 'integer'));

export const writeSmallint: BinaryWriter = (bytes, start, end, rows) => {
  const value = wholeNumber(bytes, start, end, 0x7fff, 'smallint');
  rows.putInt16(rows.open(2), value);
};

/** @throws NotBinary also for what is out of range, which Postgres tells better */
function wholeNumber(bytes: Uint8Array, start: number, end: number, most: number, type: string): number {
  const isNegative = bytes[start] === MINUS;
  const from = isNegative || bytes[start] === PLUS ? start + 1 : start;
  const value = end - from <= SAFE_DIGITS ? digitsOf(bytes, from, end) : -1;
  if (value === -1 || value > (isNegative ? most + 1 : most)) throw new NotBinary(type);
  return isNegative ? 0 - value : value;
}

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Both JavaScript and Postgres take the nearest value of a decimal number. What rounds to nothing or to infinity Postgres refuses. */
export const writeDouble: BinaryWriter = (bytes, start, end, rows) => {
  const text = textOf(bytes, start, end);
  if (SPECIAL_NUMERICS.has(text)) return rows.appendDouble(Number(text));
  const value = FLOAT.test(text) ? Number(text) : NaN;
  const isOutside =
    !Number.isFinite(value) || (Math.abs(value) < SMALLEST_DOUBLE && /[1-9]/.test(text.replace(/e.*/i, '')));
  if (isOutside) throw new NotBinary('double precision');
  rows.appendDouble(value);
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
export const writeNumeric: BinaryWriter = (bytes, start, end, rows) => {
  if (!writeShortNumeric(bytes, start, end, rows)) writeLongNumeric(bytes, start, end, rows);
};

const POWERS = [1, 10, 100, 1000, 10_000];
const BASE = 10_000;

/** One to eight digits, and behind a point up to four: nearly all numbers of nearly all files. @returns false for others */
export const writeShortNumeric: ShortWriter = (bytes, start, end, rows) => {
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
};

const writeLongNumeric: BinaryWriter = (bytes, start, end, rows) => {
  const first = bytes[start];
  const from = first === MINUS || first === PLUS ? start + 1 : start;
  let at = from;
  while (at < end && isDigit(bytes[at])) at++;
  const whole = at - from;
  let decimals = 0;
  if (at < end && bytes[at] === DOT) {
    const behind = ++at;
    while (at < end && isDigit(bytes[at])) at++;
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

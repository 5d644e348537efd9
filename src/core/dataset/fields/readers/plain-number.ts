// Numbers as Postgres writes them itself: ASCII digits, a sign before them, a decimal point, an exponent. The digits travel as text.
import { NOT_DIGIT } from '../../../csv/records/cell-places.ts';
import { digitsAt, type ByteTest } from '../byte-test.ts';
import { decimalExtent } from './decimal.ts';

/**
 * Postgres numeric holds 131,072 digits before the point; a cell as short as `1e131071` would become 64 KiB.
 * A thousand digits on either side are more than any file means.
 */
export const MAX_DIGITS = 1000;
const MAX_BIGINT = '9223372036854775807';
const MIN_BIGINT_DIGITS = '9223372036854775808';
const PLUS = 43;
const MINUS = 45;
const POINT = 46;
/** Any number of this many digits fits bigint. */
const SAFE_BIGINT_DIGITS = 18;

export function readPlainInteger(text: string): string | undefined {
  const length = text.length;
  const first = text.charCodeAt(0);
  let i = first === 45 || first === 43 ? 1 : 0;
  if (i === length) return undefined;
  const long = length - i > SAFE_BIGINT_DIGITS;
  for (; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return undefined;
  }
  return long ? readLongInteger(text) : text;
}

function readLongInteger(text: string): string | undefined {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[+-]?0*/, '');
  const limit = negative ? MIN_BIGINT_DIGITS : MAX_BIGINT;
  if (digits.length > limit.length || (digits.length === limit.length && digits > limit)) return undefined;
  return (negative ? '-' : '') + (digits === '' ? '0' : digits);
}

export const takesPlainInteger: ByteTest = (bytes, start, end, mark) => {
  if ((mark & NOT_DIGIT) === 0) return end - start <= SAFE_BIGINT_DIGITS;
  const first = afterSign(bytes, start);
  return first < end && end - first <= SAFE_BIGINT_DIGITS && digitsAt(bytes, first, end) !== -1;
};

function afterSign(bytes: Uint8Array, start: number): number {
  return bytes[start] === PLUS || bytes[start] === MINUS ? start + 1 : start;
}

/** `12`, `-1.5`, `.5`, `5.`, `1e-3`: all forms that Postgres' numeric reads as well. */
export function readPlainNumber(text: string): string | undefined {
  const length = text.length;
  const first = text.charCodeAt(0);
  let i = first === 45 || first === 43 ? 1 : 0;
  const start = i;
  let code = text.charCodeAt(i);
  while (code >= 48 && code <= 57) code = text.charCodeAt(++i);
  const before = i - start;
  let after = 0;
  if (code === 46) {
    const point = i;
    code = text.charCodeAt(++i);
    while (code >= 48 && code <= 57) code = text.charCodeAt(++i);
    after = i - point - 1;
  }
  if (before + after === 0) return undefined;
  if (i === length) return before <= MAX_DIGITS && after <= MAX_DIGITS ? text : undefined;
  return code === 101 || code === 69 ? readExponent(text, i + 1) : undefined;
}

/** `12`, `-1.5`, `.5` or `5.`; an exponent is left to `readPlainNumber`. */
export const takesPlainNumber: ByteTest = (bytes, start, end, mark) => {
  if (end - start > MAX_DIGITS) return false;
  if ((mark & NOT_DIGIT) === 0) return true;
  const first = afterSign(bytes, start);
  let points = 0;
  for (let at = first; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 48 && byte <= 57) continue;
    if (byte !== POINT) return false;
    points++;
  }
  return points <= 1 && end - first > points;
};

function readExponent(text: string, start: number): string | undefined {
  if (!/^[+-]?0*[0-9]{1,5}$/.test(text.slice(start))) return undefined;
  const { before, after } = decimalExtent(text);
  return before <= MAX_DIGITS && after <= MAX_DIGITS ? text : undefined;
}

/** For a number in plain form that is not read: it has more digits than are taken. */
export function isBeyondDigits(text: string): boolean {
  if (!/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(text)) return false;
  const { before, after } = decimalExtent(text);
  return (
    before > MAX_DIGITS || after > MAX_DIGITS || writtenDigits(text).some((run) => run.length > MAX_DIGITS)
  );
}

const writtenDigits = (text: string): string[] => text.replace(/[eE].*/, '').match(/[0-9]+/g) ?? [];

// integer and number. Digits are ASCII; sign, decimal and group characters only as declared; the digits travel as text.
import { NOT_DIGIT } from '../../../csv/records/cell-places.ts';
import { digitsAt, type ByteTest } from '../byte-test.ts';
import type { Field } from '../../types.ts';
import { compareDecimals, decimalExtent, decimalKey } from './decimal.ts';
import { explainPart, partOfNumber } from './text-around.ts';
import type { TypeReader } from './type-reader.ts';

/**
 * Postgres numeric holds 131,072 digits before the point; a cell as short as `1e131071` would become 64 KiB.
 * A thousand digits on either side are more than any file means.
 */
const MAX_DIGITS = 1000;
const MAX_BIGINT = '9223372036854775807';
const MIN_BIGINT_DIGITS = '9223372036854775808';
const PLUS = 43;
const MINUS = 45;
const POINT = 46;
/** Any number of this many digits fits bigint. */
const SAFE_BIGINT_DIGITS = 18;

type NumberFormat = Pick<Field, 'decimalChar' | 'groupChar' | 'bareNumber'>;

function readPlainInteger(text: string): string | undefined {
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

const takesPlainInteger: ByteTest = (bytes, start, end, mark) => {
  if ((mark & NOT_DIGIT) === 0) return end - start <= SAFE_BIGINT_DIGITS;
  const first = afterSign(bytes, start);
  return first < end && end - first <= SAFE_BIGINT_DIGITS && digitsAt(bytes, first, end) !== -1;
};

function afterSign(bytes: Uint8Array, start: number): number {
  return bytes[start] === PLUS || bytes[start] === MINUS ? start + 1 : start;
}

/** `12`, `-1.5`, `.5`, `5.`, `1e-3`: all forms that Postgres' numeric reads as well. */
function readPlainNumber(text: string): string | undefined {
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
const takesPlainNumber: ByteTest = (bytes, start, end, mark) => {
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

const escapeForClass = (char: string): string => char.replace(/[\\\]^-]/g, '\\$&');

/** Groups have three digits (or two but for the last, as in India), and the first begins with no 0: "1,5" is not fifteen, "0.500" not 500. */
function wholePart(groupChar: string | undefined): string {
  if (groupChar === undefined) return '[0-9]*';
  const group = `[${escapeForClass(groupChar)}]`;
  return `[1-9][0-9]{0,2}(?:${group}[0-9]{3})+|[1-9][0-9]?(?:${group}[0-9]{2})+${group}[0-9]{3}|[0-9]*`;
}

/** Rewrites a declared notation (`€ 1.234,50`) to the plain one (`1234.50`); a text in another form becomes undefined. */
function plainNotation(format: NumberFormat): ((text: string) => string | undefined) | undefined {
  const { decimalChar = '.', groupChar, bareNumber = true } = format;
  if (decimalChar === '.' && groupChar === undefined && bareNumber) return undefined;
  const point = `[${escapeForClass(decimalChar)}]`;
  const number = `([+-]?)(${wholePart(groupChar)})(?:${point}([0-9]*))?(?:[eE]([+-]?[0-9]+))?`;
  // Text around the number: anything but digits, signs and the decimal character, so that no number is cut in two.
  const around = bareNumber ? '()' : `([^0-9+${escapeForClass(decimalChar)}-]*)`;
  const form = new RegExp(`^${around}${number}${around}$`, 'u');
  const isText = compileIsText();
  return (text) => {
    const match = form.exec(text);
    if (match === null) return undefined;
    const [, before = '', sign = '', digits = '', fraction, exponent, after = ''] = match;
    if ((before !== '' || after !== '') && !isText(before, after)) return undefined;
    if (exponent !== undefined ? /^[\p{L}\p{M}]/u.test(after) : digits === '0' && HEX.test(after))
      return undefined;
    const ungrouped = groupChar === undefined ? digits : digits.replaceAll(groupChar, '');
    return (
      sign +
      ungrouped +
      (fraction === undefined ? '' : `.${fraction}`) +
      (exponent === undefined ? '' : `e${exponent}`)
    );
  };
}

/** Behind a 0: a number in another base. */
const HEX = /^[xX][0-9a-fA-F]/;

const MOST_KNOWN = 16;

/** Whether what is around a number is text and no part of it. A column has few different such texts: the last answers are kept. */
function compileIsText(): (before: string, after: string) => boolean {
  const known: { readonly before: string; readonly after: string; readonly isText: boolean }[] = [];
  let next = 0;
  let last = { before: '', after: '', isText: true };
  return (before, after) => {
    if (before === last.before && after === last.after) return last.isText;
    const found = known.find((one) => one.before === before && one.after === after);
    last = found ?? { before, after, isText: partOfNumber(before, after) === undefined };
    if (found === undefined) known[next++ % MOST_KNOWN] = last;
    return last.isText;
  };
}

/** A number in the digits 0 to 9, perhaps with groups, and what is around it. */
const NUMBER_IN_TEXT =
  /^([^0-9]*?)[+-]?[.,]?[0-9](?:[0-9.,'’ \u00a0\u2009\u202f]*[0-9])?(?:[eE][+-]?[0-9]+)?([^0-9]*)$/u;

/** Why a text is refused that looks like a number: what of it would be lost, were it read. */
function whyNotRead(text: string, { groupChar, bareNumber = true }: NumberFormat): string | undefined {
  if (groupChar !== undefined) {
    const group = `[${escapeForClass(groupChar)}]`;
    if (new RegExp(`(?<![0-9])0[0-9]{0,2}(?:${group}[0-9]{2,3})+(?![0-9])`, 'u').test(text))
      return `whose first group begins with 0, as no number with "${groupChar}" between its groups does; write it without groups`;
  }
  const [, before, after] = NUMBER_IN_TEXT.exec(text) ?? [];
  if (before === undefined || after === undefined) {
    const digit = /(?![0-9])\p{N}/u.exec(text)?.[0];
    return digit === undefined ? undefined : explainPart({ kind: 'digit', text: digit });
  }
  const part = partOfNumber(before, after);
  if (part === undefined || (bareNumber && part.kind === 'separator')) return undefined;
  return explainPart(part);
}

type ReadAndTakes = Pick<TypeReader, 'read' | 'takes'>;

function withNotation(
  plain: ((text: string) => string | undefined) | undefined,
  readPlain: TypeReader['read'],
  takesPlain: ByteTest,
): ReadAndTakes {
  if (plain === undefined) return { read: readPlain, takes: takesPlain };
  const read = (text: string): string | undefined => {
    const rewritten = plain(text);
    return rewritten === undefined ? undefined : readPlain(rewritten);
  };
  return { read };
}

export function integerReader(field: NumberFormat): TypeReader {
  const format = { groupChar: field.groupChar, bareNumber: field.bareNumber };
  const plain = plainNotation(format);
  return {
    ...withNotation(plain, readPlainInteger, takesPlainInteger),
    fromJson: (value) => {
      if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
      return typeof value === 'string' ? readPlainInteger(value) : undefined;
    },
    expects: `a whole number like ${field.groupChar === undefined ? '1234' : `1${field.groupChar}234`}`,
    why: (text) => {
      const rewritten = plain === undefined ? text : plain(text);
      if (rewritten !== undefined && /^[+-]?[0-9]{19,}$/.test(rewritten))
        return 'which is beyond the range of bigint (-9223372036854775808 to 9223372036854775807)';
      return whyNotRead(text, format);
    },
    compare: compareDecimals,
    key: decimalKey,
  };
}

export function numberReader(field: NumberFormat): TypeReader {
  const { decimalChar = '.', groupChar = '' } = field;
  const plain = plainNotation(field);
  return {
    ...withNotation(plain, readPlainNumber, takesPlainNumber),
    fromJson: (value) => {
      if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
      return typeof value === 'string' ? readPlainNumber(value) : undefined;
    },
    expects: `a number like 1${groupChar}234${decimalChar}5`,
    why: (text) => {
      if (/^[+-]?(nan|inf(inity)?)$/i.test(text.trim())) return 'which is not a finite number';
      const rewritten = plain === undefined ? text : plain(text);
      return rewritten !== undefined && /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(rewritten)
        ? `which has more than ${MAX_DIGITS} digits before or after the decimal point`
        : whyNotRead(text, field);
    },
    compare: compareDecimals,
    key: decimalKey,
  };
}

// Tests on bytes of the cells that are common: a yes is certain, and so most cells need no closer look.
import { compileField } from '../fields/compile-field.ts';
import { takesIsoDate } from '../fields/readers/date.ts';
import {
  isBelow,
  isIsoDatetime,
  KINDS,
  MOST_DIGITS,
  MOST_NUMBER_CHARS,
  type CellKind,
} from './cell-kinds.ts';

export type SureTest = (bytes: Buffer, start: number, end: number) => boolean;

const takesEmail = compileField({ name: 'f', ...KINDS.email.field }, { fields: [] }).takes!;
const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const POINT = 46;
const SPACE = 32;
const COLON = 58;
const LETTER_T = 84;
const SMALL_A = 97;
const UUID_CHARS = 36;

const [TRUE, FALSE, TITLE_TRUE, TITLE_FALSE, UPPER_TRUE, UPPER_FALSE] = [
  'true',
  'false',
  'True',
  'False',
  'TRUE',
  'FALSE',
].map((word) => Buffer.from(word)) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];

const LOCAL_CHARS = 19;
const LOCAL_CHARS_SHORT = 16;

/**
 * Of cells that are found in bulk, whether such a one is surely of the kind, or of one that the kind holds. A no decides nothing: then
 * kindOfCell is asked. Text is not asked about.
 */
export const SURE_TESTS: Readonly<Partial<Record<CellKind, SureTest>>> = {
  integer: isSureInteger,
  number: isSureNumber,
  date: isSureDate,
  isoDatetime: isSureIsoDatetime,
  datetime: isSureIsoDatetime,
  isoLocalDatetime: (bytes, start, end) =>
    end - start === LOCAL_CHARS && bytes[start + 10] === LETTER_T && isSureLocal(bytes, start, end),
  localDatetime: isSureLocal,
  isoTime: (bytes, start, end) => end - start === 8 && isSureTime(bytes, start, end),
  time: isSureTime,
  boolean: (bytes, start, end) => isWord(bytes, start, end, TRUE) || isWord(bytes, start, end, FALSE),
  titleBoolean: (bytes, start, end) =>
    isWord(bytes, start, end, TITLE_TRUE) || isWord(bytes, start, end, TITLE_FALSE),
  upperBoolean: (bytes, start, end) =>
    isWord(bytes, start, end, UPPER_TRUE) || isWord(bytes, start, end, UPPER_FALSE),
  uuid: isSureUuid,
  // Four or five bytes may be a word.
  email: (bytes, start, end) => end - start > 5 && takesEmail(bytes, start, end, 0),
};

function isWord(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  const { length } = word;
  if (end - start !== length) return false;
  for (let at = 0; at < length; at++) if (bytes[start + at] !== word[at]) return false;
  return true;
}

export function isSureInteger(bytes: Uint8Array, start: number, end: number): boolean {
  const isNegative = bytes[start] === MINUS;
  const wholeAt = isNegative ? start + 1 : start;
  const digits = end - wholeAt;
  if (digits > MOST_DIGITS || digits === 0) return false;
  if (bytes[wholeAt] === ZERO && (isNegative || digits > 1)) return false;
  for (let at = wholeAt; at < end; at++) if ((bytes[at]! - ZERO) >>> 0 > 9) return false;
  return true;
}

export function isSureNumber(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > MOST_NUMBER_CHARS) return false;
  const isNegative = bytes[start] === MINUS;
  const wholeAt = isNegative ? start + 1 : start;
  let at = wholeAt;
  while (at < end && (bytes[at]! - ZERO) >>> 0 <= 9) at++;
  const digits = at - wholeAt;
  if (digits === 0 || (bytes[wholeAt] === ZERO && (isNegative || digits > 1))) return false;
  if (at === end) return digits <= MOST_DIGITS;
  if (bytes[at] !== POINT || at + 1 === end) return false;
  for (at++; at < end; at++) if ((bytes[at]! - ZERO) >>> 0 > 9) return false;
  return true;
}

export function isSureDate(bytes: Uint8Array, start: number, end: number): boolean {
  return takesIsoDate(bytes, start, end, 0);
}

function isSureIsoDatetime(bytes: Uint8Array, start: number, end: number): boolean {
  return isIsoDatetime(bytes, start, end, 0);
}

/** Of the years 1000 to 8999, all of which every reader of times takes in this form. */
function isSureLocal(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  const between = bytes[start + 10];
  return (
    (length === LOCAL_CHARS || length === LOCAL_CHARS_SHORT) &&
    (between === SPACE || between === LETTER_T) &&
    bytes[start] !== ZERO &&
    bytes[start] !== NINE &&
    takesIsoDate(bytes, start, start + 10, 0) &&
    isSureTime(bytes, start + 11, end)
  );
}

function isSureTime(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  return (
    (length === 5 || length === 8) &&
    isBelow(bytes, start, 24) &&
    bytes[start + 2] === COLON &&
    isBelow(bytes, start + 3, 60) &&
    (length === 5 || (bytes[start + 5] === COLON && isBelow(bytes, start + 6, 60)))
  );
}

/** Hyphens at 8, 13, 18 and 23, small hexadecimal digits else. */
function isSureUuid(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== UUID_CHARS) return false;
  for (let at = 0; at < UUID_CHARS; at++) {
    const byte = bytes[start + at]!;
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (byte !== MINUS) return false;
    } else if ((byte - ZERO) >>> 0 > 9 && (byte - SMALL_A) >>> 0 > 5) return false;
  }
  return true;
}

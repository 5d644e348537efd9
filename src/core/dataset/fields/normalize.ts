// Changes made to a cell's text before it is read (ours, not Table Schema's).
import { NOT_ASCII } from '../../csv/records/cell-places.ts';
import { allOf, isDigit, type ByteTest } from './byte-test.ts';
import type { Field, Normalize, PadStart } from '../types.ts';

const EQUALS = 61;
const APOSTROPHE = 39;
const SPACE = 32;

const isDigits = (text: string): boolean => /^[0-9]+$/.test(text);

function padStart({ length, from, with: fill = '0' }: PadStart): (text: string) => string {
  return (text) =>
    from.includes(text.length) && !text.startsWith(fill) && isDigits(text)
      ? text.padStart(length, fill)
      : text;
}

/** Full-width and half-width forms, and blanks of every width. */
const OF_SOME_WIDTH = /[\uff01-\uffee]+|[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g;

/** The part of NFKC that keeps what is written: １２ is 12, but ①② is not, nor is 10² 102. */
function foldWidth(text: string): string {
  return text.replace(OF_SOME_WIDTH, (found) => found.normalize('NFKC'));
}

/** Texts are compared and searched, and that is what NFKC is for; in other values it would invent digits and signs. */
function isText({ type, format = 'default' }: Pick<Field, 'type' | 'format'>): boolean {
  return type === 'any' || (type === 'string' && format !== 'uuid');
}

const OTHER_DIGIT = /(?![0-9])\p{Nd}/gu;

/** The digits of a script stand in a row in Unicode, so the value of one is its distance from the first. */
function zeroOf(digit: string): number {
  let code = digit.codePointAt(0)!;
  // Mathematical digits are five rows, one behind the other.
  if (code >= 0x1d7ce) return 0x1d7ce + Math.floor((code - 0x1d7ce) / 10) * 10;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - 1))) code--;
  return code;
}

/** Digits of one script become ASCII; of a cell that mixes two nothing is changed, for it is hardly one number. */
function foldDigits(text: string): string {
  const digits = text.match(OTHER_DIGIT);
  if (digits === null) return text;
  const zero = zeroOf(digits[0]);
  if (/[0-9]/.test(text) || digits.some((digit) => zeroOf(digit) !== zero)) return text;
  return text.replace(OTHER_DIGIT, (digit) => String(digit.codePointAt(0)! - zero));
}

/** An apostrophe marks a text in Excel where it stands before what would be a number or a formula. */
function takeOffExcelText(text: string): string {
  const [, inner] = /^="((?:[^"]|"")*)"$/.exec(text) ?? [];
  if (inner !== undefined) return inner.replaceAll('""', '"');
  return /^'[0-9=+@-]/.test(text) ? text.slice(1) : text;
}

function compileStep(step: Normalize, field: Pick<Field, 'type' | 'format'>): (text: string) => string {
  if (typeof step === 'object') {
    if ('padStart' in step) return padStart(step.padStart);
    const [text, by] = 'remove' in step ? [step.remove, ''] : [step.replace.text, step.replace.with];
    // A function, because in a text `$&` means what was found.
    return (cell) => cell.replaceAll(text, () => by);
  }
  switch (step) {
    case 'trim':
      return (text) => text.trim();
    case 'collapseSpaces':
      return (text) => text.trim().replace(/\s+/g, ' ');
    case 'digitsOnly':
      // A text without any is no number, and must not look like an empty cell.
      return (text) => (/[0-9]/.test(text) ? text.replace(/[^0-9]+/g, '') : text);
    case 'nfkc':
      return isText(field) ? (text) => text.normalize('NFKC') : foldWidth;
    case 'nfc':
      return (text) => text.normalize('NFC');
    case 'digits':
      return foldDigits;
    case 'excelText':
      return takeOffExcelText;
    case 'lowercase':
      return (text) => text.toLowerCase();
    case 'uppercase':
      return (text) => text.toUpperCase();
  }
}

/** All steps in their order as one function; undefined when there are none. */
export function compileNormalize(
  field: Pick<Field, 'type' | 'format' | 'normalize'>,
): ((text: string) => string) | undefined {
  const [first, second, ...rest] = (field.normalize ?? []).map((step) => compileStep(step, field));
  if (first === undefined) return undefined;
  if (second === undefined) return first;
  if (rest.length === 0) return (text) => second(first(text));
  return (text) => rest.reduce((value, step) => step(value), second(first(text)));
}

/** Says yes to bytes whose text no step changes. */
export function compileUnchanged(steps: readonly Normalize[] = []): ByteTest | undefined {
  return allOf(steps.map(unchangedBy));
}

function unchangedBy(step: Normalize): ByteTest {
  if (typeof step === 'object') {
    if ('padStart' in step) return isNotPadded(step.padStart);
    const [first] = Buffer.from('remove' in step ? step.remove : step.replace.text);
    return (bytes, start, end) => {
      for (let at = start; at < end; at++) if (bytes[at] === first) return false;
      return true;
    };
  }
  switch (step) {
    case 'trim':
      return (bytes, start, end) => isInk(bytes[start]!) && isInk(bytes[end - 1]!);
    case 'collapseSpaces':
      return hasLoneSpaces;
    case 'digitsOnly':
      return isAllDigits;
    case 'nfc':
    case 'digits':
    case 'nfkc':
      return (_bytes, _start, _end, mark) => (mark & NOT_ASCII) === 0;
    case 'excelText':
      return (bytes, start) => bytes[start] !== EQUALS && bytes[start] !== APOSTROPHE;
    case 'lowercase':
      return hasNoLetterFrom(65);
    case 'uppercase':
      return hasNoLetterFrom(97);
  }
}

/** A space of any kind is a control or a blank in ASCII, or begins and ends with a byte beyond it. */
export const isInk = (byte: number): boolean => byte > 32 && byte < 127;

/** Ink at both ends, and single spaces between. */
const hasLoneSpaces: ByteTest = (bytes, start, end) => {
  if (!isInk(bytes[start]!) || !isInk(bytes[end - 1]!)) return false;
  for (let at = start; at < end; at++)
    if (!isInk(bytes[at]!) && (bytes[at] !== SPACE || !isInk(bytes[at + 1]!))) return false;
  return true;
};

const isAllDigits: ByteTest = (bytes, start, end) => {
  for (let at = start; at < end; at++) if (!isDigit(bytes[at])) return false;
  return true;
};

function isNotPadded({ from }: PadStart): ByteTest {
  return (bytes, start, end, mark) =>
    ((mark & NOT_ASCII) === 0 && !from.includes(end - start)) || !isDigit(bytes[start]);
}

/** ASCII without the 26 letters from `first` on. */
function hasNoLetterFrom(first: number): ByteTest {
  return (bytes, start, end, mark) => {
    if ((mark & NOT_ASCII) !== 0) return false;
    for (let at = start; at < end; at++) if (bytes[at]! >= first && bytes[at]! < first + 26) return false;
    return true;
  };
}

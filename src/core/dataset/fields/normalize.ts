// Changes made to a cell's text before it is read (ours, not Table Schema's).
import { NOT_ASCII } from '../../csv/records/cell-places.ts';
import { allOf, isDigit, type ByteTest } from './byte-test.ts';
import type { Field, Normalize, PadStart } from '../types.ts';

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

function compileStep(step: Normalize, field: Pick<Field, 'type' | 'format'>): (text: string) => string {
  if (typeof step === 'object')
    return 'padStart' in step ? padStart(step.padStart) : (text) => text.replaceAll(step.remove, '');
  switch (step) {
    case 'trim':
      return (text) => text.trim();
    case 'nfkc':
      return isText(field) ? (text) => text.normalize('NFKC') : foldWidth;
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
    const [first] = Buffer.from(step.remove);
    return (bytes, start, end) => {
      for (let at = start; at < end; at++) if (bytes[at] === first) return false;
      return true;
    };
  }
  switch (step) {
    case 'trim':
      return (bytes, start, end) => isInk(bytes[start]!) && isInk(bytes[end - 1]!);
    case 'nfkc':
      return (_bytes, _start, _end, mark) => (mark & NOT_ASCII) === 0;
    case 'lowercase':
      return hasNoLetterFrom(65);
    case 'uppercase':
      return hasNoLetterFrom(97);
  }
}

/** A space of any kind is a control or a blank in ASCII, or begins and ends with a byte beyond it. */
const isInk = (byte: number): boolean => byte > 32 && byte < 127;

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

// One field of a cron expression that is a set of numbers: lists of `*`, `a`, `a-b`, each range with an optional `/step`.
import { counted } from '../counted.ts';

export interface FieldKind {
  /** "minute", for messages. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Three letters each, in upper case; the first means `firstName`. */
  readonly names?: readonly string[];
  readonly firstName?: number;
}

export const SECOND: FieldKind = { name: 'second', min: 0, max: 59 };
export const MINUTE: FieldKind = { name: 'minute', min: 0, max: 59 };
export const HOUR: FieldKind = { name: 'hour', min: 0, max: 23 };
export const DAY_OF_MONTH: FieldKind = { name: 'day of month', min: 1, max: 31 };
export const MONTH: FieldKind = {
  name: 'month',
  min: 1,
  max: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  firstName: 1,
};
/** 0 and 7 are both Sunday. */
export const DAY_OF_WEEK: FieldKind = {
  name: 'day of week',
  min: 0,
  max: 7,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
  firstName: 0,
};

/** The numbers that a field names, in their order. @throws Error that says which part is wrong, and what to write */
export function parseNumbers(kind: FieldKind, text: string): number[] {
  return sorted(items(kind, text).flatMap((item) => parseItem(kind, item)));
}

export function sorted(numbers: Iterable<number>): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** The parts of a list. @throws Error */
export function items(kind: FieldKind, text: string): string[] {
  const parts = text.split(',');
  if (parts.includes(''))
    throw new Error(`the ${kind.name} "${text}" has a comma with nothing before or after it`);
  return parts;
}

/** What `*`, `5`, `1-5`, `*\/15` or `0-30/10` names. @throws Error */
export function parseItem(kind: FieldKind, item: string): number[] {
  const [range = '', step, ...more] = item.split('/');
  if (more.length > 0) throw new Error(`the ${kind.name} "${item}" has two steps; write one, as in */15`);
  const [low, high] = parseRange(kind, range);
  if (step === undefined) return numbersFrom(low, high, 1);
  if (range !== '*' && !range.includes('-'))
    throw new Error(
      `the ${kind.name} "${item}" has a step without a range; write ${range}-${lastOf(kind)}/${step}, or only ${range}`,
    );
  return numbersFrom(low, high, parseStep(kind, item, step, high - low));
}

/** @returns first and last, both included */
function parseRange(kind: FieldKind, range: string): [number, number] {
  if (range === '*') return [kind.min, lastOf(kind)];
  const [from = '', to, ...more] = range.split('-');
  if (more.length > 0)
    throw new Error(`the ${kind.name} "${range}" is no range; write two numbers, as in 1-5`);
  const low = parseValue(kind, from);
  if (to === undefined) return [low, low];
  const last = parseValue(kind, to);
  // FRI-SUN ends with the Sunday behind Friday.
  const high = kind === DAY_OF_WEEK && last === 0 && low > 0 && isName(to) ? 7 : last;
  if (low > high)
    throw new Error(
      `the ${kind.name} "${range}" runs backwards; write two ranges, as in ${from}-${lastOf(kind)},${kind.min}-${to}`,
    );
  return [low, high];
}

const isName = (text: string): boolean => /^[a-z]/i.test(text);

/** A number or a name. @throws Error */
export function parseValue(kind: FieldKind, text: string): number {
  const byName = kind.names?.indexOf(text.toUpperCase()) ?? -1;
  if (byName >= 0) return byName + kind.firstName!;
  if (/^H(\(|$)/i.test(text))
    throw new Error(
      `the ${kind.name} "${text}" is a hashed value, which Jenkins knows and cron does not; write a number of your choice`,
    );
  if (text === '?')
    throw new Error(`the ${kind.name} "?" is of Quartz and not of cron; write * for any ${kind.name}`);
  const value = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (value >= kind.min && value <= kind.max) return value;
  const names = kind.names === undefined ? '' : `, or ${kind.names[0]} to ${kind.names.at(-1)}`;
  throw new Error(`the ${kind.name} must be ${kind.min} to ${kind.max}${names}, not "${text}"`);
}

function parseStep(kind: FieldKind, item: string, text: string, span: number): number {
  const step = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (!(step >= 1))
    throw new Error(`the ${kind.name} "${item}" has no step; write a number of 1 or more behind the /`);
  if (step > span)
    throw new Error(
      `the ${kind.name} "${item}" has a step that is longer than its range of ${counted(span + 1, 'value')}, so only its first would match; write a smaller step, or use "every" for a fixed pause`,
    );
  return step;
}

/** Of `*`: the second name of Sunday would be there twice. */
function lastOf(kind: FieldKind): number {
  return kind === DAY_OF_WEEK ? 6 : kind.max;
}

function numbersFrom(low: number, high: number, step: number): number[] {
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, n) => low + n * step);
}

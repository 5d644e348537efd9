// `date`, `time` and `timestamptz`.
import { isDigit } from '../../fields/byte-test.ts';
import { dayNumber, isDay } from '../../fields/readers/calendar.ts';
import type { BinaryRows } from './binary-rows.ts';
import {
  type BinaryWriter,
  digitsOf,
  DOT,
  fewDigitsOf,
  MINUS,
  NotBinary,
  PLUS,
  type ShortWriter,
  textOf,
  ZERO,
} from './writer.ts';

const COLON = 58;
const LETTER_Z = 90;
const MICROS = 1_000_000;

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

/** `2024-12-31`. @returns false for others */
export const writeIsoDate: ShortWriter = (bytes, start, end, rows) => {
  const days = end - start === DATE_BYTES ? dayAt(bytes, start) : NaN;
  if (Number.isNaN(days)) return false;
  rows.appendInt32(days);
  return true;
};

export const writeDate: BinaryWriter = (bytes, start, end, rows) => {
  if (writeIsoDate(bytes, start, end, rows)) return;
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
  for (; at < end && isDigit(bytes[at]); at++) {
    const digit = bytes[at]! - ZERO;
    if (unit < 1 && digit !== 0) return -1;
    clock.micros += digit * Math.floor(unit);
    unit /= 10;
  }
  return at === start ? -1 : at;
}

export const writeTime: BinaryWriter = (bytes, start, end, rows) => {
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

export const writeTimestamptz: BinaryWriter = (bytes, start, end, rows) => {
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

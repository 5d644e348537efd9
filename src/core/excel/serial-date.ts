// Dates of a workbook are numbers of days. In the 1900 system day 60 is 29 February 1900, a day that never was, kept from Lotus 1-2-3.
import type { DateFormat } from './number-format.ts';

export type DateSystem = 1900 | 1904;

const DAY_MS = 86_400_000;
const LAST_DAY_1900 = 2_958_465;
/** From the first day of 1904 to the same day in the 1900 system. */
const DAYS_1904 = 1462;
const NO_DAY = 60;
/** 1899-12-30, from which days after the one that never was are counted. */
const EPOCH_MS = Date.UTC(1899, 11, 30);

export interface DateText {
  /** ISO 8601: a date, a date with a time, a time, or a duration as hours, minutes and seconds. */
  readonly value: string;
  /** What the format shows of it, where that is less. */
  readonly shown?: string;
}

/** @returns the date, or what is wrong with it */
export function readSerial(
  serial: number,
  { hasDate, hasTime, lacksDay, isElapsed }: DateFormat,
  system: DateSystem,
): DateText | { readonly problem: string } {
  if (serial < 0)
    return { problem: 'holds a date or time before the calendar of Excel begins; type it again' };
  const ms = Math.round(serial * DAY_MS);
  const days = Math.floor(ms / DAY_MS) + (system === 1904 ? DAYS_1904 : 0);
  const time = ms % DAY_MS;
  if (isElapsed) return { value: durationText(ms) };
  if (!hasDate && ms < DAY_MS) return { value: timeText(time) };
  if (days > LAST_DAY_1900) return { problem: 'holds a date after the year 9999; type it again' };
  if (days === NO_DAY && system === 1900)
    return {
      problem: 'holds 29 February 1900 (the number 60 as a date), a day that never was; type the date again',
    };
  if (days === 0) return { problem: 'holds a time that its number format shows as a date; type it again' };
  const date = dayText(days);
  const value = hasTime || time !== 0 ? `${date}T${timeText(time)}` : date;
  return lacksDay && time === 0 && date.endsWith('-01') ? { value, shown: date.slice(0, 7) } : { value };
}

const WRITTEN = /^(?:(\d{4})-(\d{2})-(\d{2}))?(?:(^|T)(\d{2}):(\d{2}):(\d{2}))?$/;

/**
 * The number of a date, a time, or a date with a time in whole seconds and without a zone (ISO 8601), in the 1900 system; undefined where
 * Excel has none that reads back as the same: before March 1900, after 9999, 24:00.
 */
export function toSerial(text: string): number | undefined {
  const [whole, year, month, day, , hours, minutes, seconds] = WRITTEN.exec(text) ?? [];
  if (whole === undefined || whole === '') return undefined;
  const time =
    hours === undefined ? 0 : (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  if (time >= DAY_MS) return undefined;
  if (year === undefined) return time / DAY_MS;
  // Not by Date.UTC, to which the year 1 is 1901.
  const days = (Date.parse(`${year}-${month}-${day}T00:00:00Z`) - EPOCH_MS) / DAY_MS;
  return days > NO_DAY && days <= LAST_DAY_1900 ? days + time / DAY_MS : undefined;
}

const TWO_DIGITS = Array.from({ length: 32 }, (_, number) => String(number).padStart(2, '0'));

/** Of the years 1899 to 9999. Put together here: `toISOString` takes four times as long, and a workbook has a million dates. */
function dayText(days: number): string {
  const date = new Date(EPOCH_MS + (days < NO_DAY ? days + 1 : days) * DAY_MS);
  return `${date.getUTCFullYear()}-${TWO_DIGITS[date.getUTCMonth() + 1]}-${TWO_DIGITS[date.getUTCDate()]}`;
}

/** With milliseconds where there are any: Excel keeps no more. */
function timeText(ms: number): string {
  const text = new Date(ms).toISOString().slice(11, 23);
  return text.endsWith('.000') ? text.slice(0, 8) : text;
}

function durationText(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  return `${String(hours).padStart(2, '0')}${timeText(ms % 3_600_000).slice(2)}`;
}

const ISO =
  /^(?:\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?|T?\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)$/;

/** A cell of type `d`, which holds the date as text. Excel knows no zones: it shows what is before a `Z`. */
export function readIsoCell(raw: string): DateText | { readonly problem: string } {
  const text = raw.trim();
  return ISO.test(text)
    ? { value: text.replace(/^T|Z$/g, '').replace(/\.0+(?=$|[+-])/, '') }
    : { problem: 'holds a date that cannot be read; type it again' };
}

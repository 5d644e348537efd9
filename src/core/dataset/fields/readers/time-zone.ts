// Offsets of times that are written without one.
import type { TimeZoneOverlap } from '../../types.ts';
import { TWO_DIGITS } from './calendar.ts';
import { rulesOf, type ClockTime } from './zone-rules.ts';

export interface Zone {
  /** The offset as Postgres reads it; undefined for a time that clocks skip or show twice. */
  readonly offsetOf: (time: ClockTime) => string | undefined;
  /** Why `offsetOf` has none; a clause. */
  readonly whyNone: (time: ClockTime) => string | undefined;
}

const UTC: Zone = { offsetOf: () => 'Z', whyNone: () => undefined };
const FIXED = /^([+-])(\d\d):(\d\d)$/;
/** `EST` is five hours behind UTC all year, `IST` is used by three countries: such names are not what people mean by them. */
const ABBREVIATION = /^[a-z]{2,4}(?:[0-9][a-z]*)?$/i;
const MAX_OFFSET_MINUTES = 14 * 60;

/** @throws Error whose message ends the sentence "timeZone …" */
export function checkTimeZone(name: string): void {
  if (isUtc(name)) return;
  const [, , hours, minutes] = FIXED.exec(name) ?? [];
  if (
    hours !== undefined &&
    Number(minutes) < 60 &&
    Number(hours) * 60 + Number(minutes) <= MAX_OFFSET_MINUTES
  )
    return;
  if (hours === undefined && !ABBREVIATION.test(name) && isKnown(name)) return;
  throw new Error(
    `must be an IANA time zone such as Europe/Berlin, or UTC, or an offset such as +09:00, not "${name.slice(0, 60)}"`,
  );
}

const isUtc = (name: string): boolean => name === 'UTC' || name === 'Z';

function isKnown(name: string): boolean {
  if (!/^[a-z]/i.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** @param overlap which of two to take for a time that clocks show twice; without it neither */
export function createZone(name = 'UTC', overlap?: TimeZoneOverlap): Zone {
  if (isUtc(name)) return UTC;
  if (FIXED.test(name)) return { offsetOf: () => name, whyNone: () => undefined };
  const rules = rulesOf(name);
  const find = (time: ClockTime): number[] => {
    const offsets = rules.offsetsOf(time);
    if (overlap === undefined || offsets.length < 2) return offsets;
    return overlap === 'earlier' ? offsets.slice(0, 1) : offsets.slice(-1);
  };
  return {
    offsetOf: (time) => {
      const usual = rules.offsetOfDay(time);
      if (usual !== undefined) return offsetText(usual);
      const [offset, second] = find(time);
      return offset === undefined || second !== undefined ? undefined : offsetText(offset);
    },
    whyNone: (time) => {
      const offsets = find(time);
      if (offsets.length === 1) return undefined;
      if (offsets.length === 0) return `which no clock in ${name} showed: clocks were put forward over it`;
      const both = offsets.map(offsetText).join(' or ');
      return `which clocks in ${name} showed twice, with the offset ${both}; write the offset behind the time, or declare timeZoneOverlap as "earlier" or "later"`;
    },
  };
}

const texts = new Map<number, string>();

function offsetText(offset: number): string {
  let text = texts.get(offset);
  if (text === undefined) {
    const size = Math.abs(offset);
    const parts = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60].map(
      (part) => TWO_DIGITS[part]!,
    );
    text = `${offset < 0 ? '-' : '+'}${(parts[2] === '00' ? parts.slice(0, 2) : parts).join(':')}`;
    texts.set(offset, text);
  }
  return text;
}

// Times as Postgres writes and reads them (UTC, datestyle ISO), from the first to the last that it has. `new Date('0001-01-01 00:00:00+00')`
// is the year 2001.

const WRITTEN = /^(\d{4,})-(\d\d-\d\d) ([\d:.]+)\+00( BC)?$/;
/** Beyond what a `Date` can be: Postgres also has `infinity`. */
const LAST_MS = 8.64e15;

/** @param text of a timestamp with time zone */
export function readInstant(text: string): Date {
  // The usual case, and many times faster.
  if (text.length < 30 && text.charCodeAt(4) === DASH && text.endsWith('+00'))
    return new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`);
  if (text === 'infinity' || text === '-infinity') return new Date(text === 'infinity' ? LAST_MS : -LAST_MS);
  const [, year = '', day, time, isBefore] = WRITTEN.exec(text) ?? [];
  if (year === '') throw new Error(`Postgres has written a time in another form: ${text}`);
  // 1 BC is the year 0.
  const number = isBefore === undefined ? Number(year) : 1 - Number(year);
  const expanded = `${number < 0 ? '-' : '+'}${String(Math.abs(number)).padStart(6, '0')}`;
  const instant = new Date(`${number === 0 ? '0000' : expanded}-${day}T${time}Z`);
  // Postgres has years that a `Date` has not.
  return Number.isNaN(instant.getTime()) ? new Date(number < 0 ? -LAST_MS : LAST_MS) : instant;
}

const DASH = 0x2d;

/** @returns a text that Postgres reads as the same time */
export function writeInstant(instant: Date): string {
  const text = instant.toISOString();
  const [, sign, year, rest] =
    /^([+-])(\d{6})(-.*)$/.exec(text) ?? (text.startsWith('0000') ? ['', '-', '0', text.slice(4)] : []);
  if (sign === undefined) return text;
  return sign === '+' ? `${Number(year)}${rest}` : `${String(Number(year) + 1).padStart(4, '0')}${rest} BC`;
}

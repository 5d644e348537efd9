// `every`: a pause as people write it (`15m`, `1h30m`) or as ISO 8601 has it (`PT15M`).

const MS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
const NUMBER = String.raw`(\d{1,9}(?:\.\d{1,3})?)`;
const optional = (unit: string): string => `(?:${NUMBER}${unit})?`;
/** Lower case only: `1M` could be a month. */
const SHORT = new RegExp(`^${['w', 'd', 'h', 'm', 's', 'ms'].map(optional).join('')}$`);
const ISO = new RegExp(
  `^P${optional('W')}${optional('D')}(?:T(?=.)${optional('H')}${optional('M')}${optional('S')})?$`,
);
const MOST_MS = 3650 * MS.d;

/** @returns milliseconds. @throws Error whose message, a clause, says what is wrong and what to write */
export function parseEvery(text: string): number {
  const written = text.trim();
  if (/^P[^T]*\d[YM]/.test(written))
    throw new Error(
      'years and months differ in length; use "cron", such as 0 0 1 * * for the first of each month',
    );
  const [, ...parts] = SHORT.exec(written) ?? ISO.exec(written) ?? [];
  if (parts.every((part) => part === undefined))
    throw new Error(
      `"${text.slice(0, 60)}" is no duration; write weeks, days, hours, minutes and seconds in this order as in 15m, 1h30m or 2d, or as ISO 8601 has them, such as PT15M`,
    );
  const units = [MS.w, MS.d, MS.h, MS.m, MS.s, MS.ms];
  const ms = Math.round(parts.reduce((sum, amount, at) => sum + Number(amount ?? 0) * units[at]!, 0));
  if (ms < MS.s) throw new Error(`it must be 1 second or more, not ${ms} ms`);
  if (ms > MOST_MS) throw new Error('it must be 3650 days or less');
  return ms;
}

// Datetimes as seconds or milliseconds since 1970, as programs write them.
import { MAX_FRACTION_DIGITS } from './strptime-steps.ts';

export const EPOCH_FORMATS = ['epochSeconds', 'epochMilliseconds'] as const;
export type EpochFormat = (typeof EPOCH_FORMATS)[number];

/** Digits of which the years up to 9999 need no more. */
const FORM = /^(-?)([0-9]{1,15})(?:\.([0-9]+))?$/;
const FIRST = BigInt(Date.parse('0001-01-01T00:00:00Z')) * 1000n;
const END = BigInt(Date.UTC(10_000, 0, 1)) * 1000n;

/** @param cut digits beyond microseconds are cut off; else they must be zeros */
export function readEpoch(text: string, format: EpochFormat, cut: boolean): string | undefined {
  const [, sign, whole, fraction = ''] = FORM.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const kept = format === 'epochSeconds' ? MAX_FRACTION_DIGITS : MAX_FRACTION_DIGITS - 3;
  if (!cut && /[1-9]/.test(fraction.slice(kept))) return undefined;
  const size = BigInt(whole + fraction.slice(0, kept).padEnd(kept, '0'));
  const micros = sign === '-' ? -size : size;
  if (micros < FIRST || micros >= END) return undefined;
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const second = new Date(Number((micros - rest) / 1000n)).toISOString().slice(0, 19);
  const digits = String(rest).padStart(MAX_FRACTION_DIGITS, '0').replace(/0+$/, '');
  return `${second}${digits === '' ? '' : `.${digits}`}Z`;
}

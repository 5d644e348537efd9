// Numbers as Excel shows them: to 15 digits, so that 0.1+0.2, which is stored as 0.30000000000000004, is 0.3.

/** Written as `formatNumber` writes it. */
const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,14})$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const MOST_DIGITS = 15;
/** From here on a digit behind the fifteenth is not one of a fraction. */
const WHOLE_FROM = 1e15;

/** A number of a cell, or what is wrong with it. */
export type NumberText = { readonly text: string; readonly value: number } | { readonly problem: string };

export function readNumber(raw: string): NumberText {
  if (WHOLE_NUMBER.test(raw)) return { text: raw, value: Number(raw) };
  const said = raw.trim();
  if (!NUMBER.test(said)) return { problem: 'holds a number that cannot be read; type it again' };
  const value = Number(said);
  if (!Number.isFinite(value))
    return { problem: 'holds a number that is too large for Excel; type it again' };
  if (Math.abs(value) >= WHOLE_FROM && countDigits(said) > MOST_DIGITS)
    return {
      problem:
        'holds a number of more than 15 digits, and Excel shows only 15 of them. Format the column as text and type the number again',
    };
  const rounded = Number(value.toPrecision(MOST_DIGITS));
  return { text: formatNumber(rounded), value };
}

/** `1E+21` and `1E-07`, as Excel writes them. */
export function formatNumber(value: number): string {
  const text = Object.is(value, -0) ? '0' : String(value);
  if (!text.includes('e')) return text;
  return text.replace(
    /e([+-])(\d+)$/,
    (_, sign: string, digits: string) => `E${sign}${digits.padStart(2, '0')}`,
  );
}

/** Without zeros before and behind. */
function countDigits(text: string): number {
  const digits = text.replace(/[eE].*$/, '').replace(/[^0-9]/g, '');
  return digits.replace(/^0+/, '').replace(/0+$/, '').length;
}

const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;
const MINUS = 0x2d;

/** Whether the bytes are a number as `readNumber` would write it; it says no when in doubt. */
export function isNumberAsShown(bytes: Uint8Array, start: number, end: number): boolean {
  let at = bytes[start] === MINUS ? start + 1 : start;
  const first = at;
  let point = -1;
  let digits = 0;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= ZERO && byte <= NINE) digits++;
    else if (byte === POINT && point === -1 && at > first) point = at;
    else return false;
  }
  if (digits === 0 || digits > MOST_DIGITS) return false;
  const whole = (point === -1 ? end : point) - first;
  if (bytes[first] === ZERO && (whole > 1 || first > start)) return false;
  // Zeros and exponents of small numbers are left to `readNumber`.
  if (point === -1) return true;
  return bytes[end - 1] !== ZERO && end - point > 1 && bytes[first] !== ZERO;
}

// Exact arithmetic on decimal texts: nothing here passes through a double, so no digit is lost.

interface Decimal {
  readonly negative: boolean;
  /** Significant digits without zeros at either end; empty for zero. */
  readonly digits: string;
  /** value = 0.digits × 10^magnitude */
  readonly magnitude: number;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** @param text what the integer and number readers put out */
function decimal(text: string): Decimal {
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text)!;
  const all = whole + fraction;
  const leading = /^0*/.exec(all)![0].length;
  const digits = all.slice(leading).replace(/0+$/, '');
  if (digits === '') return { negative: false, digits: '', magnitude: 0 };
  return { negative: sign === '-', digits, magnitude: whole.length - leading + Number(exponent) };
}

export function compareDecimals(a: string, b: string): number {
  const [x, y] = [decimal(a), decimal(b)];
  if (x.digits === '' || y.digits === '' || x.negative !== y.negative) return signOf(x) - signOf(y);
  const larger =
    x.magnitude !== y.magnitude
      ? x.magnitude - y.magnitude
      : x.digits < y.digits
        ? -1
        : x.digits > y.digits
          ? 1
          : 0;
  return x.negative ? -larger : larger;
}

function signOf(value: Decimal): number {
  if (value.digits === '') return 0;
  return value.negative ? -1 : 1;
}

/** The same text for equal numbers. */
export function decimalKey(text: string): string {
  const { negative, digits, magnitude } = decimal(text);
  return `${negative ? '-' : ''}0.${digits}e${magnitude}`;
}

/** Digits before and after the decimal point once the exponent is worked out. */
export function decimalExtent(text: string): { before: number; after: number } {
  const { digits, magnitude } = decimal(text);
  return { before: Math.max(0, magnitude), after: Math.max(0, digits.length - magnitude) };
}

// The exact sum of numbers, as the integer and number readers put them out.

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
/** Digits behind the point, and zeros before it; a number of more is in no table of amounts. */
const MOST_PLACES = 40;

interface Scaled {
  readonly value: bigint;
  readonly places: number;
}

export class DecimalSum {
  /** How many numbers that are not 0 were added. */
  added = 0;
  #value = 0n;
  #places = 0;
  #isKnown = true;
  #hasPositive = false;
  #hasNegative = false;

  add(text: string): void {
    const number = scaled(text);
    if (number === undefined) {
      this.#isKnown = false;
      return;
    }
    if (number.value === 0n) return;
    this.added++;
    if (number.value > 0n) this.#hasPositive = true;
    else this.#hasNegative = true;
    const places = Math.max(this.#places, number.places);
    this.#value = raise(this.#value, places - this.#places) + raise(number.value, places - number.places);
    this.#places = places;
  }

  equals(text: string): boolean {
    return this.#compared(text) === 0n;
  }

  /** Whether the sum may be this one when more numbers with the signs of those so far are added. */
  mayGrowTo(text: string): boolean {
    const more = this.#compared(text);
    if (more === undefined) return false;
    return (this.#hasPositive || more <= 0n) && (this.#hasNegative || more >= 0n);
  }

  /** How much more than the sum a number is, in units that do not matter; undefined: one of them is not known. */
  #compared(text: string): bigint | undefined {
    const number = scaled(text);
    if (number === undefined || !this.#isKnown) return undefined;
    const places = Math.max(this.#places, number.places);
    return raise(number.value, places - number.places) - raise(this.#value, places - this.#places);
  }
}

function raise(value: bigint, places: number): bigint {
  return places === 0 ? value : value * 10n ** BigInt(places);
}

/** Undefined: it has too many places. */
function scaled(text: string): Scaled | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const places = fraction.length - Number(exponent);
  if (Math.abs(places) > MOST_PLACES) return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  const value = sign === '-' ? -digits : digits;
  return places < 0 ? { value: raise(value, -places), places: 0 } : { value, places };
}

// The few values of a column, and how often each is there.

/** Twice a power of two that is larger than the most choices, so that few share a place. */
const PLACES = 256;

interface Choice {
  readonly bytes: Buffer;
  count: number;
}

function isEqual(value: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = value;
  if (length !== end - start) return false;
  for (let at = 0; at < length; at++) if (value[at] !== bytes[start + at]) return false;
  return true;
}

/** The same for equal values, of 1 byte at least. */
function placeOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  return (
    (length + 31 * bytes[start]! + 17 * bytes[end - 1]! + 7 * bytes[start + (length >> 1)]!) & (PLACES - 1)
  );
}

export class ChoiceTable {
  readonly #choices: Choice[] = [];
  /** The first choice of each place. */
  readonly #places: (Choice | undefined)[] = Array.from({ length: PLACES });

  get size(): number {
    return this.#choices.length;
  }

  get all(): { readonly value: string; readonly count: number }[] {
    return this.#choices.map(({ bytes, count }) => ({ value: bytes.toString(), count }));
  }

  /** @returns false when the value is none of the choices */
  count(bytes: Uint8Array, start: number, end: number): boolean {
    const here = this.#places[placeOf(bytes, start, end)];
    if (here === undefined) return false;
    if (isEqual(here.bytes, bytes, start, end)) {
      here.count++;
      return true;
    }
    for (const choice of this.#choices)
      if (isEqual(choice.bytes, bytes, start, end)) {
        choice.count++;
        return true;
      }
    return false;
  }

  add(bytes: Buffer, start: number, end: number): void {
    const choice = { bytes: Buffer.from(bytes.subarray(start, end)), count: 1 };
    this.#choices.push(choice);
    this.#places[placeOf(bytes, start, end)] ??= choice;
  }
}

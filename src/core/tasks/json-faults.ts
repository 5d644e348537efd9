// What JSON may hold that Postgres cannot: it is refused before it is recorded.

/** Something wrong at a place: `at` is a JSON Pointer (RFC 6901). */
export interface Fault {
  readonly at: string;
  /** Goes on after the name of the place. */
  readonly says: string;
}

/** Deeper is no data but an attack: what reads JSON calls itself for each level. */
export const DEEPEST = 100;

/** A pair is one character to a regular expression of Unicode. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** @returns the first few; no recursion, however deep the value is */
export function jsonFaults(value: unknown, at = '', most = 20): Fault[] {
  const faults: Fault[] = [];
  const open: { readonly value: unknown; readonly at: string; readonly depth: number }[] = [
    { value, at, depth: 0 },
  ];
  while (open.length > 0 && faults.length < most) {
    const each = open.pop()!;
    const says = faultOf(each.value, each.depth);
    if (says !== undefined) faults.push({ at: each.at, says });
    else if (typeof each.value === 'object' && each.value !== null) {
      const entries = Object.entries(each.value);
      const wrong = Array.isArray(each.value) ? undefined : entries.find(([key]) => textFault(key));
      if (wrong !== undefined) faults.push({ at: each.at, says: `has a name that ${textFault(wrong[0])}` });
      else
        for (let index = entries.length - 1; index >= 0; index--) {
          const [key, inner] = entries[index]!;
          open.push({ value: inner, at: `${each.at}/${pointerPart(key)}`, depth: each.depth + 1 });
        }
    }
  }
  return faults;
}

/** A name as a part of a JSON Pointer. */
export function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function faultOf(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return textFault(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return 'is a number too large to be kept';
  return depth > DEEPEST ? `is more than ${DEEPEST} levels deep` : undefined;
}

function textFault(text: string): string | undefined {
  if (text.includes('\0')) return 'holds a NUL character, which Postgres cannot store';
  return LONE_SURROGATE.test(text) ? 'holds half of a surrogate pair, which is no character' : undefined;
}

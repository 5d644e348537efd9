// "Did you mean …?": the nearest known name to one that is not known. A request decides how many names there are on both sides, so
// what one call may cost is bounded: few names are looked for, and only changes that a typo explains.

/** Longer names are not compared: nobody mistypes so long a one by a letter or two without seeing it. */
const LONGEST_COMPARED = 64;
/** More edits than that are another name. */
const MOST_EDITS = 5;
/** Names that one suggester looks for; those after them get no suggestion. */
const MOST_ASKED = 20;
/** Cells of edit matrices that one suggester fills in, some milliseconds of work: long names that are all alike cost the most. */
const MOST_CELLS = 500_000;

interface Candidate {
  readonly name: string;
  readonly letters: readonly string[];
}

/** Finds the nearest of its candidates to a name; undefined when none is near, or too many were asked for. */
export type Suggest = (name: string) => string | undefined;

/** Suggests nothing: for whoever asks only whether names are known. */
export const noSuggester = (): Suggest => () => undefined;

/** A suggester over these names, to be used for one answer. */
export function createSuggester(candidates: Iterable<string>): Suggest {
  let known: readonly Candidate[] | undefined;
  let asked = 0;
  let cells = 0;
  return (name) => {
    const wanted = [...name.toLowerCase()];
    if (wanted.length > LONGEST_COMPARED || asked === MOST_ASKED || cells > MOST_CELLS) return undefined;
    asked++;
    known ??= [...candidates].map((each) => ({ name: each, letters: [...each.toLowerCase()] }));
    const found = nearestOf(wanted, known);
    cells += found.cells;
    return found.name;
  };
}

/** The nearest candidate, or undefined when more than a third of the characters (one at least, five at most) would have to change. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  return createSuggester(candidates)(name);
}

/** ` Did you mean "…"?`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, candidates);
  return found === undefined ? '' : ` Did you mean "${found}"?`;
}

function nearestOf(
  wanted: readonly string[],
  known: readonly Candidate[],
): { name: string | undefined; cells: number } {
  let best: string | undefined;
  let cells = 0;
  let bestDistance = Infinity;
  for (const { name, letters } of known) {
    const longer = Math.max(wanted.length, letters.length);
    // All characters different is no likeness, however short the names.
    const allowed = Math.min(Math.max(1, Math.floor(longer / 3)), MOST_EDITS, longer - 1, bestDistance - 1);
    if (Math.abs(letters.length - wanted.length) > allowed) continue;
    cells += wanted.length * (2 * allowed + 1);
    const distance = distanceWithin(wanted, letters, allowed);
    if (distance <= allowed) [best, bestDistance] = [name, distance];
  }
  return { name: best, cells };
}

/**
 * Edits that turn `a` into `b`: insert, remove or replace one character, or swap two neighbours (optimal string alignment). Only the
 * band of the matrix is filled in which so few edits can end, and no further row once all of one are beyond (Ukkonen 1985).
 * @returns the distance, or more than `most` when it is more than that
 */
export function distanceWithin(a: readonly string[], b: readonly string[], most: number): number {
  const tooFar = most + 1;
  if (Math.abs(a.length - b.length) > most) return tooFar;
  let [beforeLast, last] = [
    new Int32Array(0),
    Int32Array.from({ length: b.length + 1 }, (_, column) => column),
  ];
  for (let i = 1; i <= a.length; i++) {
    const row = new Int32Array(b.length + 1).fill(tooFar);
    row[0] = i;
    const [from, to] = [Math.max(1, i - most), Math.min(b.length, i + most)];
    let least = from === 1 ? i : tooFar;
    for (let j = from; j <= to; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, beforeLast[j - 2]! + 1);
      row[j] = edits;
      if (edits < least) least = edits;
    }
    if (least > most) return tooFar;
    [beforeLast, last] = [last, row];
  }
  return Math.min(last[b.length]!, tooFar);
}

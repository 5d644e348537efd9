// "Did you mean …?": the nearest known name to one that is not known.

/** Edits (insert, remove, replace one character) that turn `a` into `b`. */
function editDistance(a: readonly string[], b: readonly string[]): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}

const LONGEST_COMPARED = 64;

/** The nearest candidate, or undefined when more than a third of the characters (one at least) would have to change. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = [...name.toLowerCase()];
  if (wanted.length > LONGEST_COMPARED) return undefined;
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const letters = [...candidate.toLowerCase()];
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, letters.length) / 3));
    if (Math.abs(letters.length - wanted.length) > allowed) continue;
    const distance = editDistance(wanted, letters);
    if (distance <= allowed && distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** ` Did you mean "…"?`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, candidates);
  return found === undefined ? '' : ` Did you mean "${found}"?`;
}

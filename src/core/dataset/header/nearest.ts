// "Did you mean …?": the nearest known name to one that is not known.

/** Edits that turn `a` into `b`: insert, remove or replace one character, or swap two neighbours. */
function editDistance(a: readonly string[], b: readonly string[]): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const [before, row] = [rows[i - 1]!, [i]];
    for (let j = 1; j <= b.length; j++) {
      const replaced = before[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, before[j]! + 1, row[j - 1]! + 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
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
    if (distance <= allowed && distance < Math.max(wanted.length, letters.length) && distance < bestDistance)
      [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** ` Did you mean "…"?`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, candidates);
  return found === undefined ? '' : ` Did you mean "${found}"?`;
}

// "Did you mean …?": the nearest known name to one that is not known. A request may hold a thousand wrong names, and all of this
// runs where other requests wait: so each comparison stops early, and only the first names get a suggestion.

/** Code points. */
type Letters = readonly number[];

/**
 * Edits that turn `a` into `b` (insert, remove or replace one character, or swap two neighbours), or undefined when there are more
 * than `limit`. Only the band of the matrix that can hold `limit` is computed (Ukkonen), and two rows that are all above it end the
 * work. What both begin and end with needs no edits.
 */
export function editDistance(a: Letters, b: Letters, limit: number): number | undefined {
  if (Math.abs(a.length - b.length) > limit) return undefined;
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let same = 0;
  while (same < shorter - start && a[a.length - 1 - same] === b[b.length - 1 - same]) same++;
  const height = a.length - start - same;
  const width = b.length - start - same;
  const beyond = limit + 1;
  let twoBefore = new Int32Array(width + 1).fill(beyond);
  let before = new Int32Array(width + 1).map((_, column) => Math.min(column, beyond));
  let row = new Int32Array(width + 1).fill(beyond);
  let leastBefore = 0;
  for (let i = 1; i <= height; i++) {
    const letter = a[start + i - 1];
    const letterBefore = i > 1 ? a[start + i - 2] : -1;
    const from = Math.max(1, i - limit);
    const to = Math.min(width, i + limit);
    // Beside the band stands what is beyond the limit: the three rows are used again and again.
    row[from - 1] = from === 1 ? Math.min(i, beyond) : beyond;
    let least = row[from - 1]!;
    for (let j = from; j <= to; j++) {
      const other = b[start + j - 1];
      let edits = before[j - 1]! + (letter === other ? 0 : 1);
      if (before[j]! + 1 < edits) edits = before[j]! + 1;
      if (row[j - 1]! + 1 < edits) edits = row[j - 1]! + 1;
      if (j > 1 && letter === b[start + j - 2] && letterBefore === other && twoBefore[j - 2]! + 1 < edits)
        edits = twoBefore[j - 2]! + 1;
      if (edits > beyond) edits = beyond;
      row[j] = edits;
      if (edits < least) least = edits;
    }
    if (to < width) row[to + 1] = beyond;
    if (least > limit && leastBefore > limit) return undefined;
    leastBefore = least;
    [twoBefore, before, row] = [before, row, twoBefore];
  }
  const edits = before[width]!;
  return edits > limit ? undefined : edits;
}

const LONGEST_COMPARED = 64;
/** A name with more wrong characters is another name. */
const MOST_EDITS = 5;
/** So many names get a suggestion; a file with more that fit nothing is another dataset's. */
const MOST_SUGGESTED = 20;
/** A name and a candidate are a pair. So many take some milliseconds, at most some tens. */
const MOST_PAIRS = 10_000;

interface Candidate {
  readonly text: string;
  readonly letters: Letters;
}

/** The nearest candidates for the first few names that are asked for; the later ones get none. */
export class Suggestions {
  private readonly listCandidates: () => Iterable<string>;
  private candidates: readonly Candidate[] | undefined;
  private left = MOST_SUGGESTED;

  /** @param listCandidates is called when the first name is asked for */
  constructor(listCandidates: () => Iterable<string>) {
    this.listCandidates = listCandidates;
  }

  /** The nearest candidate, or undefined when more than a third of the characters (one at least, 5 at most) would have to change. */
  nearest(name: string): string | undefined {
    if (this.left <= 0) return undefined;
    if (this.candidates === undefined) {
      this.candidates = prepare(this.listCandidates());
      this.left = Math.max(1, Math.min(this.left, Math.floor(MOST_PAIRS / this.candidates.length)));
    }
    this.left--;
    const wanted = lettersOf(name);
    return wanted === undefined ? undefined : nearestOf(wanted, this.candidates);
  }

  /** ` Did you mean "…"?`, or nothing. */
  didYouMean(name: string): string {
    return sayMeant(this.nearest(name));
  }
}

/** ` Did you mean "…"?`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  return new Suggestions(() => candidates).didYouMean(name);
}

export function sayMeant(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`;
}

function prepare(candidates: Iterable<string>): Candidate[] {
  return [...candidates].flatMap((text) => {
    const letters = lettersOf(text);
    return letters === undefined ? [] : { text, letters };
  });
}

/** Undefined for a text that is too long to be compared. */
function lettersOf(text: string): Letters | undefined {
  if (text.length > 2 * LONGEST_COMPARED) return undefined;
  const letters = Array.from(text.toLowerCase(), (letter) => letter.codePointAt(0)!);
  return letters.length > LONGEST_COMPARED ? undefined : letters;
}

function nearestOf(wanted: Letters, candidates: readonly Candidate[]): string | undefined {
  let best: string | undefined;
  let bestEdits = Infinity;
  for (const { text, letters } of candidates) {
    const longer = Math.max(wanted.length, letters.length);
    const allowed = Math.min(Math.max(1, Math.floor(longer / 3)), MOST_EDITS, longer - 1, bestEdits - 1);
    const edits = allowed < 0 ? undefined : editDistance(wanted, letters, allowed);
    if (edits !== undefined) [best, bestEdits] = [text, edits];
  }
  return best;
}

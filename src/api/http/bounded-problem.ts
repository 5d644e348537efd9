// A problem document is read by people and held in memory by clients, so it stays short, however much is wrong with a file of a
// thousand columns: the first errors and a count of the rest, long texts cut, and what still does not fit left out and named.
import type { ErrorItem } from '../../errors.ts';

export const MAX_PROBLEM_BYTES = 100_000;
const MOST_ERRORS = 100;
const LONGEST_TEXT = 1000;
/** What every problem has. */
const STANDARD = new Set(['type', 'title', 'status', 'detail', 'code', 'requestId']);

interface Members {
  readonly errors?: readonly ErrorItem[];
  readonly [param: string]: unknown;
}

/** The document, or one of MAX_PROBLEM_BYTES at most with `errorsOmitted` (how many) and `omitted` (names of members). */
export function boundProblem<T extends Members>(problem: T): T {
  const few = withFewErrors(problem, MOST_ERRORS);
  if (bytesOf(few) <= MAX_PROBLEM_BYTES) return few;
  let bounded = cutTexts(few) as T;
  const omitted: string[] = [];
  for (let bytes = bytesOf(bounded); bytes > MAX_PROBLEM_BYTES; bytes = bytesOf(bounded)) {
    const name = largest(bounded);
    if (name === undefined) break;
    if (name === 'errors' && bounded.errors!.length > 1)
      bounded = withFewErrors(bounded, bounded.errors!.length >> 1);
    else {
      omitted.push(name);
      const { [name]: _, ...rest } = bounded;
      bounded = { ...rest, omitted } as unknown as T;
    }
  }
  return bounded;
}

function withFewErrors<T extends Members>(problem: T, most: number): T {
  const { errors = [], errorsOmitted = 0 } = problem as T & { readonly errorsOmitted?: number };
  if (errors.length <= most) return problem;
  return { ...problem, errors: errors.slice(0, most), errorsOmitted: errorsOmitted + errors.length - most };
}

function largest(problem: Members): string | undefined {
  const sizes = Object.entries(problem)
    .filter(([name]) => !STANDARD.has(name) && name !== 'omitted' && name !== 'errorsOmitted')
    .map(([name, value]) => ({ name, bytes: bytesOf(value) }));
  return sizes.sort((a, b) => b.bytes - a.bytes)[0]?.name;
}

function cutTexts(value: unknown): unknown {
  if (typeof value === 'string') return value.length <= LONGEST_TEXT ? value : cutText(value);
  if (Array.isArray(value)) return value.map(cutTexts);
  if (typeof value !== 'object' || value === null) return value;
  // Names of members are left alone: a suggested mapping whose names are cut would name other columns.
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cutTexts(each)]));
}

function cutText(text: string): string {
  const cut = text.slice(0, LONGEST_TEXT - 1);
  // A pair of surrogates is not cut in two.
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

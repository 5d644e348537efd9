// A problem document that lists what is wrong with a thousand columns helps nobody and costs everybody: its size is bounded.

/** Most bytes of an answer that refuses a request, about. */
export const MOST_PROBLEM_BYTES = 100 * 1024;
const MOST_LISTED = 100;
const MOST_TEXT_CHARS = 500;

/**
 * Gives a document as it is, unless it is too large: then lists end after their first items, long texts are cut, and members that are
 * still too large are left out. `shortened` names the members that are not whole.
 */
export function boundProblem<T extends Readonly<Record<string, unknown>>>(problem: T): T {
  if (sizeOf(problem) <= MOST_PROBLEM_BYTES) return problem;
  const bounded: Record<string, unknown> = {};
  const shortened: string[] = [];
  let bytes = 0;
  // What every problem has comes first, and is small.
  for (const [name, value] of Object.entries(problem)) {
    const short = shorten(value);
    const size = sizeOf(short);
    if (sizeOf(value) !== size) shortened.push(name);
    if (bytes + size > MOST_PROBLEM_BYTES) {
      if (!shortened.includes(name)) shortened.push(name);
      continue;
    }
    bytes += size;
    bounded[name] = short;
  }
  return { ...bounded, shortened } as unknown as T;
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

function shorten(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length > MOST_TEXT_CHARS ? `${value.slice(0, MOST_TEXT_CHARS)}…` : value;
  if (Array.isArray(value)) return value.slice(0, MOST_LISTED).map(shorten);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).slice(0, MOST_LISTED);
  return Object.fromEntries(entries.map(([key, each]) => [key.slice(0, MOST_TEXT_CHARS), shorten(each)]));
}

// What no part of a document may hold: Postgres would refuse it, or it would not come out as it went in.
import { escapeToken, type DocumentProblems } from './document-problems.ts';

const HALF_PAIR = /\p{Surrogate}/u;

/** Deeper values mean nothing anywhere in a document. */
const MOST_LEVELS = 32;

/** Adds a problem for each place. @returns whether there is none */
export function checkJson(document: unknown, problems: DocumentProblems): boolean {
  const before = problems.items.length;
  checkValue(document, '', 0, problems);
  return problems.items.length === before;
}

function checkValue(value: unknown, pointer: string, level: number, problems: DocumentProblems): void {
  if (level > MOST_LEVELS) return problems.add(pointer, `is nested more than ${MOST_LEVELS} levels deep.`);
  if (typeof value === 'string') return checkText(value, pointer, problems);
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    return problems.add(pointer, 'is a number beyond 2^53, which JSON readers round. Write it as a text.');
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    const at = `${pointer}/${escapeToken(name)}`;
    if (!Array.isArray(value)) checkText(name, at, problems);
    checkValue(inner, at, level + 1, problems);
  }
}

function checkText(text: string, pointer: string, problems: DocumentProblems): void {
  if (text.includes('\0'))
    problems.add(pointer, 'holds a NUL character (U+0000), which Postgres cannot keep.');
  else if (HALF_PAIR.test(text))
    problems.add(pointer, 'holds half of a surrogate pair, which is no character.');
}

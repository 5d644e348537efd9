// Changes made to a cell's text before it is read (ours, not Table Schema's).
import type { Normalize } from './types.ts';

const isDigits = (text: string): boolean => /^[0-9]+$/.test(text);

/**
 * Fills a text of digits up to `length` characters: spreadsheets drop leading zeros of phone numbers and post codes.
 * Anything else, the empty cell among it, is left alone.
 */
function padStart(length: number, fill: string): (text: string) => string {
  return (text) => (text.length < length && isDigits(text) ? text.padStart(length, fill) : text);
}

function compileStep(step: Normalize): (text: string) => string {
  if (typeof step === 'object')
    return 'padStart' in step ? padStart(...step.padStart) : (text) => text.replaceAll(step.remove, '');
  switch (step) {
    case 'trim':
      return (text) => text.trim();
    case 'nfkc':
      return (text) => text.normalize('NFKC');
    case 'lowercase':
      return (text) => text.toLowerCase();
    case 'uppercase':
      return (text) => text.toUpperCase();
  }
}

/** All steps in their order as one function; undefined when there are none. */
export function compileNormalize(steps: readonly Normalize[] = []): ((text: string) => string) | undefined {
  const [first, second, ...rest] = steps.map(compileStep);
  if (first === undefined) return undefined;
  if (second === undefined) return first;
  if (rest.length === 0) return (text) => second(first(text));
  return (text) => rest.reduce((value, step) => step(value), second(first(text)));
}

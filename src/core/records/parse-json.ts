// JSON whose numbers stay the digits that were written.
import { parse } from 'lossless-json';

/** What reads it, and what is done with it, goes down level by level. */
const MAX_LEVELS = 512;

/**
 * Numbers are LosslessNumbers.
 * @throws SyntaxError for what is no JSON, is nested too deep, or has a name twice in an object with two values
 */
export function parseLossless(text: string): unknown {
  if (levelsOf(text) > MAX_LEVELS) throw new SyntaxError(`it is nested more than ${MAX_LEVELS} levels deep`);
  return parse(text);
}

function levelsOf(text: string): number {
  let level = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 92) at++;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 91 || code === 123) deepest = Math.max(deepest, ++level);
    else if (code === 93 || code === 125) level--;
  }
  return deepest;
}

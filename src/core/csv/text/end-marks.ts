// Ctrl-Z: at the end of a file, one or more of them are the end of the text, as DOS wrote it, also with line ends that another program has
// put behind; elsewhere they are text.
import { isLineEnd } from '../grammar.ts';

const END_MARK = 0x1a;
/** A longer end is text. */
const LONGEST_END = 1024 * 1024;

export class EndMarks {
  /** A mark and what came behind it so far, marks and line ends; given on when text follows. */
  #held: Buffer[] = [];
  #bytes = 0;

  /** Of the end so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the next bytes, cut anywhere, and gives those that are text; what is held at last is the end. */
  *push(text: Buffer): Generator<Buffer> {
    const goesOn = this.#bytes > 0 && text.every(isOfEnd) && this.#bytes + text.length <= LONGEST_END;
    const from = goesOn ? 0 : endAt(text);
    if (!goesOn) {
      yield* this.#held;
      this.#held = [];
      this.#bytes = 0;
    }
    if (from > 0) yield text.subarray(0, from);
    if (from === text.length) return;
    // The bytes may be used again by whoever gave them.
    this.#held.push(Buffer.from(text.subarray(from)));
    this.#bytes += text.length - from;
  }
}

/** Where the end begins that the text may have: its first mark with nothing but marks and line ends behind it; its length: there is none. */
function endAt(text: Buffer): number {
  let first = text.length;
  for (let at = text.length - 1; at >= 0 && isOfEnd(text[at]!); at--) if (text[at] === END_MARK) first = at;
  return first;
}

function isOfEnd(byte: number): boolean {
  return byte === END_MARK || isLineEnd(byte);
}

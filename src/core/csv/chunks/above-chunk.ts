// What records above a chunk are like: the chunk's first records cannot show it when one of them is broken and few stand below it. It goes
// into the chunk's plan only if the chunk is to be scanned again (Rescan).
import type { Grammar } from '../grammar.ts';
import { afterLineEnd, nextLineEnd } from '../grammar.ts';
import type { Column } from './likeness.ts';
import { likenessAbove } from './stray-quotes.ts';

const KEPT_BYTES = 4 * 1024;

export class AboveChunk {
  private seen: readonly Column[] | undefined;
  private readonly text: Buffer;
  private readonly width: number;
  private readonly grammar: Grammar;

  /** @param seen what is known already, of a chunk that is scanned again */
  constructor(text: Buffer, width: number, grammar: Grammar, seen?: readonly Column[]) {
    this.text = text;
    this.width = width;
    this.grammar = grammar;
    this.seen = seen;
  }

  /** Of the last bytes before `to`, which are copied: the window moves on. */
  static of(bytes: Buffer, to: number, width: number, grammar: Grammar): AboveChunk {
    const from = Math.max(0, to - KEPT_BYTES);
    return new AboveChunk(Buffer.from(bytes.subarray(from, to)), width, grammar);
  }

  /** Read when it is first asked for: hardly any chunk begins with a broken record. */
  get likeness(): readonly Column[] {
    const { text, width, grammar } = this;
    // The first line may be cut.
    const start = afterLineEnd(text, nextLineEnd(text, 0, text.length), text.length);
    return (this.seen ??= likenessAbove(text, text.length, start, width, grammar));
  }
}

// Stage 2 of taking a file in: bytes become UTF-8 text without BOM, and without the signs that DOS ends a text with.
import { isLineEnd, QUOTE } from '../core/csv/grammar.ts';
import {
  createTextInspector,
  type DeclaredEncoding,
  type TextInspector,
} from '../core/csv/text/text-inspector.ts';

/**
 * Ctrl-Z: at the end of a file, one or more of them are the end of the text, as DOS wrote it, also with line ends that another program
 * has put behind; elsewhere they are text.
 */
const END_MARK = 0x1a;
const UTF8_BOM_BYTES = 3;
/** A longer end is text. */
const LONGEST_END = 1024 * 1024;

export class FileText {
  readonly #bytes: AsyncIterable<Buffer>;
  /** Says what the text is: its encoding, and whether it is refused. */
  readonly inspector: TextInspector;
  #length = 0;
  #holdsQuote = false;
  /** An end mark and what came behind it so far, marks and line ends; given on when text follows. */
  #end: Buffer[] = [];
  #endBytes = 0;

  /** @param bytes unpacked */
  constructor(bytes: AsyncIterable<Buffer>, declared: DeclaredEncoding, mostUndecodable: number) {
    this.#bytes = bytes;
    this.inspector = createTextInspector(declared, mostUndecodable);
  }

  /** To be read once. Ends early when the text is refused. @throws AppError FILE_ENCODING, FILE_NUL_BYTE where the place is known at once */
  async *read(): AsyncGenerator<Buffer> {
    for await (const chunk of this.#bytes)
      for (const piece of atCharacter(chunk)) {
        yield* this.#give(this.inspector.push(piece));
        if (this.isRefused) return;
      }
    yield* this.#give(this.inspector.end());
  }

  get isRefused(): boolean {
    return this.inspector.state === 'refused';
  }

  /** Bytes of text given so far. */
  get length(): number {
    return this.#length;
  }

  /** How many of the first bytes the text holds as they came, a BOM and end marks included; undefined as soon as it changes some. */
  get sameBytes(): number | undefined {
    const { state, undecodable, nuls } = this.inspector;
    if (state !== 'text' || undecodable.length > 0 || nuls.length > 0) return undefined;
    const { encoding, hadBom } = this.inspector;
    if (encoding !== 'utf-8') return undefined;
    return (hadBom ? UTF8_BOM_BYTES : 0) + this.#length + this.#endBytes;
  }

  /** Whether a `"` was among them. */
  get holdsQuote(): boolean {
    return this.#holdsQuote;
  }

  *#give(text: Buffer): Generator<Buffer> {
    const goesOn = this.#endBytes > 0 && isEnd(text) && this.#endBytes + text.length <= LONGEST_END;
    const from = goesOn ? 0 : endAt(text);
    if (!goesOn) {
      for (const held of this.#end) yield this.#note(held);
      this.#end = [];
      this.#endBytes = 0;
    }
    if (from > 0) yield this.#note(text.subarray(0, from));
    if (from === text.length) return;
    // The bytes may be used again by whoever gave them.
    this.#end.push(Buffer.from(text.subarray(from)));
    this.#endBytes += text.length - from;
  }

  #note(text: Buffer): Buffer {
    this.#length += text.length;
    this.#holdsQuote ||= text.includes(QUOTE);
    return text;
  }
}

/** Where the end begins that the text may have: its first mark with nothing but marks and line ends behind it; its length: there is none. */
function endAt(text: Buffer): number {
  let first = text.length;
  for (let at = text.length - 1; at >= 0 && isOfEnd(text[at]!); at--) if (text[at] === END_MARK) first = at;
  return first;
}

function isEnd(text: Buffer): boolean {
  return text.every(isOfEnd);
}

function isOfEnd(byte: number): boolean {
  return byte === END_MARK || isLineEnd(byte);
}

/** The rest of a UTF-8 character that a chunk begins with goes by itself: else the whole chunk is copied to be put behind its first bytes. */
function* atCharacter(chunk: Buffer): Generator<Buffer> {
  let at = 0;
  while (at < chunk.length && at < 3 && (chunk[at]! & 0xc0) === 0x80) at++;
  if (at > 0) yield chunk.subarray(0, at);
  if (at < chunk.length) yield chunk.subarray(at);
}

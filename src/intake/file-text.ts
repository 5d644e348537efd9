// Stage 2 of taking a file in: bytes become UTF-8 text without BOM, and without the signs that DOS ends a text with; a JSON array becomes
// lines.
import { QUOTE } from '../core/csv/grammar.ts';
import { EndMarks } from '../core/csv/text/end-marks.ts';
import { JsonArrayText } from '../core/csv/text/json-array.ts';
import { LastBytes } from '../core/csv/text/last-bytes.ts';
import {
  createTextInspector,
  type DeclaredEncoding,
  type TextInspector,
} from '../core/csv/text/text-inspector.ts';
import type { AppError } from '../errors.ts';
import type { UploadOptions } from './upload-options.ts';

/** What is said of the file, and what is known of it otherwise. */
export interface SaidOfText extends DeclaredEncoding {
  readonly format?: UploadOptions['format'] | undefined;
  /** Its text is that of a sheet; asked at its first byte. */
  readonly isSheet?: () => boolean;
  /** Takes each piece of the text, before it is given. */
  readonly onText?: (text: Buffer) => void;
}

const UTF8_BOM_BYTES = 3;
const LAST_BYTES = 1024;
/** One of them begins a BOM of UTF-16. */
const UTF16_LEADS = [0xfe, 0xff];

export class FileText {
  readonly #bytes: AsyncIterable<Buffer>;
  readonly #declared: DeclaredEncoding;
  /** Says what the text is: its encoding, and whether it is refused. */
  readonly inspector: TextInspector;
  #length = 0;
  /** Bytes that were looked at. */
  #inspected = 0;
  #holdsQuote = false;
  readonly #end = new EndMarks();
  /** Its bytes may be cut before they are decoded, while NULs at the end are still NULs. Of UTF-16 the text is. */
  #cutsBytes: boolean | undefined;
  readonly #last = new LastBytes(LAST_BYTES);
  readonly #array: JsonArrayText;
  readonly #onText: (text: Buffer) => void;

  /** @param bytes unpacked */
  constructor(
    bytes: AsyncIterable<Buffer>,
    { format, isSheet = () => false, onText = () => undefined, ...declared }: SaidOfText,
    mostUndecodable: number,
  ) {
    this.#bytes = bytes;
    this.#onText = onText;
    this.#declared = declared;
    this.inspector = createTextInspector(declared, mostUndecodable);
    const mayBeArray = format === undefined || format === 'json';
    this.#array = new JsonArrayText(format === 'json', () => mayBeArray && !isSheet());
  }

  /**
   * To be read once. Ends early when the text is refused.
   * @throws AppError FILE_JSON; FILE_ENCODING, FILE_NUL_BYTE where the place is known at once
   */
  async *read(): AsyncGenerator<Buffer> {
    for await (const chunk of this.#bytes)
      for (const own of this.#withoutEnd(chunk))
        for (const piece of atCharacter(own)) {
          this.#inspected += piece.length;
          yield* this.#give(this.inspector.push(piece));
          if (this.isRefused) return;
        }
    yield* this.#give(this.inspector.end());
    if (this.isRefused) return;
    const rest = this.#array.end();
    if (rest.length > 0) yield this.#note(rest);
  }

  /** The file is a JSON array, whose elements are the lines of the text. */
  get isJsonArray(): boolean {
    return this.#array.isArray;
  }

  *#withoutEnd(chunk: Buffer): Generator<Buffer> {
    if (this.#cutsBytes === undefined && chunk.length > 0)
      this.#cutsBytes =
        this.#declared.encoding?.startsWith('utf-16') !== true && !UTF16_LEADS.includes(chunk[0]!);
    if (this.#cutsBytes === true) yield* this.#end.push(chunk);
    else yield chunk;
  }

  get isRefused(): boolean {
    return this.inspector.state === 'refused';
  }

  /** Why the text is refused. @param line of `inspector.refusedAt` */
  refusal(line: number): AppError {
    return this.inspector.refusal(line, this.isJsonArray);
  }

  /** Bytes of text given so far. */
  get length(): number {
    return this.#length;
  }

  /** How many of the first bytes the text holds as they came, a BOM and end marks included; undefined as soon as it changes some. */
  get sameBytes(): number | undefined {
    const { state, undecodable, nuls } = this.inspector;
    if (state !== 'text' || undecodable.length > 0 || nuls.length > 0 || this.isJsonArray) return undefined;
    const { encoding, hadBom } = this.inspector;
    if (encoding !== 'utf-8') return undefined;
    const ofText = (hadBom ? UTF8_BOM_BYTES : 0) + this.#length;
    // The first bytes of a character wait for the others, before the end.
    return ofText < this.#inspected ? ofText : ofText + this.#end.bytes;
  }

  /** Whether a `"` was among them. */
  get holdsQuote(): boolean {
    return this.#holdsQuote;
  }

  /** What ends the file and is no part of the text, as it was sent. */
  get end(): readonly Buffer[] {
    return this.#end.held;
  }

  /** The last bytes that were given. */
  get last(): Buffer {
    return this.#last.last();
  }

  *#give(text: Buffer): Generator<Buffer> {
    const pieces = this.#cutsBytes === true ? [text] : this.#end.push(text);
    for (const piece of pieces) {
      const given = this.#array.push(piece);
      // Where the lines of the text are not those of the file, the record that a place is in cannot be told.
      const [place] = this.isJsonArray ? this.inspector.undecodable : [];
      if (place !== undefined) throw this.inspector.refuse(place, 'JSON is read as a whole.');
      if (given.length > 0) yield this.#note(given);
    }
  }

  #note(text: Buffer): Buffer {
    this.#length += text.length;
    this.#last.push(text);
    this.#onText(text);
    this.#holdsQuote ||= text.includes(QUOTE);
    return text;
  }
}

/** The rest of a UTF-8 character that a chunk begins with goes by itself: else the whole chunk is copied to be put behind its first bytes. */
function* atCharacter(chunk: Buffer): Generator<Buffer> {
  let at = 0;
  while (at < chunk.length && at < 3 && (chunk[at]! & 0xc0) === 0x80) at++;
  if (at > 0) yield chunk.subarray(0, at);
  if (at < chunk.length) yield chunk.subarray(at);
}

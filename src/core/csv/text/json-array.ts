// A file that is a JSON array of objects becomes NDJSON on its way in: each element on a line of its own, as it is written. Nothing is held
// but the first blanks, so that the file may be of any size. Lines stay where they are: the line ends within an element are put behind it.
import { AppError } from '../../../errors.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Blanks before the first sign of what a file is. */
const MOST_BLANKS = 64 * 1024;
const BLANKS = String.raw`[ \t\r\n]*`;
/** The first object, or that there is none. */
const BEGINS = new RegExp(`^${BLANKS}\\[${BLANKS}(?:\\{${BLANKS}["}]|\\])`);
/** What may still become such a beginning. */
const MAY_BEGIN = new RegExp(`^${BLANKS}(?:\\[${BLANKS}(?:\\{${BLANKS})?)?$`);

// What comes next.
/** The bracket that opens the list. */
const OPEN = 0;
/** The first element, or the bracket that closes the list. */
const FIRST = 1;
/** An element, behind a comma. */
const ELEMENT = 2;
/** A comma, or the bracket that closes the list. */
const BETWEEN = 3;
/** Nothing but blanks. */
const END = 4;
/** More of an element: of an object or a list in it, or of a number or a word. */
const NESTED = 5;
const WORD = 6;
/** More of a text in an element, and the character behind a backslash. */
const TEXT = 7;
const ESCAPED = 8;

/** The text of a file, to be pushed through from its beginning. */
export class JsonArrayText {
  readonly #isDeclared: boolean;
  readonly #mayBe: () => boolean;
  #kind: 'open' | 'array' | 'other' = 'open';
  #held: Buffer = Buffer.alloc(0);
  #place = OPEN;
  /** Brackets that are open in an element. */
  #depth = 0;
  #line = 1;
  #isAfterCr = false;
  /** Line ends that have come and are not given yet. */
  #lineEnds = 0;
  #hasElements = false;

  /**
   * @param isDeclared it is said to be an array; otherwise its beginning says so
   * @param mayBe whether it may be one, asked at its first byte
   */
  constructor(isDeclared: boolean, mayBe: () => boolean) {
    this.#isDeclared = isDeclared;
    this.#mayBe = mayBe;
  }

  /** Whether it is an array; false while that is not known. */
  get isArray(): boolean {
    return this.#kind === 'array';
  }

  /** Gives the text on: that of an array as lines, any other as it is. @throws AppError FILE_JSON */
  push(text: Buffer): Buffer {
    if (this.#kind === 'other') return text;
    if (this.#kind === 'array') return this.#asLines(text);
    const head = this.#held.length === 0 ? text : Buffer.concat([this.#held, text]);
    if (head.length === 0) return head;
    const begun = head.toString('latin1', 0, MOST_BLANKS);
    if (!this.#mayBe()) this.#kind = 'other';
    else if (this.#isDeclared || BEGINS.test(begun)) this.#kind = 'array';
    else if (!MAY_BEGIN.test(begun) || head.length > MOST_BLANKS) this.#kind = 'other';
    else {
      // The bytes may be used again by whoever gave them.
      this.#held = Buffer.from(head);
      return head.subarray(0, 0);
    }
    return this.push(head);
  }

  /** What is left at the end of the text. @throws AppError FILE_JSON for an array that does not end */
  end(): Buffer {
    if (this.#kind === 'open') return this.#held;
    if (this.#kind === 'array' && this.#place !== END)
      throw this.#refusal(
        this.#place === OPEN
          ? 'there is no list'
          : 'the list does not end: the file was cut off, or a bracket or a quote is missing',
        'Send the whole file',
      );
    return Buffer.alloc(this.#hasElements ? 1 : 0, LF);
  }

  #asLines(text: Buffer): Buffer {
    // Each line end that is given was one of the file, or a comma, which may have come before.
    const lines = Buffer.allocUnsafe(text.length + this.#lineEnds + 1);
    let length = 0;
    /** Where what is given as it stands begins; -1: nothing is. */
    let from = this.#place >= NESTED ? 0 : -1;
    const giveTo = (end: number): void => {
      if (from < 0 || from >= end) return;
      length += text.copy(lines, length, from, end);
    };
    for (let at = 0; at < text.length; at++) {
      const byte = text[at]!;
      const isLineEnd = byte === LF || byte === CR;
      const place = this.#place;
      if (place >= TEXT) {
        if (byte < SPACE) throw this.#controlCharacter(byte);
        if (place === ESCAPED) this.#place = TEXT;
        else if (byte === BACKSLASH) this.#place = ESCAPED;
        else if (byte === QUOTE) {
          this.#place = this.#depth > 0 ? NESTED : BETWEEN;
          if (this.#depth > 0) continue;
          giveTo(at + 1);
          from = -1;
        }
        continue;
      }
      if (isLineEnd) this.#countLineEnd(byte);
      else this.#isAfterCr = false;
      if (place === NESTED) {
        if (byte === QUOTE) this.#place = TEXT;
        else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth++;
        else if (isLineEnd) {
          giveTo(at);
          from = at + 1;
        } else if ((byte === CLOSE_OBJECT || byte === CLOSE_LIST) && --this.#depth === 0) {
          giveTo(at + 1);
          from = -1;
          this.#place = BETWEEN;
        }
        continue;
      }
      if (place === WORD) {
        if (!isLineEnd && byte !== SPACE && byte !== TAB && byte !== COMMA && byte !== CLOSE_LIST) continue;
        giveTo(at);
        from = -1;
        this.#place = BETWEEN;
      }
      if (isLineEnd || byte === SPACE || byte === TAB || !this.#begins(byte)) continue;
      const lineEnds = Math.max(this.#lineEnds, this.#hasElements ? 1 : 0);
      lines.fill(LF, length, length + lineEnds);
      length += lineEnds;
      this.#lineEnds = 0;
      this.#hasElements = true;
      from = at;
    }
    giveTo(text.length);
    return lines.subarray(0, length);
  }

  /** Takes a byte outside of all elements. @returns whether an element begins with it */
  #begins(byte: number): boolean {
    switch (this.#place) {
      case OPEN:
        if (byte !== OPEN_LIST) throw this.#refusal('a list should begin with "["', HOW);
        this.#place = FIRST;
        return false;
      case BETWEEN:
        if (byte !== COMMA && byte !== CLOSE_LIST)
          throw this.#refusal('a "," or "]" should stand behind an element', HOW);
        this.#place = byte === COMMA ? ELEMENT : END;
        return false;
      case END:
        throw this.#refusal('something follows the list', 'Send one list in a file');
      default:
        if (byte === CLOSE_LIST && this.#place === FIRST) {
          this.#place = END;
          return false;
        }
        if (byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT)
          throw this.#refusal(`an element should stand before "${String.fromCharCode(byte)}"`, HOW);
        this.#depth = byte === OPEN_OBJECT || byte === OPEN_LIST ? 1 : 0;
        this.#place = this.#depth > 0 ? NESTED : byte === QUOTE ? TEXT : WORD;
        return true;
    }
  }

  #countLineEnd(byte: number): void {
    if (byte === CR || !this.#isAfterCr) {
      this.#line++;
      this.#lineEnds++;
    }
    this.#isAfterCr = byte === CR;
  }

  #controlCharacter(byte: number): AppError {
    const hex = byte.toString(16).padStart(2, '0');
    return this.#refusal(
      `a control character (${hex}) stands in a text`,
      `Write it as \\u00${hex}, or close the quote that is open`,
    );
  }

  #refusal(what: string, advice: string): AppError {
    return new AppError(
      'FILE_JSON',
      `The file is no JSON list of objects: on line ${this.#line} ${what}. ${advice}; nothing was kept.`,
      { line: this.#line },
    );
  }
}

const HOW = 'Send a list of objects such as [{"name":"value"}], or one object on each line (NDJSON)';

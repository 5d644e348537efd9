// Reads XML as it comes, piece by piece. The well-kept parsers were measured at 20 to 40 MB/s, a quarter of what a sheet needs
// (docs/decisions/0010-excel-files.md). It knows what workbooks are written in: elements, attributes, text, CDATA, comments and
// the five entities of XML. It refuses what they never hold: a DTD, other entities, other encodings, elements that do not nest.
import { findTag } from './find-tag.ts';
import { NameStore } from './name-store.ts';
import {
  AMPERSAND,
  APOSTROPHE,
  BANG,
  COLON,
  CR,
  EQUALS,
  GT,
  LT,
  QUESTION,
  QUOTE,
  SLASH,
  SPACE,
} from './xml-bytes.ts';
import { XmlProblem } from './xml-problem.ts';
import { decodeXmlText } from './xml-text.ts';

export type XmlEvent = 'open' | 'close' | 'text' | 'more' | 'end';

/** Longer tags and texts are no workbook's. A cell holds 32,767 characters at most. */
const MAX_TOKEN_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 64;
const FIRST_BYTES = 128 * 1024;

const BOM = Buffer.from('\ufeff');

export class XmlReader {
  /** What the places below are in. */
  bytes: Buffer = Buffer.alloc(0);
  /** Of an element: its name without prefix. */
  name = '';
  /** Of an opening tag: it closes itself, and no `close` follows. */
  isEmpty = false;
  /** Of a text: where it is. Of an opening tag: where its attributes are. */
  start = 0;
  end = 0;
  /** Where what comes next begins. Who reads a whole element from the bytes goes on behind it. */
  at = 0;
  /** A text holds entities or line ends that are not LF. */
  private isRaw = false;
  private readonly names = new NameStore();
  private room: Buffer = Buffer.allocUnsafe(FIRST_BYTES);
  private hasBegun = false;
  private hasEnded = false;
  private hasRoot = false;
  private cdata = false;
  /** Full names of open elements. */
  private readonly open: string[] = [];

  /** Gives the next bytes, or says that there are none. What the places of the last event are in is good until then. */
  push(chunk: Buffer | null): void {
    if (chunk === null) {
      this.hasEnded = true;
      return;
    }
    const rest = this.bytes.length - this.at;
    if (rest > MAX_TOKEN_BYTES)
      throw new XmlProblem(`a tag or a text is longer than ${MAX_TOKEN_BYTES} bytes`);
    const length = rest + chunk.length;
    // The same memory is used for all pieces.
    const room = length <= this.room.length ? this.room : Buffer.allocUnsafe(2 * length);
    this.bytes.copy(room, 0, this.at);
    chunk.copy(room, rest);
    this.room = room;
    this.bytes = room.subarray(0, length);
    this.at = 0;
  }

  /** How many elements are open. */
  get depth(): number {
    return this.open.length;
  }

  /** The text of a `text`. */
  text(): string {
    const text = this.bytes.toString('utf8', this.start, this.end);
    return this.isRaw ? decodeXmlText(text, this.cdata) : text;
  }

  /** Whether the bytes of a `text` are what it says. */
  get isPlain(): boolean {
    return !this.isRaw;
  }

  /** An attribute of an opening tag by its name, with its prefix if it has one. */
  attribute(name: string): string | undefined {
    let value: string | undefined;
    this.attributes((start, end, from, to) => {
      if (end - start === name.length && this.bytes.toString('latin1', start, end) === name)
        value = decodeXmlText(this.bytes.toString('utf8', from, to), false);
    });
    return value;
  }

  /** An attribute by its name without prefix: prefixes are a writer's own choice. */
  attributeNamed(localName: string): string | undefined {
    let value: string | undefined;
    this.attributes((start, end, from, to) => {
      const full = this.bytes.toString('latin1', start, end);
      if (full === localName || full.endsWith(`:${localName}`))
        value ??= decodeXmlText(this.bytes.toString('utf8', from, to), false);
    });
    return value;
  }

  /**
   * Passes over what comes before the next tag of this full name, as far as the bytes go. What is in between is not looked at, so it must be
   * in an element that nobody reads.
   * @returns false when bytes are missing
   */
  passTo(name: string): boolean {
    const place = findTag(this.bytes, this.at, name);
    this.at = place.at;
    return place.isFound || this.hasEnded;
  }

  /** Bytes that are a name, or a value that is often the same: no string is made for each. Entities stay as they are. */
  nameAt(start: number, end: number): string {
    return this.names.find(this.bytes, start, end);
  }

  /** Calls `each` with the places of name and value of every attribute. */
  attributes(each: (nameStart: number, nameEnd: number, start: number, end: number) => void): void {
    const { bytes, end } = this;
    let at = this.start;
    for (;;) {
      while (at < end && bytes[at]! <= SPACE) at++;
      if (at >= end) return;
      const nameStart = at;
      while (at < end && bytes[at]! > SPACE && bytes[at] !== EQUALS) at++;
      const nameEnd = at;
      while (at < end && bytes[at]! <= SPACE) at++;
      if (bytes[at] !== EQUALS) throw new XmlProblem('an attribute has no value');
      at++;
      while (at < end && bytes[at]! <= SPACE) at++;
      const quote = bytes[at];
      if (at >= end || (quote !== QUOTE && quote !== APOSTROPHE))
        throw new XmlProblem('the value of an attribute has no quotes');
      const start = ++at;
      while (at < end && bytes[at] !== quote) at++;
      if (at >= end) throw new XmlProblem('the value of an attribute is not closed');
      each(nameStart, nameEnd, start, at);
      at++;
    }
  }

  /** @returns what comes next; `more`: bytes are missing @throws XmlProblem */
  next(): XmlEvent {
    if (!this.hasBegun && !this.begin()) return 'more';
    for (;;) {
      const { bytes } = this;
      if (this.at >= bytes.length) return this.atEnd();
      if (bytes[this.at] !== LT) {
        const found = this.readText();
        if (found !== undefined) return found;
        continue;
      }
      const next = bytes[this.at + 1];
      if (next === undefined) return this.wait();
      if (next === BANG || next === QUESTION) {
        const found = this.readSpecial(next);
        if (found !== undefined) return found;
        continue;
      }
      return this.readTag(next === SLASH);
    }
  }

  /** Passes over the BOM. @returns false when the first bytes are not all there */
  private begin(): boolean {
    if (this.bytes.length < BOM.length && !this.hasEnded) return false;
    if (this.bytes.subarray(0, BOM.length).equals(BOM)) this.at = BOM.length;
    this.hasBegun = true;
    return true;
  }

  private atEnd(): XmlEvent {
    if (!this.hasEnded) return 'more';
    if (this.open.length > 0 || !this.hasRoot) throw new XmlProblem('it ends early');
    return 'end';
  }

  private wait(): XmlEvent {
    if (this.hasEnded) throw new XmlProblem('it ends early');
    return 'more';
  }

  /** Text outside of the root is blank, and passed over. */
  private readText(): XmlEvent | undefined {
    const { bytes } = this;
    const start = this.at;
    let end = start;
    let isRaw = false;
    for (; end < bytes.length && bytes[end] !== LT; end++)
      if (bytes[end] === AMPERSAND || bytes[end] === CR) isRaw = true;
    if (end === bytes.length && this.open.length > 0) return this.wait();
    this.at = end;
    if (this.open.length === 0) {
      this.refuseOutside(start, end);
      return undefined;
    }
    this.start = start;
    this.end = end;
    this.isRaw = isRaw;
    this.cdata = false;
    return 'text';
  }

  private refuseOutside(start: number, end: number): void {
    if (/^[\t\n\r ]*$/.test(this.bytes.toString('latin1', start, end))) return;
    throw new XmlProblem('it is not XML in UTF-8');
  }

  /** A declaration, comment or CDATA. */
  private readSpecial(second: number): XmlEvent | undefined {
    const { bytes, at } = this;
    if (second === QUESTION) {
      const end = bytes.indexOf('?>', at);
      if (end === -1) return this.wait();
      const encoding = /^<\?xml\s[^>]*encoding\s*=\s*["']([^"']+)/.exec(
        bytes.toString('latin1', at, end),
      )?.[1];
      if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding))
        throw new XmlProblem(`it is written in ${encoding}; only UTF-8 can be read`);
      this.at = end + 2;
      return undefined;
    }
    const head = bytes.toString('latin1', at, at + 9);
    if (head.startsWith('<!--')) {
      const end = bytes.indexOf('-->', at + 4);
      if (end === -1) return this.wait();
      this.at = end + 3;
      return undefined;
    }
    if (head === '<![CDATA[') {
      const end = bytes.indexOf(']]>', at);
      if (end === -1) return this.wait();
      if (this.open.length === 0) throw new XmlProblem('it has text outside of its elements');
      this.start = at + 9;
      this.end = end;
      this.isRaw = bytes.subarray(this.start, end).includes(CR);
      this.cdata = true;
      this.at = end + 3;
      return 'text';
    }
    if (head.length < 9 && ('<![CDATA['.startsWith(head) || '<!--'.startsWith(head))) return this.wait();
    throw new XmlProblem(
      'it has a document type or entities of its own, which no spreadsheet program writes',
    );
  }

  /** Closes the open element if its name and nothing else stands there, as it nearly always does, and the name has no prefix. */
  private closesOpen(nameStart: number): boolean {
    const { bytes } = this;
    const name = this.open.at(-1);
    if (name === undefined || bytes[nameStart + name.length] !== GT) return false;
    for (let at = 0; at < name.length; at++) {
      const byte = bytes[nameStart + at];
      if (byte === COLON || byte !== name.charCodeAt(at)) return false;
    }
    this.open.pop();
    this.name = name;
    this.at = nameStart + name.length + 1;
    return true;
  }

  private readTag(isClosing: boolean): XmlEvent {
    const { bytes } = this;
    const nameStart = this.at + (isClosing ? 2 : 1);
    if (isClosing && this.closesOpen(nameStart)) return 'close';
    let end = nameStart;
    let quote = 0;
    for (; end < bytes.length; end++) {
      const byte = bytes[end]!;
      if (quote !== 0) {
        if (byte === quote) quote = 0;
      } else if (byte === GT) break;
      else if (byte === QUOTE || byte === APOSTROPHE) quote = byte;
      else if (byte === LT) throw new XmlProblem('a tag is not closed');
    }
    if (end === bytes.length) return this.wait();
    const isEmpty = !isClosing && bytes[end - 1] === SLASH;
    const inside = isEmpty ? end - 1 : end;
    let nameEnd = nameStart;
    let local = nameStart;
    for (; nameEnd < inside && bytes[nameEnd]! > SPACE; nameEnd++)
      if (bytes[nameEnd] === COLON) local = nameEnd + 1;
    if (nameEnd === nameStart) throw new XmlProblem('a tag has no name');
    const full = this.names.find(bytes, nameStart, nameEnd);
    this.name = local === nameStart ? full : this.names.find(bytes, local, nameEnd);
    this.at = end + 1;
    if (isClosing) {
      if (this.open.pop() !== full) throw new XmlProblem(`<${full}> is closed where it is not open`);
      return 'close';
    }
    if (this.open.length === 0 && this.hasRoot) throw new XmlProblem('it has a second root');
    this.hasRoot = true;
    this.isEmpty = isEmpty;
    this.start = nameEnd;
    this.end = inside;
    if (!isEmpty && this.open.push(full) > MAX_DEPTH) throw new XmlProblem('it is nested too deep');
    return 'open';
  }
}

// The text inspector for a file whose encoding was declared: transcodes it to UTF-8 on its way into the storage.
// Undecodable bytes and NULs do not refuse the file: they become U+FFFD, and their lines are listed so that the records are rejected.
// Bytes that read as another encoding do, unless the sender insists.
import { counted } from '../../counted.ts';
import { AppError } from '../../../errors.ts';
import { readBom } from './bom.ts';
import { findCharacter, middleLineEnd } from './declared-lines.ts';
import { isSurelyOther, refuseOther, unlikeHead, unlikeText } from './declared-otherwise.ts';
import { toCandidates } from './encoding-candidates.ts';
import { guessEncodings, type Guess } from './encoding-guess.ts';
import { createDecoder, findUndecodable, type Decoder, type TextEncoding } from './encodings.ts';
import { CR, LF } from '../grammar.ts';
import { LineCounter } from './line-counter.ts';
import type { SampleLine } from './sample-lines.ts';
import type { TextInspector } from './text-inspector.ts';
import { refusePlace, type UndecodablePlace } from './undecodable.ts';
import { Utf8Evidence } from './utf8-evidence.ts';

const NONE = Buffer.alloc(0);
const BOM_BYTES = 4;
/** Code units below are that ASCII character wherever they stand: a safe place to cut. */
const SAFE_BELOW = 0x30;
/** Without a safe place the bytes held back do not grow beyond this. */
const MAX_HELD_BYTES = 64 * 1024;
/** The longest character (GB18030, UTF-8, UTF-16). */
const MAX_CHARACTER_BYTES = 4;
/** Kept of the file's beginning to tell the likely encoding. */
const HEAD_BYTES = 4096;

/** Lines with undecodable bytes are kept to be shown: so many, and so much of each. */
const MOST_SHOWN = 2;
const SHOWN_BYTES = 512;

const CONTROLS =
  'No text has such controls, and in another encoding they are letters or signs; so the file is refused as a whole. To land it as it is, send forceEncoding=true.';

export class DeclaredText implements TextInspector {
  encoding: TextEncoding;
  hadBom = false;
  /** What refuses the file is thrown at once: lines are counted here, for the list of undecodable ones. */
  readonly state = 'text';
  readonly refusedAt = 0;
  readonly nuls = [];
  readonly undecodable: UndecodablePlace[] = [];
  private readonly shown: SampleLine[] = [];
  private readonly lines = new LineCounter();
  private decoder: Decoder | undefined;
  private head: Buffer = NONE;
  private readonly isForced: boolean;
  private isHeadJudged: boolean;
  /** Controls were found where another encoding has characters. */
  private holdsControls = false;
  /** Offset in the file of the first byte not yet decoded; those held back come first. */
  private offset = 0;
  private held: Buffer = NONE;
  private readonly mostLines: number;
  /** Of a legacy encoding: whether the bytes are UTF-8 after all. */
  private readonly utf8: Utf8Evidence | undefined;

  /**
   * @param declared of `findEncoding`
   * @param mostLines a file with more undecodable lines is refused: its encoding is another one
   * @param isForced the bytes may look as they like
   */
  constructor(declared: TextEncoding, mostLines: number, isForced: boolean) {
    this.encoding = declared;
    this.mostLines = mostLines;
    this.isForced = isForced;
    this.isHeadJudged = isForced;
    this.utf8 = isForced || declared.startsWith('utf-') ? undefined : new Utf8Evidence('sound');
  }

  push(chunk: Buffer): Buffer {
    if (this.head.length < HEAD_BYTES)
      this.head = Buffer.concat([this.head, chunk.subarray(0, HEAD_BYTES - this.head.length)]);
    this.utf8?.push(chunk);
    let bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    if (this.decoder === undefined && bytes.length < BOM_BYTES) {
      this.held = Buffer.from(bytes);
      return NONE;
    }
    if (this.decoder === undefined) bytes = this.decide(bytes);
    if (this.head.length >= HEAD_BYTES) this.judgeHead();
    const end = this.cutAt(bytes);
    this.held = Buffer.from(bytes.subarray(end));
    return this.decode(bytes.subarray(0, end));
  }

  end(): Buffer {
    const last = this.decoder === undefined ? this.decide(this.held) : this.held;
    this.judgeHead();
    this.utf8?.end();
    const text = this.decode(last);
    const doubt = this.doubt();
    if (doubt !== undefined) throw doubt;
    return text;
  }

  refusal(): AppError {
    throw new Error('Of declared text no refusal waits');
  }

  refuse(place: UndecodablePlace, why: string): AppError {
    return refusePlace(place, this.encoding, why, toCandidates(this.guessOther(), this.head, this.shown));
  }

  /** What the lines with undecodable bytes are instead. */
  private guessOther(): Guess[] {
    const lines = Buffer.concat(this.shown.map(({ bytes }) => bytes));
    return guessEncodings(lines, 0).filter(({ encoding }) => encoding.toLowerCase() !== this.encoding);
  }

  doubt(): AppError | undefined {
    const { utf8 } = this;
    if (utf8?.isSure === true)
      return refuseOther(this.encoding, { encoding: 'UTF-8', confidence: 1 }, this.head, utf8.samples.lines);
    if (this.holdsControls && isSurelyOther(this.encoding, this.guessOther()))
      return this.refuse(this.undecodable[0]!, CONTROLS);
    const other = this.isForced ? undefined : unlikeText(this.encoding, this.seen());
    return other && refuseOther(this.encoding, other, this.head, this.shown);
  }

  /** The file's beginning, and lines with undecodable bytes. */
  private seen(): Buffer {
    const lines = this.shown.flatMap(({ bytes }) => [bytes, Buffer.of(LF)]);
    const isWhole = this.offset <= this.head.length;
    const head = this.head.subarray(0, isWhole ? undefined : this.head.lastIndexOf(LF) + 1);
    return Buffer.concat(isWhole ? [head, Buffer.of(LF)] : [head, ...lines]);
  }

  private judgeHead(): void {
    if (this.isHeadJudged) return;
    this.isHeadJudged = true;
    const other = unlikeHead(this.encoding, this.head);
    if (other !== undefined) throw refuseOther(this.encoding, other, this.head, []);
  }

  /** Takes the BOM away; one of another encoding is no text in the declared one. */
  private decide(bytes: Buffer): Buffer {
    const bom = readBom(bytes);
    if (bom !== undefined && !(this.encoding === 'utf-16' && bom.encoding.startsWith('utf-16')))
      if (bom.encoding !== this.encoding)
        throw new AppError(
          'FILE_ENCODING',
          `The file begins with the BOM of ${bom.encoding.toUpperCase()}, but encoding=${this.encoding} was declared. Send it without "encoding", or with the right one.`,
          {
            line: 1,
            byteOffset: 0,
            encoding: this.encoding,
            likelyEncoding: bom.encoding.toUpperCase(),
            candidates: toCandidates(
              [{ encoding: bom.encoding.toUpperCase(), confidence: 1 }],
              this.head,
              [],
            ),
          },
        );
    if (bom !== undefined) this.encoding = bom.encoding;
    else if (this.encoding === 'utf-16') this.encoding = 'utf-16le';
    this.hadBom = bom !== undefined;
    this.offset = bom?.bytes ?? 0;
    // The mark has said what the byte order is.
    this.isHeadJudged ||= this.hadBom;
    this.decoder = createDecoder(this.encoding);
    return bytes.subarray(this.offset);
  }

  /** Where the bytes can be cut such that nothing in front depends on what follows. */
  private cutAt(bytes: Buffer): number {
    const { unit, codeAt, strict } = this.decoder!;
    const whole = bytes.length - (bytes.length % unit);
    for (let at = whole - unit; at >= 0; at -= unit) if (codeAt(bytes, at) < SAFE_BELOW) return at + unit;
    if (bytes.length < MAX_HELD_BYTES) return 0;
    for (let at = whole; at > whole - MAX_CHARACTER_BYTES; at -= unit)
      if (strict(bytes.subarray(0, at), false) !== undefined) return at;
    return whole;
  }

  private decode(bytes: Buffer): Buffer {
    const out: Buffer[] = [];
    this.decodeInto(out, bytes);
    return out.length === 1 ? out[0]! : Buffer.concat(out);
  }

  /** By halves at line ends, so that the lines around an undecodable one keep their text. */
  private decodeInto(out: Buffer[], bytes: Buffer): void {
    const decoder = this.decoder!;
    const text = decoder.strict(bytes, false);
    const wrongAt = text === undefined ? 0 : this.findNoText(text);
    const isText = text !== undefined && wrongAt === -1;
    const half = isText ? bytes.length : middleLineEnd(decoder, bytes);
    if (half < bytes.length) {
      this.decodeInto(out, bytes.subarray(0, half));
      this.decodeInto(out, bytes.subarray(half));
      return;
    }
    if (!isText) this.note(bytes, text === undefined ? undefined : wrongAt);
    const decoded = Buffer.from(isText ? text : this.readLoosely(bytes));
    this.lines.push(decoded);
    this.offset += bytes.length;
    out.push(decoded);
  }

  /** Where the first character is that no text has; -1: nowhere. */
  private findNoText(text: string): number {
    const nulAt = text.indexOf('\0');
    const { noText } = this.decoder!;
    return nulAt !== -1 || noText === undefined || this.isForced ? nulAt : text.search(noText);
  }

  private readLoosely(bytes: Buffer): string {
    const { loose, noText } = this.decoder!;
    const text = loose(bytes).replaceAll(/\0+/g, '\ufffd');
    return noText === undefined || this.isForced ? text : text.replaceAll(new RegExp(noText, 'g'), '\ufffd');
  }

  /** @param characterAt of the first character that no text has; undefined: the bytes cannot be decoded */
  private note(bytes: Buffer, characterAt: number | undefined): void {
    const { line } = this.lines;
    if (this.undecodable.at(-1)?.line === line) return;
    const { at, length } =
      characterAt === undefined
        ? findUndecodable(this.decoder!, bytes)
        : findCharacter(this.decoder!, bytes, characterAt);
    this.holdsControls ||= characterAt !== undefined && bytes[at] !== 0;
    const place = {
      line,
      byteOffset: this.offset + at,
      bytes: bytes.toString('hex', at, at + length),
    };
    this.undecodable.push(place);
    this.keepToShow(bytes, at);
    if (this.undecodable.length > this.mostLines)
      throw this.refuse(
        this.undecodable[0]!,
        `Such bytes are on more than ${counted(this.mostLines, 'line')} of the file (SLUICE_MAX_UNDECODABLE_LINES), so it is refused as a whole.`,
      );
  }

  private keepToShow(line: Buffer, at: number): void {
    if (this.shown.length === MOST_SHOWN) return;
    const start = Math.max(0, at - SHOWN_BYTES);
    const bytes = line.subarray(start, at + SHOWN_BYTES);
    const end = bytes.findLastIndex((byte) => byte !== LF && byte !== CR) + 1;
    this.shown.push({
      bytes: Buffer.from(bytes.subarray(0, end)),
      at: at - start,
      isFirst: this.lines.line === 1,
    });
  }
}

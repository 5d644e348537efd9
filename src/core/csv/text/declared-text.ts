// The text inspector for a file whose encoding was declared: transcodes it to UTF-8 on its way into the storage.
// Undecodable bytes do not refuse the file: they become U+FFFD, and their lines are listed so that the records are rejected.
import { counted } from '../../counted.ts';
import { AppError } from '../../../errors.ts';
import { readBom } from './bom.ts';
import { createDecoder, findUndecodable, type Decoder, type TextEncoding } from './encodings.ts';
import { guessCandidates } from './encoding-guess.ts';
import { CR, LF } from '../grammar.ts';
import { LineCounter } from './line-counter.ts';
import type { TextInspector } from './text-inspector.ts';
import { describePlace, type UndecodablePlace } from './undecodable.ts';

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

export class DeclaredText implements TextInspector {
  encoding: TextEncoding;
  hadBom = false;
  /** What refuses the file is thrown at once: lines are counted here, for the list of undecodable ones. */
  readonly state = 'text';
  readonly undecodable: UndecodablePlace[] = [];
  private readonly lines = new LineCounter();
  private decoder: Decoder | undefined;
  private head: Buffer = NONE;
  /** Offset in the file of the first byte not yet decoded; those held back come first. */
  private offset = 0;
  private held: Buffer = NONE;

  private readonly mostLines: number;

  /**
   * @param declared of `findEncoding`
   * @param mostLines a file with more undecodable lines is refused: its encoding is another one
   */
  constructor(declared: TextEncoding, mostLines: number) {
    this.encoding = declared;
    this.mostLines = mostLines;
  }

  push(chunk: Buffer): Buffer {
    if (this.head.length < HEAD_BYTES)
      this.head = Buffer.concat([this.head, chunk.subarray(0, HEAD_BYTES - this.head.length)]);
    let bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    if (this.decoder === undefined && bytes.length < BOM_BYTES) {
      this.held = Buffer.from(bytes);
      return NONE;
    }
    if (this.decoder === undefined) bytes = this.decide(bytes);
    const end = this.cutAt(bytes);
    this.held = Buffer.from(bytes.subarray(end));
    return this.decode(bytes.subarray(0, end));
  }

  end(): Buffer {
    return this.decode(this.decoder === undefined ? this.decide(this.held) : this.held);
  }

  refusal(): AppError {
    throw new Error('Of declared text no refusal waits');
  }

  refuse(place: UndecodablePlace, why: string): AppError {
    const candidates = guessCandidates(this.head, this.head, 0).filter(
      (candidate) => candidate.encoding.toLowerCase() !== this.encoding,
    );
    const advice = 'Name the encoding that the file has (encoding=…), or save it as UTF-8.';
    return new AppError(
      'FILE_ENCODING',
      `${describePlace(place, this.encoding)} ${why} ${candidates[0] === undefined ? '' : `The file looks like ${candidates[0].encoding}. `}${advice}`,
      {
        line: place.line,
        byteOffset: place.byteOffset,
        encoding: this.encoding,
        likelyEncoding: candidates[0]?.encoding ?? null,
        candidates,
      },
    );
  }

  /** Takes the BOM away; one of another encoding is no text in the declared one. */
  private decide(bytes: Buffer): Buffer {
    const bom = readBom(bytes);
    if (bom !== undefined && !(this.encoding === 'utf-16' && bom.encoding.startsWith('utf-16')))
      if (bom.encoding !== this.encoding)
        throw new AppError(
          'FILE_ENCODING',
          `The file begins with the BOM of ${bom.encoding.toUpperCase()}, but encoding=${this.encoding} was declared. Send it without "encoding", or with the right one.`,
          { line: 1, byteOffset: 0, encoding: this.encoding, likelyEncoding: bom.encoding.toUpperCase() },
        );
    if (bom !== undefined) this.encoding = bom.encoding;
    else if (this.encoding === 'utf-16') this.encoding = 'utf-16le';
    this.hadBom = bom !== undefined;
    this.offset = bom?.bytes ?? 0;
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
    this.refuseNul(bytes);
    const out: Buffer[] = [];
    this.decodeInto(out, bytes);
    return out.length === 1 ? out[0]! : Buffer.concat(out);
  }

  /** By halves at line ends, so that the lines around an undecodable one keep their text. */
  private decodeInto(out: Buffer[], bytes: Buffer): void {
    const decoder = this.decoder!;
    const text = decoder.strict(bytes, false);
    const half = text === undefined ? middleLineEnd(decoder, bytes) : bytes.length;
    if (half < bytes.length) {
      this.decodeInto(out, bytes.subarray(0, half));
      this.decodeInto(out, bytes.subarray(half));
      return;
    }
    if (text === undefined) this.note(bytes);
    const decoded = Buffer.from(text ?? decoder.loose(bytes));
    this.lines.push(decoded);
    this.offset += bytes.length;
    out.push(decoded);
  }

  private note(bytes: Buffer): void {
    const { line } = this.lines;
    if (this.undecodable.at(-1)?.line === line) return;
    const { at, length } = findUndecodable(this.decoder!, bytes);
    const place = {
      line,
      byteOffset: this.offset + at,
      bytes: bytes.toString('hex', at, at + length),
    };
    this.undecodable.push(place);
    if (this.undecodable.length > this.mostLines)
      throw this.refuse(
        this.undecodable[0]!,
        `Such bytes are on more than ${counted(this.mostLines, 'line')} of the file (SLUICE_MAX_UNDECODABLE_LINES), so it is refused as a whole.`,
      );
  }

  private refuseNul(bytes: Buffer): void {
    const { unit, codeAt, loose } = this.decoder!;
    let at = bytes.indexOf(0);
    // Of UTF-16 every other byte may be 0.
    if (unit === 2) {
      at = loose(bytes).includes('\0') ? 0 : -1;
      while (at !== -1 && codeAt(bytes, at) !== 0) at += 2;
    }
    if (at === -1) return;
    this.lines.push(Buffer.from(loose(bytes.subarray(0, at))));
    const { line } = this.lines;
    const byteOffset = this.offset + at;
    throw new AppError(
      'FILE_NUL_BYTE',
      `Line ${line} (byte ${byteOffset} of the file) holds a NUL character, which text does not. Is the file damaged, or in another encoding than ${this.encoding}? Nothing was kept.`,
      { line, byteOffset },
    );
  }
}

/** Behind the line end nearest before the middle, else behind the first below it; the length when there is one line only. */
function middleLineEnd(decoder: Decoder, bytes: Buffer): number {
  const { unit } = decoder;
  const middle = (bytes.length >> 1) - ((bytes.length >> 1) % unit);
  for (let at = middle - unit; at >= 0; at -= unit) if (endsLine(decoder, bytes, at)) return at + unit;
  for (let at = middle; at + unit <= bytes.length; at += unit)
    if (endsLine(decoder, bytes, at)) return at + unit;
  return bytes.length;
}

function endsLine({ codeAt }: Decoder, bytes: Buffer, at: number): boolean {
  const code = codeAt(bytes, at);
  return code === LF || code === CR;
}

// Looks at an upload's bytes while they are being stored: decides the encoding by the BOM, checks it, gives UTF-8 without BOM.
// Nothing is replaced or guessed: bytes that are not text refuse the file, and the sender is told where and what to do.
// Where the sender has declared the encoding, declared-text.ts does it instead.
import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../errors.ts';
import { readBom } from './bom.ts';
import { DeclaredText } from './declared-text.ts';
import { guessCandidates, type EncodingCandidate } from './encoding-guess.ts';
import type { TextEncoding } from './encodings.ts';
import type { UndecodablePlace } from './undecodable.ts';
import { firstInvalid, incompleteTail } from './utf8.ts';

export interface TextInspector {
  /**
   * Takes the next bytes and gives those to be stored. At a bad byte the text ends; `state` tells it.
   * @throws AppError FILE_ENCODING, FILE_NUL_BYTE where the place is known at once
   */
  push(chunk: Buffer): Buffer;
  /** To be called once, at the end of the file. @throws as `push` */
  end(): Buffer;
  /**
   * `text`: all is well so far. `sampling`: a bad byte was met, and some more bytes are wanted to tell the likely encoding.
   * `refused`: the file is to be refused with `refusal`. After `end` it is not `sampling`.
   */
  readonly state: 'text' | 'sampling' | 'refused';
  /**
   * Why the file is refused. Lines are not counted on the way, which would cost every sound upload some of its speed.
   * @param line on which the text that was given ends, from 1
   */
  refusal(line: number): AppError;
  /** Decided by the first four bytes. */
  readonly encoding: TextEncoding;
  readonly hadBom: boolean;
  /** One for each line that holds undecodable bytes, so far; only where the encoding was declared. */
  readonly undecodable: readonly UndecodablePlace[];
  /** What to throw when an undecodable place cannot be left to its record. `why` is a sentence. */
  refuse(place: UndecodablePlace, why: string): AppError;
}

const NONE = Buffer.alloc(0);
const BOM_BYTES = 4;
/** So much of the file from the first bad byte on is looked at to tell the likely encoding. */
const SAMPLE_BYTES = 4096;

/** What begins Japanese text in ISO-2022-JP, whose bytes are all ASCII: read as UTF-8 it would land as garbage. */
const JIS = /\x1b(?:\$[@B]|\$\([DOPQ]|\([IJ])/;
const ESC = 0x1b;
const DOLLAR = 0x24;
const PARENTHESIS = 0x28;
/** One byte less than the longest of these. */
const JIS_BYTES_BEFORE = 3;

const ADVICE = 'Save it as UTF-8 (in Excel: "CSV UTF-8") or as UTF-16 with a BOM, and send it again.';

/**
 * @param declared the encoding the sender names, of `findEncoding`; undefined: by BOM, else UTF-8
 * @param mostUndecodable of a declared encoding: a file with more undecodable lines is refused
 */
export function createTextInspector(declared?: TextEncoding, mostUndecodable = Infinity): TextInspector {
  return declared === undefined ? new Inspector() : new DeclaredText(declared, mostUndecodable);
}

/** The first bad byte, and what follows it. */
interface Suspicion {
  readonly kind: 'encoding' | 'nul' | 'jis';
  readonly byteOffset: number;
  sample: Buffer;
}

/** A guess this sure is named alone. */
const SURE = 0.7;

function describeLikely(candidates: readonly EncodingCandidate[]): string {
  const [likeliest, ...others] = candidates;
  const { encoding, confidence } = likeliest!;
  const name = encoding.startsWith('UTF-16') ? `${encoding} without a BOM` : encoding;
  if (confidence >= SURE || others.length === 0)
    return `The file looks like ${name}. If its sample (candidates) reads right, send it again with encoding=${encoding.toLowerCase()}.`;
  const names = [name, ...others.map((other) => other.encoding)];
  return `The file could be ${names.slice(0, -1).join(', ')} or ${names.at(-1)!}. Send it again with the encoding= whose sample (candidates) reads right.`;
}

const orNever = (at: number): number => (at === -1 ? Infinity : at);

class Inspector implements TextInspector {
  encoding: TextEncoding = 'utf-8';
  hadBom = false;
  state: TextInspector['state'] = 'text';
  readonly undecodable = [];
  private head: Buffer = NONE;
  private decided = false;
  private suspicion: Suspicion | undefined;
  /** Offset in the file of the first byte that is not yet checked; those that are held come first. */
  private offset = 0;
  /** A character's first bytes, or the file's while its BOM is not decided. */
  private held: Buffer = NONE;
  /** The last bytes that were checked. */
  private before: Buffer = NONE;

  push(chunk: Buffer): Buffer {
    if (this.head.length < SAMPLE_BYTES)
      this.head = Buffer.concat([this.head, chunk.subarray(0, SAMPLE_BYTES - this.head.length)]);
    if (this.suspicion !== undefined) {
      this.sample(this.suspicion, chunk);
      return NONE;
    }
    const bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    if (this.decided) return this.decode(bytes);
    if (bytes.length >= BOM_BYTES) return this.decode(this.decide(bytes));
    this.held = Buffer.from(bytes);
    return NONE;
  }

  end(): Buffer {
    const text = this.decided || this.suspicion !== undefined ? NONE : this.decode(this.decide(this.held));
    if (this.suspicion === undefined && this.held.length > 0)
      this.suspect('encoding', this.offset, this.held);
    if (this.suspicion !== undefined) this.state = 'refused';
    return text;
  }

  /** Takes the BOM away. */
  private decide(bytes: Buffer): Buffer {
    this.decided = true;
    const [first, second, third, fourth] = bytes;
    if (first === 0xff && second === 0xfe && third === 0 && fourth === 0)
      throw new AppError('FILE_ENCODING', `The file begins with the BOM of UTF-32. ${ADVICE}`, {
        line: 1,
        byteOffset: 0,
        likelyEncoding: 'UTF-32LE',
      });
    const bom = readBom(bytes);
    if (bom !== undefined) [this.encoding, this.offset] = [bom.encoding, bom.bytes];
    this.hadBom = bom !== undefined;
    return bytes.subarray(this.offset);
  }

  private decode(bytes: Buffer): Buffer {
    return this.encoding === 'utf-8' ? this.checkUtf8(bytes) : this.transcodeUtf16(bytes);
  }

  private checkUtf8(bytes: Buffer): Buffer {
    const text = this.holdBack(bytes, incompleteTail(bytes));
    const nulAt = orNever(text.indexOf(0));
    const invalidAt = isUtf8(text) ? Infinity : orNever(firstInvalid(text));
    const jisAt = this.findJis(text);
    const at = Math.min(nulAt, invalidAt, jisAt);
    if (at !== Infinity) {
      const kind = at === invalidAt ? 'encoding' : at === nulAt ? 'nul' : 'jis';
      const from = Math.max(0, at);
      this.suspect(kind, this.offset + at, bytes.subarray(from));
      return text.subarray(0, from);
    }
    this.offset += text.length;
    return text;
  }

  /** Where an escape sequence of ISO-2022-JP begins, perhaps in the bytes before (then less than 0); Infinity: nowhere. */
  private findJis(text: Buffer): number {
    const { before } = this;
    const border = Buffer.concat([before, text.subarray(0, JIS_BYTES_BEFORE)]);
    this.before = Buffer.concat([before, text.subarray(-JIS_BYTES_BEFORE)]).subarray(-JIS_BYTES_BEFORE);
    const atBorder = border.toString('latin1').search(JIS);
    if (atBorder !== -1) return atBorder - before.length;
    for (let at = text.indexOf(ESC); at !== -1; at = text.indexOf(ESC, at + 1)) {
      const second = text[at + 1];
      if (second !== DOLLAR && second !== PARENTHESIS) continue;
      if (JIS.test(text.toString('latin1', at, at + 1 + JIS_BYTES_BEFORE))) return at;
    }
    return Infinity;
  }

  private transcodeUtf16(bytes: Buffer): Buffer {
    const odd = bytes.length % 2;
    const highByte =
      this.encoding === 'utf-16le' ? bytes[bytes.length - odd - 1] : bytes[bytes.length - odd - 2];
    const endsHigh = highByte !== undefined && highByte >= 0xd8 && highByte < 0xdc;
    const units = this.holdBack(bytes, endsHigh ? odd + 2 : odd);
    const text = (this.encoding === 'utf-16le' ? units : Buffer.from(units).swap16()).toString('utf16le');
    const badAt = text.search(/\p{Surrogate}|\0/u);
    const decoded = Buffer.from(badAt === -1 ? text : text.slice(0, badAt));
    if (badAt !== -1) {
      this.suspect(text[badAt] === '\0' ? 'nul' : 'encoding', this.offset + badAt * 2, NONE);
      // The BOM has told the encoding.
      this.state = 'refused';
    }
    this.offset += units.length;
    return decoded;
  }

  private holdBack(bytes: Buffer, tail: number): Buffer {
    this.held = tail === 0 ? NONE : Buffer.from(bytes.subarray(bytes.length - tail));
    return bytes.subarray(0, bytes.length - tail);
  }

  private suspect(kind: Suspicion['kind'], byteOffset: number, bytes: Buffer): void {
    this.suspicion = { kind, byteOffset, sample: NONE };
    this.state = 'sampling';
    this.sample(this.suspicion, bytes);
  }

  private sample(suspicion: Suspicion, bytes: Buffer): void {
    const more = bytes.subarray(0, SAMPLE_BYTES - suspicion.sample.length);
    suspicion.sample = Buffer.concat([suspicion.sample, more]);
    if (suspicion.sample.length >= SAMPLE_BYTES) this.state = 'refused';
  }

  refuse(): AppError {
    throw new Error('Without a declared encoding undecodable bytes refuse the file at once');
  }

  refusal(line: number): AppError {
    if (this.suspicion === undefined) throw new Error('Nothing is wrong with the text so far');
    const { kind, byteOffset, sample } = this.suspicion;
    const place = `Line ${line} (byte ${byteOffset} of the file)`;
    if (this.encoding !== 'utf-8' && kind === 'encoding')
      return new AppError(
        'FILE_ENCODING',
        `${place} holds half a character: the file begins with the BOM of ${this.encoding.toUpperCase()} but is not sound UTF-16. ${ADVICE}`,
        { line, byteOffset, likelyEncoding: null },
      );
    if (kind === 'jis')
      return new AppError(
        'FILE_ENCODING',
        `${place} holds an escape sequence of ISO-2022-JP (JIS), an encoding that is not taken. ${ADVICE} If the file really holds these bytes as text, send it with encoding=utf-8.`,
        { line, byteOffset, likelyEncoding: 'ISO-2022-JP', candidates: [] },
      );
    const candidates = guessCandidates(this.head, sample, byteOffset);
    const likelyEncoding = candidates[0]?.encoding ?? null;
    const isUtf16 = likelyEncoding === 'UTF-16LE' || likelyEncoding === 'UTF-16BE';
    if (kind === 'nul' && !isUtf16)
      return new AppError(
        'FILE_NUL_BYTE',
        `${place} holds a NUL character, which is never in text. Is the file damaged, or not a CSV file? Remove it and send the file again.`,
        { line, byteOffset },
      );
    const looksLike =
      likelyEncoding === null
        ? ADVICE
        : `${describeLikely(candidates)} Or save it as UTF-8 (in Excel: "CSV UTF-8") and send that.`;
    return new AppError('FILE_ENCODING', `${place} is not UTF-8. ${looksLike}`, {
      line,
      byteOffset,
      likelyEncoding,
      candidates,
    });
  }
}

// The text inspector for a file that names no encoding and has no BOM of UTF-16: it must be UTF-8, and is checked as it goes by.
import { isUtf8 } from 'node:buffer';
import type { AppError } from '../../../errors.ts';
import { findJis, JIS_BYTES_BEFORE } from './jis.ts';
import { LastBytes } from './last-bytes.ts';
import { refuseJis, refuseNotUtf8, refuseNuls, refuseUtf16 } from './not-utf8.ts';
import { NUL, NulWatch, replaceNuls, type NulPlace } from './nul.ts';
import type { TextInspector } from './text-inspector.ts';
import { refusePlace, type UndecodablePlace } from './undecodable.ts';
import { Utf8Evidence } from './utf8-evidence.ts';
import { firstInvalid, incompleteTail, soundBeginning } from './utf8.ts';

const NONE = Buffer.alloc(0);
const BOM_BYTES = 3;
/** So many of the first bytes, of those before and of those from a bad one on tell what the file is. */
const SAMPLE_BYTES = 4096;

/** What refuses the file. */
interface Suspicion {
  readonly kind: 'jis' | 'encoding';
  readonly byteOffset: number;
  /** The bytes from there on. */
  sample: Buffer;
  readonly evidence: Utf8Evidence;
}

export class Utf8Text implements TextInspector {
  readonly encoding = 'utf-8';
  readonly hadBom: boolean;
  readonly undecodable = [];
  readonly nuls: NulPlace[] = [];
  readonly #mostLines: number;
  readonly #nulWatch = new NulWatch();
  #suspicion: Suspicion | undefined;
  #isRefused = false;
  #head: Buffer = NONE;
  /** The last bytes that were checked. */
  readonly #before = new LastBytes(SAMPLE_BYTES);
  /** The first bytes of a character. */
  #held: Buffer = NONE;
  /** Offset in the file of the first byte that is not yet checked; those that are held come first. */
  #offset: number;
  #textBytes = 0;

  /**
   * @param bomBytes how long the BOM was; it is not pushed
   * @param mostLines with more NULs the file is refused
   */
  constructor(bomBytes: number, mostLines: number) {
    this.hadBom = bomBytes > 0;
    this.#offset = bomBytes;
    this.#mostLines = mostLines;
  }

  push(chunk: Buffer): Buffer {
    if (this.#head.length < SAMPLE_BYTES)
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, SAMPLE_BYTES - this.#head.length)]);
    if (this.#suspicion === undefined)
      return this.#check(this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]));
    this.#sample(this.#suspicion, chunk);
    return NONE;
  }

  end(): Buffer {
    if (this.#held.length > 0) this.#suspect('encoding', this.#offset, this.#held);
    this.#suspicion?.evidence.end();
    this.#nulWatch.end();
    this.#isRefused = this.#suspicion !== undefined || this.#holdsTooManyNuls;
    return NONE;
  }

  get state(): TextInspector['state'] {
    if (this.#isRefused) return 'refused';
    return this.#suspicion !== undefined || this.#nulWatch.isWatching ? 'sampling' : 'text';
  }

  get refusedAt(): number {
    return this.#holdsTooManyNuls ? this.nuls[0]!.textByte : this.#textBytes;
  }

  refusal(line: number, isJsonList = false): AppError {
    const { utf16 } = this.#nulWatch;
    const [nul] = this.nuls;
    if (nul !== undefined && utf16 !== undefined) return refuseUtf16({ ...nul, line }, utf16, this.#head);
    if (nul !== undefined && this.#holdsTooManyNuls) return refuseNuls({ ...nul, line });
    if (this.#suspicion === undefined) throw new Error('Nothing is wrong with the text so far');
    const { kind, byteOffset, sample, evidence } = this.#suspicion;
    const place = { line, byteOffset };
    if (kind === 'jis') return refuseJis(place);
    const mostLines = this.#mostLines;
    return refuseNotUtf8(place, { head: this.#head, sample, evidence, mostLines, isJsonList });
  }

  /** Of places only NULs are left to their records. */
  refuse(place: UndecodablePlace, why: string): AppError {
    return refusePlace(place, this.encoding, why, []);
  }

  doubt(): undefined {
    return undefined;
  }

  get #holdsTooManyNuls(): boolean {
    const { utf16, isFull } = this.#nulWatch;
    return isFull || utf16 !== undefined || this.nuls.length > this.#mostLines;
  }

  #check(bytes: Buffer): Buffer {
    const tail = incompleteTail(bytes);
    const text = bytes.subarray(0, bytes.length - tail);
    this.#held = tail === 0 ? NONE : Buffer.from(bytes.subarray(text.length));
    const invalidAt = isUtf8(text) ? Infinity : firstInvalid(text);
    const wrongAt = Math.min(invalidAt, findJis(this.#before.last(JIS_BYTES_BEFORE), text));
    const sound = wrongAt === Infinity ? text : text.subarray(0, Math.max(0, wrongAt));
    const given = this.#replaceNuls(sound);
    this.#textBytes += given.length;
    this.#before.push(sound);
    const offset = this.#offset;
    this.#offset += sound.length;
    if (wrongAt !== Infinity)
      this.#suspect(
        wrongAt === invalidAt ? 'encoding' : 'jis',
        offset + wrongAt,
        bytes.subarray(sound.length),
      );
    return given;
  }

  #replaceNuls(sound: Buffer): Buffer {
    const holdsNul = sound.includes(NUL);
    if (holdsNul || this.#nulWatch.isWatching) this.#nulWatch.push(sound, this.#offset);
    if (!holdsNul) return sound;
    const { text, places } = replaceNuls(sound);
    for (const { at, textAt } of places)
      if (this.nuls.length <= this.#mostLines)
        this.nuls.push({ textByte: this.#textBytes + textAt, byteOffset: this.#offset + at });
    this.#isRefused ||= this.#holdsTooManyNuls;
    return text;
  }

  #suspect(kind: Suspicion['kind'], byteOffset: number, bytes: Buffer): void {
    const evidence = new Utf8Evidence('unsound');
    const before = this.#before.last();
    // What stands between the first bytes and the last ones before is as sound as they are.
    if (this.#offset >= this.#head.length + BOM_BYTES) evidence.push(soundBeginning(this.#head));
    evidence.push(before.length < SAMPLE_BYTES ? before : before.subarray(restOfCharacter(before)));
    this.#suspicion = { kind, byteOffset, sample: NONE, evidence };
    this.#held = NONE;
    if (kind === 'jis') this.#isRefused = true;
    else this.#sample(this.#suspicion, bytes);
  }

  #sample(suspicion: Suspicion, bytes: Buffer): void {
    this.#nulWatch.push(bytes, -1);
    const { evidence } = suspicion;
    const wanted = SAMPLE_BYTES - suspicion.sample.length;
    suspicion.sample = Buffer.concat([suspicion.sample, bytes.subarray(0, wanted)]);
    evidence.push(bytes.subarray(0, wanted));
    const isForeign = evidence.sound === 0 && suspicion.sample.length >= SAMPLE_BYTES;
    if (!isForeign) evidence.push(bytes.subarray(wanted));
    this.#isRefused ||=
      isForeign || evidence.isOther || evidence.unsoundLines > this.#mostLines || this.#holdsTooManyNuls;
  }
}

/** How many bytes of a character that is not whole come first. */
function restOfCharacter(sound: Buffer): number {
  let at = 0;
  while (at < 3 && (sound[at]! & 0xc0) === 0x80) at++;
  return at;
}

// Whether bytes that come in pieces are UTF-8 after all: how many of their characters are sound, and where they are not.
// A text of another encoding is sound UTF-8 by chance only where it has one or two characters that are not ASCII.
import { isAscii } from 'node:buffer';
import { CR, LF } from '../grammar.ts';
import { SampleLines } from './sample-lines.ts';
import { codePointAt, incompleteTail, soundLength } from './utf8.ts';

const NONE = Buffer.alloc(0);
/** So many unsound bytes, and fewer sound characters: it is not UTF-8, and no more is looked at. */
const ENOUGH_UNSOUND = 256;
/** So many different sound characters are none by chance. */
const ENOUGH_DIFFERENT = 3;
/** Of a file that is UTF-8 except in some places, so many sound characters stand against each unsound byte. */
const SOUND_PER_UNSOUND = 20;
/** Kept of the unsound bytes. */
const FRAGMENT_BYTES = 4096;
const SPACE = 0x20;

/** Characters that texts in use have: letters of living scripts, their punctuation, currencies, arrows, boxes, emoji. */
const USUAL =
  /^[\u00a0-\u017f\u0218-\u021b\u0386-\u03ce\u0400-\u045f\u0490\u0491\u05d0-\u05ea\u060c-\u064a\u0660-\u0669\u067e\u0686\u06a9\u06af\u06cc\u0900-\u0dff\u0e01-\u0e5b\u1e00-\u1eff\u2010-\u2026\u2030-\u203a\u20a0-\u20bf\u2116\u2122\u2190-\u2193\u2460-\u2473\u25a0-\u25ff\u2600-\u27bf\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\ufeff\uff01-\uff9f\uffe0-\uffe6\u{1f300}-\u{1faff}]$/u;

export class Utf8Evidence {
  /** Sound characters that are not ASCII. */
  sound = 0;
  /** Bytes that belong to no sound character. */
  unsound = 0;
  unsoundLines = 0;
  /** The bytes are of another encoding; no more of them are looked at. */
  isOther = false;
  /** Lines with sound characters, or with unsound bytes, as the evidence is to show. */
  readonly samples = new SampleLines();
  readonly #shows: 'sound' | 'unsound';
  #isUsual = false;
  readonly #different = new Set<number>();
  readonly #fragments: number[] = [];
  /** The last byte looked at belongs to a fragment. */
  #inFragment = false;
  /** The line at hand has been counted, or shown. */
  #isCounted = false;
  #isShown = false;
  /** A character's first bytes. */
  #held: Buffer = NONE;

  constructor(shows: 'sound' | 'unsound') {
    this.#shows = shows;
  }

  push(chunk: Buffer): void {
    if (this.isOther) return;
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const end = bytes.length - incompleteTail(bytes);
    this.#look(bytes.subarray(0, end));
    this.#held = Buffer.from(bytes.subarray(end));
  }

  /** To be called at the end of the bytes. */
  end(): void {
    if (this.#held.length > 0) this.#look(this.#held);
    this.#held = NONE;
  }

  /** The bytes read as UTF-8, unsound places apart, so that no other reading of all of them is right. */
  get isLikely(): boolean {
    return this.#isUsual && this.sound >= this.unsound;
  }

  /** The bytes are UTF-8, or nearly all of them: read in a legacy encoding they would be other characters. */
  get isSure(): boolean {
    if (this.unsound === 0) return this.#isUsual || this.#different.size >= ENOUGH_DIFFERENT;
    return this.#different.size >= ENOUGH_DIFFERENT && this.sound >= this.unsound * SOUND_PER_UNSOUND;
  }

  /** The unsound bytes, with what stands between and right behind them. */
  get fragments(): Buffer {
    return Buffer.from(this.#fragments);
  }

  #look(bytes: Buffer): void {
    const shown: number[] = [];
    if (isAscii(bytes)) this.#pass(bytes);
    else
      for (let at = 0; at < bytes.length && !this.isOther;) {
        const byte = bytes[at]!;
        if (byte < 0x80) {
          this.#ascii(byte);
          at++;
          continue;
        }
        const length = soundLength(bytes, at);
        if (!this.#isShown && length > 0 === (this.#shows === 'sound')) {
          this.#isShown = true;
          shown.push(at);
        }
        if (length === 0) this.#unsoundByte(byte);
        else this.#soundCharacter(bytes, at, length);
        at += Math.max(1, length);
      }
    this.samples.push(bytes, shown);
  }

  #pass(ascii: Buffer): void {
    if (ascii.length > 0) this.#ascii(ascii[0]!);
    if (ascii.includes(LF) || ascii.includes(CR)) this.#nextLine();
  }

  #ascii(byte: number): void {
    if (this.#inFragment) this.#keep([byte]);
    this.#inFragment = false;
    if (byte === LF || byte === CR) this.#nextLine();
  }

  #nextLine(): void {
    [this.#isCounted, this.#isShown] = [false, false];
  }

  #unsoundByte(byte: number): void {
    this.unsound++;
    this.isOther = this.unsound >= ENOUGH_UNSOUND && this.sound <= this.unsound;
    if (!this.#isCounted) this.unsoundLines++;
    this.#isCounted = true;
    this.#keep([byte]);
    this.#inFragment = true;
  }

  #soundCharacter(bytes: Buffer, at: number, length: number): void {
    this.sound++;
    const isUsualOpen = !this.#isUsual || this.#different.size < ENOUGH_DIFFERENT;
    if (isUsualOpen) {
      const codePoint = codePointAt(bytes, at);
      this.#isUsual ||= USUAL.test(String.fromCodePoint(codePoint));
      if (this.#different.size < ENOUGH_DIFFERENT) this.#different.add(codePoint);
    }
    if (!this.#inFragment) return;
    // Two bytes of another encoding may be a character of two bytes by chance; three hardly.
    this.#inFragment = length === 2;
    this.#keep(length === 2 ? [bytes[at]!, bytes[at + 1]!] : [SPACE]);
  }

  #keep(bytes: readonly number[]): void {
    if (this.#fragments.length < FRAGMENT_BYTES) this.#fragments.push(...bytes);
  }
}

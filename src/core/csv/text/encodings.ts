// The encodings that a file may be declared to have, decoded as the WHATWG Encoding Standard says. Node's TextDecoder (ICU)
// differs from the standard in places (compared with Chromium's, byte by byte): what it would change silently is set right
// here or counts as undecodable. What it does not know of EUC-KR (the syllables CP949 adds) and Big5 (HKSCS) is undecodable.

/** The standard's name of an encoding, lower case; or `utf-16`, whose byte order the BOM tells (little-endian without). */
export type TextEncoding = string;

export interface Decoder {
  /** Bytes of a code unit: 2 for UTF-16. */
  readonly unit: 1 | 2;
  /** The code unit at an offset. One below 0x30 is that ASCII character in every encoding here, never part of another. */
  readonly codeAt: (bytes: Buffer, at: number) => number;
  /** Undefined when something cannot be decoded. @param mayGoOn the bytes may end within a character */
  readonly strict: (bytes: Buffer, mayGoOn: boolean) => string | undefined;
  /** With U+FFFD for what cannot be decoded; units below 0x30 stay what they are. */
  readonly loose: (bytes: Buffer) => string;
}

/** What people say that is no label of the standard. */
const ALIASES = new Map([
  ['cp932', 'shift_jis'],
  ['cp936', 'gbk'],
  ['cp949', 'euc-kr'],
  ['cp950', 'big5'],
]);

/**
 * Finds an encoding by any label of the standard, or a Windows code page of East Asia. Undefined when it is not known, and
 * for ISO-2022-JP: its bytes mean what escape sequences before them say, so a file of it cannot be read in pieces.
 */
export function findEncoding(label: string): TextEncoding | undefined {
  const key = label.trim().toLowerCase();
  if (key === 'utf-16') return key;
  try {
    const { encoding } = new TextDecoder(ALIASES.get(key) ?? key);
    return encoding === 'iso-2022-jp' ? undefined : encoding;
  } catch {
    return undefined;
  }
}

/** Where ICU is not the standard. */
interface Quirks {
  /** The decoder that the standard means. */
  readonly as?: string;
  /** ICU's character, the standard's. */
  readonly repair?: readonly [string, string][];
  /** Characters that ICU gives for bytes that the standard has none for. */
  readonly alien?: RegExp;
}

// oxlint-disable-next-line no-control-regex -- what ICU gives for bytes that are no lead byte
const C1 = /[\u0080-\u009f]/;
const C1_OR_PRIVATE = /[\u0080-\u009f\ue000-\uf8ff]/;
const QUIRKS: Readonly<Record<string, Quirks>> = {
  gbk: { as: 'gb18030' },
  'euc-jp': { alien: C1 },
  'euc-kr': { alien: C1_OR_PRIVATE },
  big5: { alien: C1_OR_PRIVATE },
  'windows-874': { alien: /[\uf8c1-\uf8c8]/ },
  'windows-1253': { alien: /\u00aa/ },
  'koi8-u': {
    repair: [
      ['\u255d', '\u045e'],
      ['\u256c', '\u040e'],
    ],
  },
};

/** @param encoding of `findEncoding`, but for `utf-16`: by now its byte order is known */
export function createDecoder(encoding: TextEncoding): Decoder {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return utf16(encoding === 'utf-16be');
  if (encoding === 'windows-1252') return windows1252();
  const { as = encoding, alien } = QUIRKS[encoding] ?? {};
  const repair = new Map([...(QUIRKS[encoding]?.repair ?? []), ...exchangedControls(as)]);
  const repairable = repair.size === 0 ? undefined : new RegExp(`[${[...repair.keys()].join('')}]`, 'g');
  const repaired = (text: string): string =>
    repairable === undefined ? text : text.replaceAll(repairable, (character) => repair.get(character)!);
  // Opening one costs as much as decoding some KiB; after a failure or half a character it is not used again.
  const openFatal = () => new TextDecoder(as, { fatal: true, ignoreBOM: true });
  let fatal = openFatal();
  const lenient = new TextDecoder(as, { ignoreBOM: true });
  const everyAlien = alien && new RegExp(alien, 'g');
  return {
    unit: 1,
    codeAt: (bytes, at) => bytes[at]!,
    strict(bytes, mayGoOn) {
      try {
        const text = fatal.decode(bytes, { stream: mayGoOn });
        if (mayGoOn) fatal = openFatal();
        return alien?.test(text) === true ? undefined : repaired(text);
      } catch {
        fatal = openFatal();
        return undefined;
      }
    },
    loose(bytes) {
      const text = repaired(lenient.decode(bytes));
      return everyAlien === undefined ? text : text.replaceAll(everyAlien, '\ufffd');
    },
  };
}

/** A custom of IBM's that ICU keeps for Shift_JIS and IBM866: 0x1a, 0x1c and 0x7f change places. */
function exchangedControls(encoding: string): [string, string][] {
  return ['\u001a', '\u001c', '\u007f'].flatMap((control): [string, string][] => {
    const decoded = new TextDecoder(encoding).decode(Buffer.from(control));
    return decoded === control ? [] : [[decoded, control]];
  });
}

function utf16(isBigEndian: boolean): Decoder {
  const read = (bytes: Buffer): string => {
    const units = bytes.subarray(0, bytes.length - (bytes.length % 2));
    return (isBigEndian ? Buffer.from(units).swap16() : units).toString('utf16le');
  };
  return {
    unit: 2,
    codeAt: (bytes, at) => (isBigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at)),
    strict(bytes, mayGoOn) {
      if (bytes.length % 2 === 1 && !mayGoOn) return undefined;
      const text = read(bytes);
      const whole = mayGoOn ? text.replace(/[\ud800-\udbff]$/, '') : text;
      return holdsLoneSurrogate(whole) ? undefined : whole;
    },
    loose: (bytes) =>
      read(bytes).replaceAll(/\p{Surrogate}/gu, '\ufffd') + (bytes.length % 2 === 1 ? '\ufffd' : ''),
  };
}

/** Most text has no surrogates at all, which is found out faster. */
function holdsLoneSurrogate(text: string): boolean {
  return /[\ud800-\udfff]/.test(text) && /\p{Surrogate}/u.test(text);
}

/** Of the bytes 0x80 to 0x9f; Node 20 reads them as Latin-1. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function windows1252(): Decoder {
  const decode = (bytes: Buffer): string =>
    bytes
      .toString('latin1')
      // oxlint-disable-next-line no-control-regex -- they are what is replaced
      .replaceAll(/[\u0080-\u009f]/g, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80]!);
  return { unit: 1, codeAt: (bytes, at) => bytes[at]!, strict: decode, loose: decode };
}

/** The first bytes that cannot be decoded. @param bytes `strict` says that there are some */
export function findUndecodable(decoder: Decoder, bytes: Buffer): { at: number; length: number } {
  // The longest beginning that may go on, by halves: what is wrong stays wrong whatever follows.
  let sound = 0;
  let unsound = bytes.length + 1;
  while (sound + 1 < unsound) {
    const middle = (sound + unsound) >> 1;
    if (decoder.strict(bytes.subarray(0, middle), true) === undefined) unsound = middle;
    else sound = middle;
  }
  // It may end within the character that goes wrong.
  let at = sound;
  while (at > 0 && decoder.strict(bytes.subarray(0, at), false) === undefined) at--;
  return { at, length: Math.min(unsound, bytes.length) - at };
}

// The encodings that a file may be declared to have, decoded as the WHATWG Encoding Standard says, and the code pages of DOS (dos-pages.ts). Node's TextDecoder (ICU) is not
// used for the legacy ones: it lacks what CP949 and HKSCS add, and in places gives other characters than the standard.
import { normalizeEncoding } from '@exodus/bytes/encoding.js';
import { createMultibyteDecoder } from '@exodus/bytes/multi-byte.js';
import { createSinglebyteDecoder } from '@exodus/bytes/single-byte.js';
import { dosPage, findDosPage, isDosPage } from './dos-pages.ts';

/** The standard's name of an encoding, lower case; of a code page of DOS `ibm850` and the like; or `utf-16`, whose byte order the BOM tells (little-endian without). */
export type TextEncoding = string;

export interface Decoder {
  /** Bytes of a code unit: 2 for UTF-16. */
  readonly unit: 1 | 2;
  /** The code unit at an offset. One below 0x30 is that ASCII character in every encoding here, never part of another. */
  readonly codeAt: (bytes: Buffer, at: number) => number;
  /** Undefined when something cannot be decoded. @param mayGoOn the bytes may end within a character */
  readonly strict: (bytes: Buffer, mayGoOn: boolean) => string | undefined;
  /** Characters that the encoding has, and no text: controls of a single-byte one, which stand where another has letters or signs. */
  readonly noText?: RegExp;
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
 * ISO-2022-JP: its bytes mean what escape sequences before them say, so a file of it cannot be read in pieces.
 * The other two are in the standard for browsers; they give no text.
 */
const NOT_TAKEN = ['iso-2022-jp', 'replacement', 'x-user-defined'];

/**
 * Finds an encoding by any label of the standard, or a Windows code page of East Asia, or a code page of DOS. Undefined when it is not known,
 * or not taken.
 */
export function findEncoding(label: string): TextEncoding | undefined {
  const key = label.trim().toLowerCase();
  if (key === 'utf-16') return key;
  const encoding = normalizeEncoding(ALIASES.get(key) ?? key);
  if (encoding === null) return findDosPage(key);
  return NOT_TAKEN.includes(encoding) ? undefined : encoding;
}

const MULTI_BYTE = ['big5', 'euc-jp', 'euc-kr', 'gb18030', 'gbk', 'shift_jis'];

/** @param encoding of `findEncoding`, but for `utf-16`: by now its byte order is known */
/** Whether it has several bytes for some characters, and is no Unicode. */
export function isMultiByte(encoding: TextEncoding): boolean {
  return MULTI_BYTE.includes(encoding);
}

export function createDecoder(encoding: TextEncoding): Decoder {
  switch (encoding) {
    case 'utf-8':
      return utf8();
    case 'utf-16le':
    case 'utf-16be':
      return utf16(encoding === 'utf-16be');
    default:
      if (isDosPage(encoding)) return dosPage(encoding);
      return MULTI_BYTE.includes(encoding) ? multiByte(encoding) : singleByte(encoding);
  }
}

// oxlint-disable-next-line no-control-regex -- the standard gives them for bytes that the code page leaves free
const C1 = /[\u0080-\u009f]/;

const byteAt = (bytes: Buffer, at: number): number => bytes[at]!;

/** What a decoder that fails on unsound bytes gives for them. */
function orUndefined(decode: () => string): string | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function utf8(): Decoder {
  // Opening one costs as much as decoding some KiB; after a failure or half a character it is not used again.
  const open = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let fatal = open();
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    unit: 1,
    codeAt: byteAt,
    strict(bytes, mayGoOn) {
      const text = orUndefined(() => fatal.decode(bytes, { stream: mayGoOn }));
      if (mayGoOn || text === undefined) fatal = open();
      return text;
    },
    loose: (bytes) => lenient.decode(bytes),
  };
}

function multiByte(encoding: TextEncoding): Decoder {
  // After a failure or half a character it is not used again.
  let fatal = createMultibyteDecoder(encoding);
  return {
    unit: 1,
    codeAt: byteAt,
    strict(bytes, mayGoOn) {
      const text = orUndefined(() => fatal(bytes, mayGoOn));
      if (mayGoOn || text === undefined) fatal = createMultibyteDecoder(encoding);
      return text;
    },
    loose: createMultibyteDecoder(encoding, true),
  };
}

function singleByte(encoding: TextEncoding): Decoder {
  const fatal = createSinglebyteDecoder(encoding);
  return {
    unit: 1,
    codeAt: byteAt,
    noText: C1,
    strict: (bytes) => orUndefined(() => fatal(bytes)),
    loose: createSinglebyteDecoder(encoding, true),
  };
}

/** The BOM of the other byte order: what follows, as where files were joined, is in that one. */
const OTHER_ORDER = '\ufffe';

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
      return holdsLoneSurrogate(whole) || whole.includes(OTHER_ORDER) ? undefined : whole;
    },
    loose: (bytes) =>
      read(bytes).replaceAll(/[\p{Surrogate}\ufffe]/gu, '\ufffd') + (bytes.length % 2 === 1 ? '\ufffd' : ''),
  };
}

/** Most text has no surrogates at all, which is found out faster. */
function holdsLoneSurrogate(text: string): boolean {
  return /[\ud800-\udfff]/.test(text) && /\p{Surrogate}/u.test(text);
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

// string in its four formats, and any. The text is kept as it stands; a format only says which texts are taken.
import { NOT_ASCII } from '../../../csv/records/cell-places.ts';
import { ANY_BYTES, type ByteTest } from '../byte-test.ts';
import { isUuid } from '../../../uuid.ts';
import { fromJsonText, type TypeReader } from './type-reader.ts';

export const STRING_FORMATS = ['default', 'email', 'uri', 'uuid'] as const;
export type StringFormat = (typeof STRING_FORMATS)[number];

/** The longest address a mail server takes (RFC 5321), in characters. */
const MAX_EMAIL_CHARS = 254;
// HTML's rule for <input type=email>, and letters beyond ASCII (RFC 6531). It allows "a..b@": Japanese mobile carriers gave such out.
const EMAIL =
  /^[\p{L}\p{N}\p{M}.!#$%&'*+/=?^_`{|}~-]+@[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?)+$/u;

/** One bit per ASCII character: 1 may stand before the `@`, 2 may stand in a domain label. */
export const EMAIL_CHARS = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  return (/[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]/.test(char) ? 1 : 0) | (/[a-zA-Z0-9-]/.test(char) ? 2 : 0);
});
const UUID_FORM = 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx';
const HEX_DIGITS = new Uint8Array(256);
for (const char of '0123456789abcdefABCDEF') HEX_DIGITS[char.charCodeAt(0)] = 1;
const AT = 64;
const DOT = 46;
const HYPHEN = 45;

/** Full-width Latin letters (which NFKC would change) are a slip of the keyboard, not an international address. */
function readEmail(text: string): string | undefined {
  if (text.length > MAX_EMAIL_CHARS) return undefined;
  return EMAIL.test(text) && text.normalize('NFKC') === text ? text : undefined;
}

/** What `EMAIL` says of ASCII, in one pass. */
const takesEmail: ByteTest = (bytes, start, end, mark) => {
  if ((mark & NOT_ASCII) !== 0 || end - start > MAX_EMAIL_CHARS) return false;
  let at = start;
  while (at < end && (EMAIL_CHARS[bytes[at]!]! & 1) !== 0) at++;
  if (at === start || at === end || bytes[at] !== AT) return false;
  let labels = 0;
  let before = DOT;
  for (at++; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === DOT) {
      if (before === DOT || before === HYPHEN) return false;
      labels++;
    } else if ((EMAIL_CHARS[byte]! & 2) === 0 || (byte === HYPHEN && before === DOT)) return false;
    before = byte;
  }
  return labels > 0 && before !== DOT && before !== HYPHEN;
};

// RFC 3986 with the letters of RFC 3987: a scheme, then no spaces, controls, quotes, brackets or stray percent signs.
const URI = /^[a-z][a-z0-9+.-]*:(?:%[0-9a-f]{2}|[^\s\p{C}%"<>\\^`{|}])+$/iu;

function readUri(text: string): string | undefined {
  if (!URI.test(text)) return undefined;
  if (!/^https?:/i.test(text)) return text;
  return /^https?:\/\/[^/?#]/i.test(text) && URL.canParse(text) ? text : undefined;
}

const readText = (text: string): string => text;
const takesUuid: ByteTest = (bytes, start, end) => {
  if (end - start !== UUID_FORM.length) return false;
  for (let at = 0; at < UUID_FORM.length; at++)
    if (UUID_FORM[at] === '-' ? bytes[start + at] !== HYPHEN : HEX_DIGITS[bytes[start + at]!] === 0)
      return false;
  return true;
};
const readUuid = (text: string): string | undefined => (isUuid(text) ? text : undefined);

function formatReader(read: TypeReader['read'], expects: string, takes?: ByteTest): TypeReader {
  return { read, ...(takes ? { takes } : {}), fromJson: fromJsonText(read), expects };
}

export function stringReader(format: StringFormat): TypeReader {
  switch (format) {
    case 'default':
      return {
        read: readText,
        takes: ANY_BYTES,
        fromJson: fromJsonText(readText),
        expects: 'text',
      };
    case 'email':
      return formatReader(readEmail, 'an e-mail address like name@example.com', takesEmail);
    case 'uri':
      return formatReader(readUri, 'a URI like https://example.com/path');
    case 'uuid':
      return {
        ...formatReader(readUuid, 'a UUID like 0190a6c2-7b1e-7c3d-9f00-1234567890ab', takesUuid),
        key: (value) => value.toLowerCase(),
      };
  }
}

// string in its four formats, and any. The text is kept as it stands; a format only says which texts are taken.
import { isUuid } from '../../uuid.ts';
import { fromJsonText, type TypeReader } from './type-reader.ts';

export const STRING_FORMATS = ['default', 'email', 'uri', 'uuid'] as const;
export type StringFormat = (typeof STRING_FORMATS)[number];

/** The longest address a mail server takes (RFC 5321), in characters. */
const MAX_EMAIL_CHARS = 254;
// HTML's rule for <input type=email>, and letters beyond ASCII (RFC 6531). It allows "a..b@": Japanese mobile carriers gave such out.
const EMAIL =
  /^[\p{L}\p{N}\p{M}.!#$%&'*+/=?^_`{|}~-]+@[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?)+$/u;

/** One bit per ASCII character: 1 may stand before the `@`, 2 may stand in a domain label. */
const EMAIL_CHARS = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  return (/[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]/.test(char) ? 1 : 0) | (/[a-zA-Z0-9-]/.test(char) ? 2 : 0);
});
const AT = 64;
const DOT = 46;
const HYPHEN = 45;

/** One pass without a regular expression; a character beyond ASCII leaves the decision to `EMAIL`. */
function readEmail(text: string): string | undefined {
  const length = text.length;
  if (length > MAX_EMAIL_CHARS) return undefined;
  let i = 0;
  let code = 0;
  for (; i < length; i++) {
    code = text.charCodeAt(i);
    if (code === AT) break;
    if (code > 127) return readInternationalEmail(text);
    if ((EMAIL_CHARS[code]! & 1) === 0) return undefined;
  }
  if (i === 0 || i === length) return undefined;
  let labels = 0;
  let before = DOT;
  for (i++; i < length; i++) {
    code = text.charCodeAt(i);
    if (code === DOT) {
      if (before === DOT || before === HYPHEN) return undefined;
      labels++;
    } else {
      if (code > 127) return readInternationalEmail(text);
      if ((EMAIL_CHARS[code]! & 2) === 0 || (code === HYPHEN && before === DOT)) return undefined;
    }
    before = code;
  }
  return labels > 0 && before !== DOT && before !== HYPHEN ? text : undefined;
}

/** Full-width Latin letters (which NFKC would change) are a slip of the keyboard, not an international address. */
function readInternationalEmail(text: string): string | undefined {
  return EMAIL.test(text) && text.normalize('NFKC') === text ? text : undefined;
}

// RFC 3986 with the letters of RFC 3987: a scheme, then no spaces, controls, quotes, brackets or stray percent signs.
const URI = /^[a-z][a-z0-9+.-]*:(?:%[0-9a-f]{2}|[^\s\p{C}%"<>\\^`{|}])+$/iu;

function readUri(text: string): string | undefined {
  if (!URI.test(text)) return undefined;
  if (!/^https?:/i.test(text)) return text;
  return /^https?:\/\/[^/?#]/i.test(text) && URL.canParse(text) ? text : undefined;
}

const readText = (text: string): string => text;
const readUuid = (text: string): string | undefined => (isUuid(text) ? text : undefined);

function formatReader(read: TypeReader['read'], expects: string): TypeReader {
  return { read, fromJson: fromJsonText(read), expects, escapes: false };
}

export function stringReader(format: StringFormat): TypeReader {
  switch (format) {
    case 'default':
      return { read: readText, fromJson: fromJsonText(readText), expects: 'text', escapes: true };
    case 'email':
      return formatReader(readEmail, 'an e-mail address like name@example.com');
    case 'uri':
      return formatReader(readUri, 'a URI like https://example.com/path');
    case 'uuid':
      return {
        ...formatReader(readUuid, 'a UUID like 0190a6c2-7b1e-7c3d-9f00-1234567890ab'),
        key: (value) => value.toLowerCase(),
      };
  }
}

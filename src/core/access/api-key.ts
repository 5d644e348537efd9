// The text of an API key: `slk_` and 256 random bits. Only its hash is kept.
import { createHash } from 'node:crypto';

const API_KEY_MARK = 'slk_';
const PREFIX_CHARS = 12;
export const API_KEY_RANDOM_BYTES = 32;

/** @param random API_KEY_RANDOM_BYTES fresh random bytes */
export function apiKeyText(random: Uint8Array): string {
  return API_KEY_MARK + Buffer.from(random).toString('base64url');
}

/** SHA-256: a key has 256 random bits, so a slow hash would add nothing. */
export function hashApiKey(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The first characters of a key, for people to tell keys apart. */
export function apiKeyPrefix(text: string): string {
  return text.slice(0, PREFIX_CHARS);
}

/** What looks like a key anywhere in a text; a prefix, by which people tell keys apart, is shorter. */
const KEY = /slk_[A-Za-z0-9_-]{16,}/g;

/** A text for a log or an answer: keys that somebody put where they do not belong are cut out. */
export function withoutKeys(text: string): string {
  return text.replaceAll(KEY, 'slk_…');
}

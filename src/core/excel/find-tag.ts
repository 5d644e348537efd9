// Finds the next tag of one name, without reading what comes before it.

/** What may hold the letters of a tag that is none. */
const SPECIALS: readonly (readonly [string, string])[] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
];

export interface FoundPlace {
  /** Of the tag; when there is none, where to go on with more bytes. */
  readonly at: number;
  readonly isFound: boolean;
}

export function findTag(bytes: Buffer, from: number, name: string): FoundPlace {
  const tags = [`<${name} `, `<${name}>`, `</${name}>`].map((needle) => bytes.indexOf(needle, from));
  const tag = Math.min(...tags.map((at) => (at === -1 ? bytes.length : at)));
  for (let at = from; ;) {
    const special = nextSpecial(bytes, at, tag);
    // The last tag may go on in the next bytes.
    if (special === undefined)
      return tag < bytes.length
        ? { at: tag, isFound: true }
        : { at: Math.max(at, bytes.lastIndexOf('<')), isFound: false };
    if (special.end === -1) return { at: special.start, isFound: false };
    if (special.end > tag) return findTag(bytes, special.end, name);
    at = special.end;
  }
}

/** A comment or the like that begins before `limit`; its end is -1 when it is not there. */
function nextSpecial(
  bytes: Buffer,
  from: number,
  limit: number,
): { readonly start: number; readonly end: number } | undefined {
  let found: { start: number; end: number } | undefined;
  for (const [opens, closes] of SPECIALS) {
    const start = bytes.subarray(0, limit).indexOf(opens, from);
    if (start === -1 || (found !== undefined && start > found.start)) continue;
    const close = bytes.indexOf(closes, start + opens.length);
    found = { start, end: close === -1 ? -1 : close + closes.length };
  }
  return found;
}

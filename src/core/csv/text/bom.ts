/** The byte order mark that a file begins with, if any. */
export function readBom(
  bytes: Buffer,
): { encoding: 'utf-8' | 'utf-16le' | 'utf-16be'; bytes: number } | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', bytes: 3 };
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', bytes: 2 };
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', bytes: 2 };
  return undefined;
}

/** Of the mark in UTF-8. */
export const BOM_BYTES = 3;

/** Whether text has the mark here, as joined files have it in their midst. */
export function isBomAt(text: Buffer, at: number): boolean {
  return text[at] === 0xef && text[at + 1] === 0xbb && text[at + 2] === 0xbf;
}

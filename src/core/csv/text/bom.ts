import { AppError } from '../../../errors.ts';

/** The byte order mark that a file begins with, if any. @throws AppError FILE_ENCODING for that of UTF-32, which is not taken */
export function readBom(
  bytes: Buffer,
): { encoding: 'utf-8' | 'utf-16le' | 'utf-16be'; bytes: number } | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe && third === 0 && fourth === 0)
    throw new AppError(
      'FILE_ENCODING',
      'The file begins with the BOM of UTF-32, which is not taken. Save it as UTF-8 (in Excel: "CSV UTF-8") or as UTF-16 with a BOM, and send it again.',
      { line: 1, byteOffset: 0, likelyEncoding: 'UTF-32LE', candidates: [] },
    );
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', bytes: 3 };
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', bytes: 2 };
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', bytes: 2 };
  return undefined;
}

/** The first byte of the mark in UTF-8, and how many it has. */
export const BOM_LEAD = 0xef;
const BOM_BYTES = 3;

/**
 * Where a record begins that may have marks before it: files that were joined byte by byte have them in their midst.
 * @param text in UTF-8, up to `to`
 */
export function behindBoms(text: Buffer, at: number, to = text.length): number {
  let start = at;
  while (
    start + BOM_BYTES <= to &&
    text[start] === BOM_LEAD &&
    text[start + 1] === 0xbb &&
    text[start + 2] === 0xbf
  )
    start += BOM_BYTES;
  return start;
}

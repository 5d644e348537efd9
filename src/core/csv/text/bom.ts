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

import type { Decoder } from './encodings.ts';

const NOT_ASCII = 0xff;

/**
 * One byte for each code unit: what is ASCII as it is, anything else 0xff. So lines and quotes of UTF-16 are found as those of other
 * encodings are, whose bytes are given back.
 * @param bytes whole code units
 */
export function asciiUnits(bytes: Buffer, { unit, codeAt }: Pick<Decoder, 'unit' | 'codeAt'>): Buffer {
  if (unit === 1) return bytes;
  const units = Buffer.allocUnsafe(bytes.length / unit);
  for (let at = 0; at < units.length; at++) {
    const code = codeAt(bytes, at * unit);
    units[at] = code < 0x80 ? code : NOT_ASCII;
  }
  return units;
}

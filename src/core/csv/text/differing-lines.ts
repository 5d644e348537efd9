// The lines of a file in which encodings that it may have read differently. Those with its first letters often read the same in several.
import { CR, LF } from '../grammar.ts';
import { createDecoder, findEncoding } from './encodings.ts';
import type { SampleLine } from './sample-lines.ts';

type Read = (bytes: Buffer) => string;

/** Of a line so much is compared and kept. */
const KEPT_BYTES = 240;

/**
 * @param shown lines that are shown anyway
 * @param sample a stretch of the file; it may begin within a line
 * @param encodings the likeliest first
 * @returns for each of the others a line that it reads differently from the likeliest, if `shown` has none and the sample has one
 */
export function differingLines(
  shown: readonly SampleLine[],
  sample: Buffer,
  encodings: readonly string[],
): SampleLine[] {
  const [likeliest, ...others] = encodings.map((name) => createDecoder(findEncoding(name)!).loose);
  const found: SampleLine[] = [];
  for (const other of others)
    if (![...shown, ...found].some(({ bytes }) => likeliest!(bytes) !== other(bytes)))
      found.push(...firstDiffering(sample, likeliest!, other));
  return found;
}

function firstDiffering(sample: Buffer, one: Read, other: Read): SampleLine[] {
  let start = 0;
  for (let at = 0; at <= sample.length; at++) {
    if (at < sample.length && sample[at] !== LF && sample[at] !== CR) continue;
    const place = start === 0 ? -1 : placeOfDifference(sample.subarray(start, at), one, other);
    if (place !== -1) {
      const from = Math.max(start, start + place - KEPT_BYTES);
      const bytes = sample.subarray(from, Math.min(at, start + place + KEPT_BYTES));
      return [{ bytes: Buffer.from(bytes), at: start + place - from, isFirst: false }];
    }
    start = at + 1;
  }
  return [];
}

/** The offset of the first character that the two read differently, about; -1: there is none. */
function placeOfDifference(line: Buffer, one: Read, other: Read): number {
  if (one(line) === other(line)) return -1;
  for (let end = 1; end < line.length; end++)
    if (line[end - 1]! >= 0x80 && one(line.subarray(0, end)) !== other(line.subarray(0, end))) return end - 1;
  return line.length - 1;
}

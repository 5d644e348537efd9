// The encodings that a file may have, each with what its lines say when they are read so.
import { CR, LF } from '../grammar.ts';
import { createDecoder, findEncoding } from './encodings.ts';
import type { SampleLine } from './sample-lines.ts';

export interface EncodingCandidate {
  readonly encoding: string;
  /** 0 to 1, of all candidates together 1 at most. */
  readonly confidence: number;
  /** The first line of the file, and those that the candidates read differently. */
  readonly sample: string;
  /** How many lines would be rejected; undefined: it is not known. */
  readonly rejects?: number;
}

/** Of a longer line so much is shown, around the place that matters. */
const SHOWN_CHARACTERS = 80;
const SHOWN_BEFORE = 40;

/** A candidate this sure is named alone. */
const SURE = 0.7;

/**
 * @param guesses the likeliest first
 * @param head the first bytes of the file
 * @param differing lines that show the difference
 */
export function toCandidates(
  guesses: readonly Omit<EncodingCandidate, 'sample'>[],
  head: Buffer,
  differing: readonly SampleLine[],
): EncodingCandidate[] {
  return guesses.map((guess) => ({ ...guess, sample: readSample(guess.encoding, head, differing) }));
}

function readSample(encoding: string, head: Buffer, differing: readonly SampleLine[]): string {
  const isWide = encoding.startsWith('UTF-16');
  const { loose } = createDecoder(findEncoding(encoding)!);
  // Lines that were cut out by their bytes are none of UTF-16.
  const shown = isWide ? [] : differing;
  const isFirstShown = shown[0]?.isFirst === true;
  const first = isWide ? firstLines(head, 2, 2) : isFirstShown ? [] : firstLines(head, 1, 1);
  const second = isFirstShown && shown.length === 1 ? firstLines(head, 1, 2).slice(1) : [];
  const whole = (lines: readonly Buffer[]) => lines.map((bytes) => ({ bytes, at: 0 }));
  return [...whole(first), ...shown, ...whole(second)]
    .map(({ bytes, at }) => cutAround(loose(bytes), loose(bytes.subarray(0, at)).length))
    .join('\n')
    .replaceAll('\0', '\ufffd');
}

/** Up to `count` lines that are not blank, without their ends. @param unit bytes of a code unit */
function firstLines(bytes: Buffer, unit: 1 | 2, count: number): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let at = 0; at < bytes.length && lines.length < count; at += unit) {
    const code = unit === 2 ? bytes[at]! + (bytes[at + 1] ?? 0) : bytes[at];
    if (code !== LF && code !== CR) continue;
    if (at > start) lines.push(bytes.subarray(start, at));
    start = at + unit;
  }
  if (lines.length < count && start < bytes.length) lines.push(bytes.subarray(start));
  return lines;
}

/** Such that what stands at a place is seen. */
function cutAround(text: string, at: number): string {
  const characters = Array.from(text);
  const before = Array.from(text.slice(0, at)).length;
  const start = Math.max(0, Math.min(before - SHOWN_BEFORE, characters.length - SHOWN_CHARACTERS));
  return `${start > 0 ? '…' : ''}${characters.slice(start, start + SHOWN_CHARACTERS).join('')}`;
}

/** What to send, or what to look at first. */
export function sayLikely(candidates: readonly EncodingCandidate[]): string {
  const [likeliest, ...others] = candidates;
  const { encoding, confidence } = likeliest!;
  const name = encoding.startsWith('UTF-16') ? `${encoding} without a BOM` : encoding;
  if (confidence >= SURE || others.length === 0)
    return `The file looks like ${name}. If its sample (candidates) reads right, send it again with encoding=${encoding.toLowerCase()}.`;
  const names = [name, ...others.map((other) => other.encoding)];
  return `The file could be ${names.slice(0, -1).join(', ')} or ${names.at(-1)!}. Send it again with the encoding= whose sample (candidates) reads right.`;
}

// What to say of a file that names no encoding and is not UTF-8.
import { counted } from '../../counted.ts';
import { AppError } from '../../../errors.ts';
import { sayLikely, toCandidates, type EncodingCandidate } from './encoding-candidates.ts';
import { differingLines } from './differing-lines.ts';
import { guessEncodings, type Guess } from './encoding-guess.ts';
import type { Utf8Evidence } from './utf8-evidence.ts';

interface Place {
  readonly line: number;
  readonly byteOffset: number;
}

const SAVE_AS_UTF8 = 'Save it as UTF-8 (in Excel: "CSV UTF-8") or as UTF-16 with a BOM, and send it again.';
const OR_SAVE_AS_UTF8 = 'Or save it as UTF-8 (in Excel: "CSV UTF-8") and send that.';
const MAX_CANDIDATES = 3;
const MIN_CONFIDENCE = 0.005;
/** Of UTF-8 that is not sound everywhere. */
const MOST_CONFIDENCE = 0.99;

export function refuseJis({ line, byteOffset }: Place): AppError {
  return new AppError(
    'FILE_ENCODING',
    `${describe({ line, byteOffset })} holds an escape sequence of ISO-2022-JP (JIS), an encoding that is not taken. ${SAVE_AS_UTF8} If the file really holds these bytes as text, send it with encoding=utf-8.`,
    { line, byteOffset, likelyEncoding: 'ISO-2022-JP', candidates: [] },
  );
}

export function refuseUtf16({ line, byteOffset }: Place, guess: Guess, head: Buffer): AppError {
  const candidates = toCandidates([guess], head, []);
  return new AppError(
    'FILE_ENCODING',
    `${describe({ line, byteOffset })} is not UTF-8. ${sayLikely(candidates)} ${OR_SAVE_AS_UTF8}`,
    { line, byteOffset, likelyEncoding: guess.encoding, candidates },
  );
}

export function refuseNuls({ line, byteOffset }: Place): AppError {
  return new AppError(
    'FILE_NUL_BYTE',
    `${describe({ line, byteOffset })} holds a NUL character, which is never in text, and many follow. Is the file damaged, or not a CSV file? Save it as text and send it again; nothing was kept.`,
    { line, byteOffset },
  );
}

/** What is known of a file that is not UTF-8. */
interface NotUtf8 {
  readonly head: Buffer;
  /** From the first bad byte on. */
  readonly sample: Buffer;
  readonly evidence: Utf8Evidence;
  /** With more undecodable lines a file is refused also where its encoding is declared. */
  readonly mostLines: number;
  /** It is read as a whole: no line of it is left to a record. */
  readonly isJsonList: boolean;
}

export function refuseNotUtf8({ line, byteOffset }: Place, file: NotUtf8): AppError {
  const { evidence, head } = file;
  const guesses = evidence.isLikely ? nearlyUtf8(file) : guessEncodings(file.sample, byteOffset);
  const { lines } = evidence.samples;
  const names = guesses.map(({ encoding }) => encoding);
  const more = evidence.isLikely ? [] : differingLines(lines, file.sample, names);
  const candidates = toCandidates(guesses, head, [...lines, ...more]);
  const likelyEncoding = candidates[0]?.encoding ?? null;
  const advice = evidence.isLikely
    ? sayNearlyUtf8(file)
    : likelyEncoding === null
      ? SAVE_AS_UTF8
      : `${sayLikely(candidates)} ${OR_SAVE_AS_UTF8}`;
  return new AppError('FILE_ENCODING', `${describe({ line, byteOffset })} is not UTF-8. ${advice}`, {
    line,
    byteOffset,
    likelyEncoding,
    candidates,
  });
}

/** UTF-8 first. What else there may be is judged by what is not UTF-8. */
function nearlyUtf8({ evidence, mostLines, isJsonList }: NotUtf8): Omit<EncodingCandidate, 'sample'>[] {
  const { sound, unsound, unsoundLines, fragments } = evidence;
  const confidence = round(Math.min(MOST_CONFIDENCE, sound / (sound + unsound)));
  const others = guessEncodings(fragments, 0)
    .map((guess) => ({ ...guess, confidence: round(guess.confidence * (1 - confidence)) }))
    .filter((guess) => guess.confidence >= MIN_CONFIDENCE);
  const utf8 = {
    encoding: 'UTF-8',
    confidence,
    ...(unsoundLines > mostLines || isJsonList ? {} : { rejects: unsoundLines }),
  };
  return [utf8, ...others].slice(0, MAX_CANDIDATES);
}

function sayNearlyUtf8({ evidence: { unsoundLines }, mostLines, isJsonList }: NotUtf8): string {
  if (isJsonList)
    return `The file is UTF-8 except on ${counted(unsoundLines, 'line')}. A JSON list is read as a whole: mend it, or send the whole file if it was cut off.`;
  if (unsoundLines > mostLines)
    return `The file is UTF-8 elsewhere, but such bytes are on more than ${counted(mostLines, 'line')} (SLUICE_MAX_UNDECODABLE_LINES). ${SAVE_AS_UTF8}`;
  return unsoundLines === 1
    ? 'All other lines are. Mend this line and send the file again. Or send it with encoding=utf-8: the record on this line is rejected, and the others land.'
    : `The file is UTF-8 except on ${counted(unsoundLines, 'line')}. Mend them and send the file again. Or send it with encoding=utf-8: the records on these lines are rejected, and the others land.`;
}

function round(confidence: number): number {
  return Math.round(confidence * 100) / 100;
}

function describe({ line, byteOffset }: Place): string {
  return `Line ${line} (byte ${byteOffset} of the file)`;
}

// Bytes that read as another encoding than the one their sender declared: landed so, every such character would be another.
import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../errors.ts';
import { toCandidates, type EncodingCandidate } from './encoding-candidates.ts';
import { guessEncodings, guessUtf16, isJudged, type Guess } from './encoding-guess.ts';
import { createDecoder, findEncoding, isMultiByte, type TextEncoding } from './encodings.ts';
import { LF } from '../grammar.ts';
import type { SampleLine } from './sample-lines.ts';
import { soundBeginning } from './utf8.ts';

type Other = Omit<EncodingCandidate, 'sample'>;

/**
 * What the first bytes are instead, when the byte order, or the lack of one, shows it: text of UTF-16 has NULs in every other byte, at least
 * in its line ends, and no other text has any.
 */
export function unlikeHead(declared: TextEncoding, head: Buffer): Other | undefined {
  if (!declared.startsWith('utf-16')) return guessUtf16(head, 0);
  if (head.includes(0)) return hasHighBytesOf(declared, head) ? undefined : otherOrder(declared);
  return head.length > 0 && isUtf8(soundBeginning(head)) ? { encoding: 'UTF-8', confidence: 1 } : undefined;
}

/** The high bytes of ASCII are where the byte order has them, or at least not all of them are elsewhere. */
function hasHighBytesOf(declared: TextEncoding, head: Buffer): boolean {
  const high = declared === 'utf-16le' ? 1 : 0;
  return head.some((byte, at) => byte === 0 && at % 2 === high);
}

function otherOrder(declared: TextEncoding): Other {
  return { encoding: declared === 'utf-16le' ? 'UTF-16BE' : 'UTF-16LE', confidence: 1 };
}

/** @param differing lines that show the difference */
export function refuseOther(
  declared: TextEncoding,
  other: Other,
  head: Buffer,
  differing: readonly SampleLine[],
): AppError {
  const { encoding } = other;
  const asDeclared = { encoding: nameOf(declared), confidence: 0 };
  return new AppError(
    'FILE_ENCODING',
    `The file was declared as ${declared}, but its bytes are ${encoding}. Read as ${declared} it would hold other characters: compare the samples (candidates). Send it again with encoding=${encoding.toLowerCase()}. If it really is ${declared}, send forceEncoding=true.`,
    {
      encoding: declared,
      likelyEncoding: encoding,
      candidates: toCandidates([other, asDeclared], head, differing),
    },
  );
}

/** As candidates name it. */
function nameOf(encoding: TextEncoding): string {
  return encoding.startsWith('utf-') ? encoding.toUpperCase() : encoding;
}

/** A guess this sure is right where the declared encoding gives controls. */
const SURE = 0.9;

/** Of ISO 8859, what Windows writes has controls in place of its letters; of a Windows code page, Japanese and Chinese text has. */
export function isSurelyOther(declared: TextEncoding, [guess]: readonly Guess[]): boolean {
  if (guess === undefined) return false;
  return (
    declared.startsWith('iso-8859-') || (guess.confidence > SURE && !guess.encoding.startsWith('windows-'))
  );
}

/**
 * Bytes that are not ASCII. With fewer a guess may be wrong where the sender is right: of short lists of names up to one in twenty looks like
 * another encoding (katakana of half width, rare syllables of CP949, traditional characters in GBK).
 */
const LEAST_EVIDENCE = 200;
/** A guess from which the declared encoding is missing; of single bytes none is surer than 0.9. */
const SURE_OF_LETTERS = 0.8;

/**
 * What some text is instead of a legacy encoding that was declared, if one of the two has several bytes for a character: text of one is hardly
 * ever text of the other. Of two with a single byte, nearly any bytes are letters.
 */
export function unlikeText(declared: TextEncoding, text: Buffer): Other | undefined {
  if (declared.startsWith('utf-')) return undefined;
  const sample = text.subarray(0, text.lastIndexOf(LF) + 1);
  if (sample.reduce((count, byte) => count + (byte >>> 7), 0) < LEAST_EVIDENCE) return undefined;
  const guesses = guessEncodings(sample, 0);
  const [best] = guesses;
  if (best === undefined || guesses.some(({ encoding }) => isSame(encoding, declared))) return undefined;
  const isBestMultiByte = isMultiByte(best.encoding.toLowerCase());
  // Of single bytes, those that are judged by no letters are never guessed.
  const isSure = isMultiByte(declared)
    ? best.confidence >= SURE_OF_LETTERS
    : isBestMultiByte && isJudged(declared) && best.confidence > SURE;
  // Lines that cannot be decoded are rejected each; others would land.
  if (!isSure || !landsSome(declared, sample)) return undefined;
  const reads = createDecoder(findEncoding(best.encoding)!).strict(sample, false) !== undefined;
  return reads ? best : undefined;
}

function landsSome(declared: TextEncoding, sample: Buffer): boolean {
  const { strict } = createDecoder(declared);
  const lines = sample.toString('latin1').split('\n');
  return lines.some(
    (line) => /[\x80-\xff]/.test(line) && strict(Buffer.from(line, 'latin1'), false) !== undefined,
  );
}

function isSame(guessed: string, declared: TextEncoding): boolean {
  const own = declared === 'gbk' ? 'gb18030' : declared;
  return guessed.toLowerCase() === own;
}

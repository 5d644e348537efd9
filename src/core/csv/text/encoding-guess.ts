// Names the encodings that bytes which are not UTF-8 most likely have, to tell the sender; no file is read by it.
// Each model says how likely a byte pair is where it is common (kana, everyday kanji, hangul), rare, or not allowed. Single-byte encodings
// are judged by the letters of languages (single-byte-languages.ts); of these none is certain, for nearly any bytes are text in each.
import { LF } from '../grammar.ts';
import { isDosPage } from './dos-pages.ts';
import { createDecoder, findEncoding } from './encodings.ts';
import { singleByteLikelihoods } from './single-byte-languages.ts';

interface Model {
  readonly name: string;
  /** Bytes read as Latin-1 characters, one token at `lastIndex`. */
  readonly common: RegExp;
  /** About how many different common tokens there are. */
  readonly commonCount: number;
  readonly allowed: RegExp;
}

const MODELS: readonly Model[] = [
  {
    name: 'Shift_JIS',
    common:
      /[\x88-\x97][\x40-\x7e\x80-\xfc]|\x82[\x4f-\xf1]|\x83[\x40-\x7e\x80-\x96]|\x81[\x40-\x7e\x80-\xac]|[\xa6-\xdf]{2}/y,
    commonCount: 3400,
    allowed: /[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[\xa1-\xdf]/y,
  },
  {
    name: 'EUC-JP',
    common: /[\xb0-\xcf][\xa1-\xfe]|\xa4[\xa1-\xf3]|\xa5[\xa1-\xf6]|\xa1[\xa1-\xfe]|\xa3[\xb0-\xfa]/y,
    commonCount: 3300,
    allowed: /[\xa1-\xfe]{2}|\x8e[\xa1-\xdf]|\x8f[\xa1-\xfe]{2}/y,
  },
  {
    name: 'EUC-KR',
    common: /[\xb0-\xc8][\xa1-\xfe]|\xa1[\xa1-\xfe]/y,
    commonCount: 2450,
    allowed: /[\xa1-\xfe]{2}/y,
  },
  {
    name: 'GB18030',
    common: /[\xb0-\xd7][\xa1-\xfe]|[\xa1\xa3][\xa1-\xfe]/y,
    commonCount: 3950,
    allowed: /[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x81-\xfe][0-9][\x81-\xfe][0-9]/y,
  },
  {
    name: 'Big5',
    common: /[\xa4-\xc6][\x40-\x7e\xa1-\xfe]|\xa1[\x40-\x7e\xa1-\xfe]/y,
    commonCount: 5560,
    allowed: /[\x81-\xfe][\x40-\x7e\xa1-\xfe]/y,
  },
];

const RARE = Math.log(0.01 / 10_000);
const NOT_ALLOWED = 2 * RARE;
/** What a letter costs that is ASCII, here for all that do not take it for the second byte of a character. */
const ASCII_LETTER = 3;
/** Bytes that are not ASCII count as evidence up to so many; more would make every guess look certain. */
const MAX_EVIDENCE = 12;
/** Candidates told at most, and the least confidence of one. */
const MAX_CANDIDATES = 3;
const MIN_CONFIDENCE = 0.005;
/** Where one of these is likeliest, the others are told too, however unlikely: their samples show it. */
const MOST_OF_LOOSE = 0.9;
/** The logarithm of how much rarer files are in an encoding than in the commonest; 1 for the others. It decides where bytes say little. */
const RARITY: Readonly<Record<string, number>> = {
  'windows-1252': 0,
  'windows-1251': 0.5,
  Shift_JIS: 0.5,
  'EUC-JP': 0.5,
  'EUC-KR': 0.5,
  GB18030: 0.5,
  Big5: 0.5,
  'windows-1250': 1,
  'windows-1257': 2,
  'windows-874': 3,
  macintosh: 6,
  'koi8-r': 3,
  'koi8-u': 4,
  ibm866: 3,
  'iso-8859-2': 2,
  'windows-1255': 2,
  ibm850: 3,
  ibm858: 3.5,
  ibm437: 4.5,
  ibm852: 5,
  ibm737: 5,
  ibm775: 6,
  ibm855: 6.5,
  ibm857: 5,
  ibm860: 6,
  ibm861: 6,
  ibm862: 6,
};
/** Below this mean no model explains the bytes. */
const UNLIKELY = -9;
/** … of one with a single byte for each letter: about half of them are letters of no language. */
const UNLIKELY_SINGLE = -6.5;

/** Whether such text is ever guessed to be what it is. */
export function isJudged(encoding: string): boolean {
  return Object.keys(RARITY).includes(encoding);
}

export interface Guess {
  readonly encoding: string;
  /** 0 to 1, of all guesses together 1 at most. */
  readonly confidence: number;
}

/**
 * @param sample bytes that are not UTF-8, and what is around them
 * @param offset where in the file the sample begins
 * @returns up to three, the likeliest first
 */
export function guessEncodings(sample: Buffer, offset: number): Guess[] {
  const wide = guessUtf16(sample, offset);
  if (wide !== undefined) return [wide];
  const text = sample.toString('latin1');
  const highBytes = text.replaceAll(/[\0-\x7f]+/g, '').length;
  if (highBytes === 0) return [];
  const multiByte = MODELS.map((model) => ({
    encoding: model.name,
    isLoose: false,
    mean: meanLogLikelihood(text, model),
  }));
  const singleByte = Array.from(singleByteLikelihoods(sample), ([encoding, mean]) => ({
    encoding,
    isLoose: true,
    mean,
  }));
  const evidence = Math.min(highBytes, MAX_EVIDENCE);
  const scored = [...singleByte, ...multiByte]
    .map((guess) => ({ ...guess, score: guess.mean * evidence - (RARITY[guess.encoding] ?? 1) }))
    .sort((a, b) => b.score - a.score)
    .filter(
      ({ encoding }, index, all) =>
        !isDosPage(encoding) || !readsLikeOne(sample, encoding, all.slice(0, index)),
    );
  const best = scored.find(({ mean, isLoose }) => mean >= (isLoose ? UNLIKELY_SINGLE : UNLIKELY));
  if (best === undefined) return [];
  const weights = scored.map(({ score }) => Math.exp(score - best.score));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return scored
    .map(({ encoding, isLoose, score }, index) => ({
      score,
      encoding,
      isLoose,
      confidence: (weights[index]! / sum) * (isLoose ? MOST_OF_LOOSE : 1),
    }))
    .filter(
      ({ isLoose, confidence, score, encoding }) =>
        score <= best.score &&
        (confidence >= MIN_CONFIDENCE || (best.isLoose && isLoose && !isDosPage(encoding))),
    )
    .slice(0, MAX_CANDIDATES)
    .map(({ encoding, confidence }) => ({ encoding, confidence: Math.round(confidence * 100) / 100 }));
}

/** Code pages of DOS have most letters in the same places: of two that read alike the likelier one is told. */
function readsLikeOne(sample: Buffer, encoding: string, likelier: readonly { encoding: string }[]): boolean {
  const pages = likelier.filter((other) => isDosPage(other.encoding));
  const read = (name: string): string => createDecoder(findEncoding(name)!).loose(sample);
  const text = read(encoding);
  return pages.some((other) => read(other.encoding) === text);
}

/** For a byte of those that are not ASCII, or are the second of a character whose first is not. */
function meanLogLikelihood(text: string, { common, commonCount, allowed }: Model): number {
  const tokenAt = (kind: RegExp, at: number): number => {
    kind.lastIndex = at;
    return kind.test(text) ? kind.lastIndex : at;
  };
  let sum = 0;
  let bytes = 0;
  for (let at = 0; at < text.length;) {
    if (text.charCodeAt(at) < 0x80) {
      at++;
      continue;
    }
    const behindCommon = tokenAt(common, at);
    const behindAllowed = tokenAt(allowed, at);
    if (behindCommon > at) sum -= Math.log(commonCount);
    else sum += behindAllowed > at ? RARE : NOT_ALLOWED;
    const behind = behindCommon > at ? behindCommon : Math.max(behindAllowed, at + 1);
    bytes += behind - at;
    if (behind > at + 1 && text.charCodeAt(behind - 1) < 0x80 && !isInWord(text, at, behind))
      sum += ASCII_LETTER;
    at = behind;
  }
  return sum / bytes;
}

/** Between two letters of ASCII stands rather a letter of the same word. */
function isInWord(text: string, from: number, to: number): boolean {
  return /[a-z]/i.test(text.charAt(from - 1)) && /[a-z]/i.test(text.charAt(to));
}

/** ASCII among UTF-16 has a NUL in every other byte, and so have its line ends. */
export function guessUtf16(sample: Buffer, offset: number): Guess | undefined {
  const nuls = [0, 0] as [number, number];
  for (let at = sample.indexOf(0); at !== -1; at = sample.indexOf(0, at + 1))
    nuls[((offset + at) % 2) as 0 | 1]++;
  const [even, odd] = nuls;
  const enough = Math.max(2, sample.length / 40);
  const endsLines = (pair: readonly number[]): boolean =>
    !sample.includes(LF) || sample.includes(Buffer.from(pair));
  if (odd >= enough && odd >= even * 8 && endsLines([LF, 0])) return { encoding: 'UTF-16LE', confidence: 1 };
  if (even >= enough && even >= odd * 8 && endsLines([0, LF])) return { encoding: 'UTF-16BE', confidence: 1 };
  return undefined;
}

// Names the encodings that bytes which are not UTF-8 most likely have, to tell the sender; no file is read by it.
// Each model says how likely a byte pair is where it is common (kana, everyday kanji, hangul), rare, or not allowed.
import { LF } from '../grammar.ts';

export type GuessedEncoding =
  | 'UTF-16LE'
  | 'UTF-16BE'
  | 'Shift_JIS'
  | 'EUC-JP'
  | 'GB18030'
  | 'EUC-KR'
  | 'Big5'
  | 'windows-1252'
  | 'windows-1250'
  | 'windows-1251'
  | 'windows-1254';

interface Model {
  readonly name: GuessedEncoding;
  /** Bytes read as Latin-1 characters, one token at `lastIndex`. */
  readonly common: RegExp;
  /** About how many different common tokens there are. */
  readonly commonCount: number;
  readonly allowed: RegExp;
  /** Set when nearly any bytes are text in it: then it is never certain, for there are more such encodings than are told here. */
  readonly isLoose?: true;
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
  {
    name: 'windows-1252',
    // Letters and typographic marks among ASCII; seldom two in a row. Those that are Turkish in windows-1254 are Icelandic here.
    common:
      /[\x80\x85\x91-\x97\x99\xa0\xa3\xa7\xa9\xab\xae\xb0\xb4\xbb\xbf-\xcf\xd1-\xdc\xdf-\xef\xf1-\xfc\xff](?![\x80-\xff])|\xe7[\xe3\xf5]/y,
    commonCount: 84,
    allowed: /[\x80\x82-\x8c\x8e\x91-\x9c\x9e-\xff]/y,
    isLoose: true,
  },
  {
    name: 'windows-1250',
    // Polish, Czech, Hungarian and their neighbours; often two letters in a row. What they share with the west is told as windows-1252.
    common: /[\x9a\x9c-\xa0\xa3\xa5\xa7\xaf\xb0\xb3\xb9\xbc\xbe-\xff](?![\x80-\xff]{2})/y,
    commonCount: 130,
    allowed: /[\x80\x82\x84-\x87\x89-\x8f\x91-\x97\x99-\xff]/y,
    isLoose: true,
  },
  {
    name: 'windows-1251',
    // Cyrillic: words, whose small letters no capital follows.
    common:
      /[\xe0-\xff\xb8](?=[\xe0-\xff\xb8])|(?<=[\xc0-\xff\xa8\xb8])[\xe0-\xff\xb8](?![\xc0-\xdf])|[\xc0-\xdf\xa8](?=[\xc0-\xff\xa8\xb8])|(?<=[\xc0-\xdf\xa8])[\xc0-\xdf\xa8]|[\xab\xb9\xbb](?![\x80-\xff])/y,
    commonCount: 66,
    allowed: /[\x80-\x97\x99-\xff]/y,
    isLoose: true,
  },
  {
    name: 'windows-1254',
    common: /[\xc7\xd0\xd6\xdc-\xde\xe2\xe7\xee\xf0\xf6\xfb-\xfe](?![\x80-\xff]{2})/y,
    commonCount: 90,
    allowed: /[\x80\x82-\x8c\x91-\x9c\x9f-\xff]/y,
    isLoose: true,
  },
];

const RARE = Math.log(0.01 / 10_000);
const NOT_ALLOWED = 2 * RARE;
/** Bytes that are not ASCII count as evidence up to so many; more would make every guess look certain. */
const MAX_EVIDENCE = 12;
/** Candidates told at most, and the least confidence of one. */
const MAX_CANDIDATES = 3;
const MIN_CONFIDENCE = 0.005;
/** Where one of these is likeliest, the others are told too, however unlikely: their samples show it. */
const MOST_OF_LOOSE = 0.9;
/** Below this mean no model explains the bytes. */
const UNLIKELY = -9;

export interface Guess {
  readonly encoding: GuessedEncoding;
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
  const scored = MODELS.map((model) => ({
    encoding: model.name,
    isLoose: model.isLoose === true,
    mean: meanLogLikelihood(text, model),
  })).sort((a, b) => b.mean - a.mean);
  const best = scored[0]!;
  if (best.mean < UNLIKELY) return [];
  const weights = scored.map(({ mean }) => Math.exp((mean - best.mean) * Math.min(highBytes, MAX_EVIDENCE)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return scored
    .map(({ encoding, isLoose }, index) => ({
      encoding,
      isLoose,
      confidence: (weights[index]! / sum) * (isLoose ? MOST_OF_LOOSE : 1),
    }))
    .filter(({ isLoose, confidence }) => confidence >= MIN_CONFIDENCE || (best.isLoose && isLoose))
    .slice(0, MAX_CANDIDATES)
    .map(({ encoding, confidence }) => ({ encoding, confidence: Math.round(confidence * 100) / 100 }));
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
    at = behind;
  }
  return sum / bytes;
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

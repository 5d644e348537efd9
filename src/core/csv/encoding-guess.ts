// Names the encoding that bytes which are not UTF-8 most likely have, to tell the sender; nothing is decoded by it.
// Each model says how likely a byte pair is where it is common (kana, everyday kanji, hangul), rare, or not allowed.

export type GuessedEncoding =
  | 'UTF-16LE'
  | 'UTF-16BE'
  | 'Shift_JIS'
  | 'EUC-JP'
  | 'GB18030'
  | 'EUC-KR'
  | 'windows-1252';

interface Model {
  readonly name: GuessedEncoding;
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
    name: 'windows-1252',
    // Letters and typographic marks among ASCII; seldom two in a row.
    common: /[\x80\x85\x91-\x97\x99\xa0\xa3\xa7\xa9\xab\xae\xb0\xb4\xbb\xbf-\xff](?![\x80-\xff])/y,
    commonCount: 90,
    allowed: /[\x80\x82-\x8c\x8e\x91-\x9c\x9e-\xff]/y,
  },
];

const RARE = Math.log(0.01 / 10_000);
const NOT_ALLOWED = 2 * RARE;
/** Below this mean per byte that is not ASCII, no model explains the bytes. */
const UNLIKELY = -9;

/**
 * @param sample from the first byte that is wrong on
 * @param offset where in the file the sample begins, which tells even bytes from odd
 */
export function guessEncoding(sample: Buffer, offset: number): GuessedEncoding | undefined {
  const wide = guessUtf16(sample, offset);
  if (wide !== undefined) return wide;
  const text = sample.toString('latin1');
  const highBytes = text.replaceAll(/[\0-\x7f]+/g, '').length;
  if (highBytes === 0) return undefined;
  const scored = MODELS.map((model) => ({ name: model.name, mean: logLikelihood(text, model) / highBytes }));
  const best = scored.reduce((a, b) => (b.mean > a.mean ? b : a));
  return best.mean < UNLIKELY ? undefined : best.name;
}

function logLikelihood(text: string, { common, commonCount, allowed }: Model): number {
  const tokenAt = (kind: RegExp, at: number): number => {
    kind.lastIndex = at;
    return kind.test(text) ? kind.lastIndex : at;
  };
  let sum = 0;
  for (let at = 0; at < text.length;) {
    if (text.charCodeAt(at) < 0x80) {
      at++;
      continue;
    }
    const behindCommon = tokenAt(common, at);
    const behindAllowed = tokenAt(allowed, at);
    if (behindCommon > at) sum -= Math.log(commonCount);
    else sum += behindAllowed > at ? RARE : NOT_ALLOWED;
    at = Math.max(behindCommon, behindAllowed, at + 1);
  }
  return sum;
}

/** ASCII among UTF-16 has a NUL in every other byte. */
function guessUtf16(sample: Buffer, offset: number): GuessedEncoding | undefined {
  const nuls = [0, 0] as [number, number];
  for (let at = sample.indexOf(0); at !== -1; at = sample.indexOf(0, at + 1))
    nuls[((offset + at) % 2) as 0 | 1]++;
  const [even, odd] = nuls;
  const enough = Math.max(2, sample.length / 40);
  if (odd >= enough && odd >= even * 8) return 'UTF-16LE';
  if (even >= enough && even >= odd * 8) return 'UTF-16BE';
  return undefined;
}

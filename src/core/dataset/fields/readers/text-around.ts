// What stands around a number (`bareNumber: false`): a unit or a currency is text, but a sign, a digit or a factor is part of the number,
// and whoever passes over it reads another number. Such a cell is a row error that names what it holds; and so is any other word, of which
// nobody knows what it says about the number.
import { codePoint } from '../code-points.ts';
import { unknownAround } from './known-units.ts';
import { factorWithin, isFactor, isSignWord, signWithin } from './scale-words.ts';
import { twoCurrencies } from './two-currencies.ts';

export interface PartOfNumber {
  readonly kind: 'sign' | 'digit' | 'factor' | 'separator' | 'doubled' | 'currencies' | 'unknown';
  readonly text: string;
}

/** Units and currencies that hold what would otherwise be a digit, a factor or a sign: 5 m², 25 °C, 3 €/m, 400 ppm CO₂, S$ 5, S/ 5, 5 ลบ.ม. */
const UNIT =
  /°[CFK](?!\p{L})|(?<!\p{L})(?:[kcdmnµμ]?m|ft|in|yd|mi|s)[²³]|CO₂|\/(?:[kcdmnµμ]?m|t|k?g|h|s|l|L)(?![\p{L}\p{N}])|(?<!\p{L})(?:(?:NT|HK|US|AU|NZ|CA|MX|RD|[A-DGJLNRSTUZ])\$|[BS]\/)|(?:ลบ|ตร)\.ม\.?/gu;
/** Dashes and mathematical signs (`<5` is not 5), without those that say "about" and without Excel's `=`; triangles and arrows. */
const SIGN =
  /(?![~≈≃≅∼|=])[\p{Pd}\p{Sm}\u00af\u02d7\u2190-\u21ff\u2500\u2501\u25b2-\u25c5\u2795\u2796\u{1f53a}-\u{1f53d}]/u;
/** The long vowel sign, which is written for a minus. */
const VOWEL_SIGN = /(?<!\p{L})[ーｰ]/u;
const BRACKETED = /(?![„‚])\p{Ps}[^\p{Ps}\p{Pe}]*\p{Pe}/gu;
const BRACKET = /(?![„‚])[\p{Ps}\p{Pe}]/u;
const DIGIT = /[\p{N}\u{1f51f}]/u;
const WORD = /(?<![\p{L}\p{M}])[\p{L}\p{M}]+/gu;
/** A separator that touches the number; behind the letter of an abbreviation ("Rs.") it ends that. */
const SEPARATOR_BEFORE = /(?:^|[^\p{L}])([.,·٫٬،．，｡。、:：])$|([/／])$/u;
/** A slash before a word is "per". */
const SEPARATOR_AFTER = /^(?:[.,·٫٬،．，｡。、:：]|[/／](?!\s*\p{L}))/u;
/** Signs of which a number has one. */
const LONE_SIGN = /[\p{Sc}%٪﹪％°º~～〜≈≃≅∼=＝]/gu;
/** The same word twice, one behind the other. */
const WORD_TWICE = /(?<![\p{L}\p{M}])([\p{L}\p{M}]+)[\s.]+\1(?![\p{L}\p{M}])/iu;
const DENSE_TWICE =
  /(?<![\p{L}\p{M}])([\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+)\1(?![\p{L}\p{M}])/u;

/** The first part of a number in the text before and behind its digits; undefined: there is none. */
export function partOfNumber(before: string, after: string): PartOfNumber | undefined {
  if (before === '' && after === '') return undefined;
  const left = before.replaceAll(UNIT, ' ');
  const right = after.replaceAll(UNIT, ' ');
  const both = `${left} ${right}`;
  const sign =
    SIGN.exec(both)?.[0] ??
    VOWEL_SIGN.exec(left)?.[0] ??
    BRACKET.exec(left.replaceAll(BRACKETED, ' '))?.[0] ??
    BRACKET.exec(right.replaceAll(BRACKETED, ' '))?.[0] ??
    signWithin(both);
  if (sign !== undefined) return { kind: 'sign', text: sign };
  const digit = DIGIT.exec(both)?.[0];
  if (digit !== undefined) return { kind: 'digit', text: digit };
  for (const [word] of both.matchAll(WORD)) {
    if (isSignWord(word)) return { kind: 'sign', text: word };
    if (isFactor(word)) return { kind: 'factor', text: word };
  }
  const factor = factorWithin(both, right);
  if (factor !== undefined) return { kind: 'factor', text: factor };
  const [, touching, slash] = SEPARATOR_BEFORE.exec(left) ?? [];
  const separator = touching ?? slash ?? SEPARATOR_AFTER.exec(right)?.[0];
  if (separator !== undefined) return { kind: 'separator', text: separator };
  const doubled = findDoubled(before, after);
  if (doubled !== undefined) return { kind: 'doubled', text: doubled };
  const currencies = twoCurrencies(`${before} ${after}`);
  if (currencies !== undefined) return { kind: 'currencies', text: currencies };
  const unknown = unknownAround(left, right);
  return unknown === undefined ? undefined : { kind: 'unknown', text: unknown };
}

/** A sign or a word that stands there twice (`95%%`, `$$5`, `5 kg kg`): nobody knows what else the cell lost or got. */
function findDoubled(before: string, after: string): string | undefined {
  const seen = new Set<string>();
  for (const [sign] of `${before} ${after}`.matchAll(LONE_SIGN)) {
    const plain = sign === '٪' ? '%' : sign.normalize('NFKC');
    if (seen.has(plain)) return sign;
    seen.add(plain);
  }
  for (const side of [before, after]) {
    const [, word] = WORD_TWICE.exec(side) ?? DENSE_TWICE.exec(side) ?? [];
    if (word !== undefined) return word;
  }
  const words = new Set(Array.from(before.matchAll(WORD), ([word]) => word.toLowerCase()));
  return Array.from(after.matchAll(WORD), ([word]) => word).find((word) => words.has(word.toLowerCase()));
}

/** A clause that says what the cell holds and what to do about it. */
export function explainPart({ kind, text }: PartOfNumber): string {
  const named = nameText(text);
  switch (kind) {
    case 'sign':
      return `in which ${named} may be a sign; write a negative number with "-" (U+002D) directly before its digits, or declare its form (negative), and write any other without ${named}`;
    case 'digit':
      return `in which ${named} is part of the number; write the number with the digits 0 to 9 and nothing else${/\p{Nd}/u.test(text) ? ', or declare "digits" in normalize' : ''}`;
    case 'factor':
      return `in which ${named} may stand for a factor, such as thousand or million; write the number out, without it`;
    case 'separator':
      return `in which ${named} touches the number and may be part of it; remove it`;
    case 'doubled':
      return `in which ${named} stands twice; write it once`;
    case 'currencies':
      return `in which ${text} are two currencies; write the one that the number is of`;
    case 'unknown':
      return `in which ${named} is no currency or unit that is known, and may change what the number means; if it does not, declare {"remove": ${JSON.stringify(text)}} in normalize`;
  }
}

/** The text in quotes; of one sign beyond ASCII its code point as well, as many look alike. */
export function nameText(text: string): string {
  const [first = '', second] = text;
  const code = first.codePointAt(0)!;
  const isLone = second === undefined && code > 0x7e;
  return `"${text}"${isLone ? ` (${codePoint(first)})` : ''}`;
}

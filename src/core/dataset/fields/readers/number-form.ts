// Numbers in a declared notation: decimal and group characters, and text around.
import type { Field } from '../../types.ts';
import { compileUngroup, escapeForClass, groupClasses, wholePart } from './groups.ts';
import { explainPart, partOfNumber } from './text-around.ts';

export type NumberFormat = Pick<Field, 'decimalChar' | 'groupChar' | 'bareNumber'>;

/** Rewrites a declared notation (`€ 1.234,50`) to the plain one (`1234.50`); a text in another form becomes undefined. */
export function plainNotation(format: NumberFormat): ((text: string) => string | undefined) | undefined {
  const { decimalChar = '.', groupChar, bareNumber = true } = format;
  if (decimalChar === '.' && groupChar === undefined && bareNumber) return undefined;
  const point = `[${escapeForClass(decimalChar)}]`;
  const classes = groupClasses(groupChar);
  const ungroup = compileUngroup(classes);
  const number = `([+-]?)(${wholePart(classes)})(?:${point}([0-9]*))?(?:[eE]([+-]?[0-9]+))?`;
  // Text around the number: anything but digits, signs and the decimal character, so that no number is cut in two.
  const notAround = `[^0-9+${escapeForClass(decimalChar)}-]`;
  // A point behind a letter ends an abbreviation ("Rs. 5", "5 Stk."), unless a digit follows it ("USD.5").
  const around = bareNumber
    ? '()'
    : decimalChar === '.'
      ? `((?:${notAround}|(?<=[\\p{L}\\p{M}])\\.(?![0-9]))*)`
      : `(${notAround}*)`;
  const form = new RegExp(`^${around}${number}${around}$`, 'u');
  const isText = compileIsText();
  return (text) => {
    const match = form.exec(text);
    if (match === null) return undefined;
    const [, before = '', sign = '', digits = '', fraction, exponent, after = ''] = match;
    if ((before !== '' || after !== '') && !isText(before, after)) return undefined;
    // "Rs.500" is hardly half a rupee.
    if (digits === '' && /[\p{L}\p{M}]$/u.test(before)) return undefined;
    if (exponent !== undefined ? /^[\p{L}\p{M}]/u.test(after) : digits === '0' && HEX.test(after))
      return undefined;
    return (
      sign +
      ungroup(digits) +
      (fraction === undefined ? '' : `.${fraction}`) +
      (exponent === undefined ? '' : `e${exponent}`)
    );
  };
}

/** Behind a 0: a number in another base. */
const HEX = /^[xX][0-9a-fA-F]/;

const MOST_KNOWN = 16;

/** Whether what is around a number is text and no part of it. A column has few different such texts: the last answers are kept. */
function compileIsText(): (before: string, after: string) => boolean {
  const known: { readonly before: string; readonly after: string; readonly isText: boolean }[] = [];
  let next = 0;
  let last = { before: '', after: '', isText: true };
  return (before, after) => {
    if (before === last.before && after === last.after) return last.isText;
    const found = known.find((one) => one.before === before && one.after === after);
    last = found ?? { before, after, isText: partOfNumber(before, after) === undefined };
    if (found === undefined) known[next++ % MOST_KNOWN] = last;
    return last.isText;
  };
}

/** A number in the digits 0 to 9, perhaps with groups, and what is around it. */
const NUMBER_IN_TEXT =
  /^([^0-9]*?)[+-]?[.,]?[0-9](?:[0-9.,'’ \u00a0\u2009\u202f]*[0-9])?(?:[eE][+-]?[0-9]+)?([^0-9]*)$/u;

/** What Excel writes, or people write for it, so that it keeps a text as it is. */
export function isExcelText(text: string): boolean {
  return /^="|^'[0-9=+-]/.test(text);
}

/** Why a text is refused that looks like a number: what of it would be lost, were it read. */
export function whyNotRead(text: string, { groupChar, bareNumber = true }: NumberFormat): string | undefined {
  for (const chars of groupClasses(groupChar)) {
    const group = `[${escapeForClass(chars)}]`;
    if (new RegExp(`(?<![0-9])0[0-9]{0,2}(?:${group}[0-9]{2,3})+(?![0-9])`, 'u').test(text))
      return `whose first group begins with 0, as no number with "${chars[0]!}" between its groups does; write it without groups`;
  }
  if (isExcelText(text))
    return 'which Excel is to keep as a text; declare "excelText" in normalize to read what is in it';
  const touching = /[\p{L}\p{M}]([.,])[0-9]/u.exec(text)?.[1];
  if (!bareNumber && touching !== undefined)
    return `in which "${touching}" may end the word before it or begin the decimals; write a blank before the number, or a 0 before its decimals`;
  const [, before, after] = NUMBER_IN_TEXT.exec(text) ?? [];
  if (before === undefined || after === undefined) {
    const digit = /(?![0-9])\p{N}/u.exec(text)?.[0];
    return digit === undefined ? undefined : explainPart({ kind: 'digit', text: digit });
  }
  const part = partOfNumber(before, after);
  if (part === undefined || (bareNumber && (part.kind === 'separator' || part.kind === 'unknown')))
    return undefined;
  return explainPart(part);
}

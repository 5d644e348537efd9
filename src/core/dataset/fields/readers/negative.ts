// Negative numbers that are not written with "-" directly before their digits, each form only where it is declared.
import type { Negative } from '../../types.ts';

interface Unsigned {
  /** The text without the sign. */
  readonly rest: string;
  readonly isNegative: boolean;
}

type TakeSign = (text: string) => Unsigned | undefined;

const MINUS_BEFORE_CURRENCY = /^(\p{Cf}*)-(?=[\p{Sc}\p{L}])([^-]*)$/u;
const UNICODE_MINUS =
  /^([^\u2212\uff0d0-9]*)[\u2212\uff0d](?=[0-9.,\u066b]|[\p{Sc}\p{L}])([^\u2212\uff0d]*)$/u;
/** Directly behind the digits, perhaps with a currency after it; or as the last character, perhaps behind a blank. */
const TRAILING = /^([^-]*[0-9][.,\u066b]?)-(?=$|[\p{Zs}\p{Sc}])([^-0-9]*)$|^([^-]*[0-9][^-0-9]*?)\p{Zs}?-$/u;
const PARENTHESES = /^([^()（）0-9]*)[(（]\p{Zs}*([^()（）]*[0-9][^()（）]*?)\p{Zs}*[)）]([^()（）0-9]*)$/u;
const TRIANGLE = /^([^▲△0-9]*)[▲△]\p{Zs}?([^▲△]*)$/u;
const DRCR_BEHIND = /^(.*?)\p{Zs}*(?<!\p{L})(DR|CR)\.?$/iu;
const DRCR_BEFORE = /^(DR|CR)\.?(?!\p{L})\p{Zs}*(.*)$/iu;

const FORMS: Readonly<Record<Negative, TakeSign>> = {
  trailing: (text) => negative(joined(TRAILING.exec(text))),
  parentheses: (text) => negative(joined(PARENTHESES.exec(text))),
  drcr: (text) => {
    const [, behind, sign] = DRCR_BEHIND.exec(text) ?? [];
    const [, firstSign, before] = DRCR_BEFORE.exec(text) ?? [];
    const rest = behind ?? before;
    if (rest === undefined) return undefined;
    return { rest, isNegative: (sign ?? firstSign)!.toUpperCase() === 'DR' };
  },
  triangle: (text) => negative(joined(TRIANGLE.exec(text))),
  'unicode-minus': (text) => negative(joined(UNICODE_MINUS.exec(text))),
  'before-currency': (text) => negative(joined(MINUS_BEFORE_CURRENCY.exec(text))),
};

/** How each is written. */
export const NEGATIVE_EXAMPLES: Readonly<Record<Negative, string>> = {
  trailing: '5-',
  parentheses: '(5)',
  drcr: '5 DR',
  triangle: '▲5',
  'unicode-minus': '\u22125',
  'before-currency': '-$5',
};

/** What is left when the sign is taken out; two words that it stood between do not become one. */
function joined(match: RegExpExecArray | null): string | undefined {
  return match?.slice(1).filter(Boolean).join(' ');
}

function negative(rest: string | undefined): Unsigned | undefined {
  return rest === undefined ? undefined : { rest, isNegative: true };
}

/** Reads what `read` takes, and a number with one sign of a declared form. */
export function withNegatives(
  read: (text: string) => string | undefined,
  declared: Negative | readonly Negative[] = [],
): (text: string) => string | undefined {
  const forms = [declared].flat().map((name) => FORMS[name]);
  if (forms.length === 0) return read;
  return (text) => {
    const value = read(text);
    if (value !== undefined) return value;
    for (const form of forms) {
      const unsigned = form(text);
      const number = unsigned === undefined ? undefined : read(unsigned.rest);
      // A second sign is none that anybody would understand.
      if (number !== undefined && !/^[+-]/.test(number)) return unsigned!.isNegative ? `-${number}` : number;
    }
    return undefined;
  };
}

// What may be declared so that a text is read as the number it looks like. Only what a reader then really reads is proposed, with its value.
import type { Field, Negative } from '../../types.ts';
import { groupClass, groupClasses } from './groups.ts';
import { isExcelText } from './number-form.ts';
import { nameText, partOfNumber } from './text-around.ts';

type Declared = Pick<Field, 'decimalChar' | 'groupChar' | 'bareNumber' | 'negative' | 'zeroFraction'>;
type Read = (text: string) => string | undefined;

/** A number in the digits 0 to 9, and what is around it. */
const NUMBER_IN_TEXT = /^([^0-9]*?)([.,]?[0-9](?:[0-9.,'’ \u00a0\u2009\u202f]*[0-9])?)([^0-9]*)$/u;

/**
 * @param readerOf what reads texts as a field declares
 * @param isInteger the field takes whole numbers, and zeros behind a decimal character only where it declares that
 * @returns a clause such as `which is in another notation; declare decimalChar=, to read it as 1.5`; undefined: nothing that could be
 * declared would help
 */
export function compileAdvice(
  field: Declared,
  readerOf: (field: Declared) => Read,
  isInteger = false,
): (text: string) => string | undefined {
  const readers = new Map<string, Read>();
  const readAs = (declared: Declared, text: string): string | undefined => {
    const key = name(declared);
    const read = readers.get(key) ?? readerOf({ ...field, ...declared });
    readers.set(key, read);
    return read(text);
  };
  return (text) => {
    const [, before = '', number = '', after = ''] = NUMBER_IN_TEXT.exec(text) ?? [];
    if (number === '' || isExcelText(text)) return undefined;
    const ways = proposals(field, before, number, after, isInteger).flatMap((declared) => {
      const value = readAs(declared, text);
      return value === undefined ? [] : [`${name(declared)} to read it as ${value}`];
    });
    if (ways.length === 0) return undefined;
    const advice = `declare ${ways.join(', or ')}`;
    const part = partOfNumber(before, after);
    return part?.kind === 'sign' && ways.every((way) => way.includes('negative='))
      ? `in which ${nameText(part.text)} may be a sign; ${advice}, or write a negative number with "-" (U+002D) directly before its digits`
      : `which is in another notation; ${advice}`;
  };
}

/** What the field does not declare yet, and a text would need. What it declares is not put in question. */
function proposals(
  field: Declared,
  before: string,
  number: string,
  after: string,
  isInteger: boolean,
): Declared[] {
  const form = negativeForm(before, after);
  const forms = [field.negative ?? []].flat();
  const sign: Declared =
    form === undefined || forms.includes(form)
      ? {}
      : { negative: forms.length === 0 ? form : [...forms, form] };
  const needsText = field.bareNumber !== false && isMoney(before, after);
  const around: Declared = needsText ? { bareNumber: false } : {};
  const groups = groupClasses(field.groupChar);
  const zeros: Declared =
    isInteger && field.zeroFraction !== true && /[.,]0+$/.test(number) ? { zeroFraction: true } : {};
  return separators(number).flatMap(({ decimalChar, groupChar }) => {
    const point = field.decimalChar ?? decimalChar ?? '.';
    if (decimalChar !== undefined && decimalChar !== point) return [];
    const hasGroup = groupChar !== undefined && groups.includes(groupClass(groupChar));
    if (groupChar !== undefined && field.groupChar !== undefined && !hasGroup) return [];
    if (groupChar === point || groups.includes(point)) return [];
    const declared: Declared = {
      ...(point === (field.decimalChar ?? '.') ? {} : { decimalChar: point }),
      ...(groupChar === undefined || hasGroup ? {} : { groupChar }),
      ...sign,
      ...around,
      // A decimal character that only tells what the groups are has nothing behind it.
      ...(decimalChar !== undefined && number.includes(decimalChar) ? zeros : {}),
    };
    return Object.keys(declared).length === 0 ? [] : [declared];
  });
}

interface Separators {
  /** None is needed, if it is left out. */
  readonly decimalChar?: ',' | '.';
  readonly groupChar?: string;
}

/** Which characters may separate groups and decimals of a number: two readings of `1,234`, none of `1.2,3.4`. */
function separators(number: string): Separators[] {
  const kinds = Array.from(number.replace(/[0-9]/g, ''), (char) => groupClass(char)[0]!);
  const [first, last] = [kinds[0], kinds.at(-1)];
  if (first === undefined || last === undefined) return [{}];
  const group = first === '.' ? { decimalChar: ',' as const, groupChar: first } : { groupChar: first };
  const mayBeDecimal = last === '.' || last === ',';
  const decimal: Separators = mayBeDecimal ? { decimalChar: last } : {};
  if (kinds.length === 1) return last === ',' ? [group, decimal] : mayBeDecimal ? [decimal, group] : [group];
  if (kinds.every((kind) => kind === first)) return [group];
  const isOneOfEach = mayBeDecimal && kinds.slice(0, -1).every((kind) => kind === first) && first !== last;
  return isOneOfEach ? [{ ...decimal, groupChar: first }] : [];
}

/** The first form that a sign around the digits may have. */
function negativeForm(before: string, after: string): Negative | undefined {
  if (/[(（]/u.test(before) && /[)）]/u.test(after)) return 'parentheses';
  if (/[▲△]/u.test(before)) return 'triangle';
  if (/[\u2212\uff0d]/u.test(before)) return 'unicode-minus';
  if (/^\p{Zs}*-|-$/u.test(after)) return 'trailing';
  if (/(?<!\p{L})(?:DR|CR)\.?$/iu.test(after) || /^(?:DR|CR)(?!\p{L})/iu.test(before)) return 'drcr';
  return /-./u.test(before) ? 'before-currency' : undefined;
}

const SIGNS = /[()（）▲△\u2212\uff0d+-]|(?<!\p{L})(?:DR|CR)(?!\p{L})\.?/giu;
const CODES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
const CURRENCY = /^(?:[\p{Sc}%]|[A-Z]{2}?\$|kr\.?|Kč|zł|Ft|lei|Rp\.?|Rs\.?|円|元|원)$/u;

/** Whether a currency is around the digits, perhaps with a sign, and nothing else. Other texts are hardly units of a number. */
function isMoney(before: string, after: string): boolean {
  const rest = `${before}${after}`.replaceAll(SIGNS, '').trim();
  return CURRENCY.test(rest) || CODES.has(rest);
}

/** No options of an upload. */
const OF_THE_DATASET: ReadonlySet<string> = new Set(['bareNumber', 'zeroFraction']);

/** As an upload option is written: `decimalChar=, and groupChar=.`. */
function name(declared: Declared): string {
  const written = Object.entries(declared).map(
    ([property, value]) =>
      `${property}=${value === ' ' ? 'space' : String(value)}${OF_THE_DATASET.has(property) ? ' (in the dataset)' : ''}`,
  );
  return written.join(' and ');
}

// What may be declared so that a text is read as the day, or the moment, it names. Only what a reader then really reads is proposed, with
// its value.
import type { DateOrder, Field, Normalize } from '../../types.ts';
import { compileNormalize } from '../normalize.ts';
import { findName, monthNames, weekdayNames, type Name } from './names.ts';
import { ORDINAL } from './strptime-steps.ts';

/** What a field does not declare yet, and the text needs. */
export interface DeclaredDate {
  readonly format: string;
  readonly locale?: string;
  readonly calendar?: Field['calendar'];
  readonly dateOrder?: DateOrder;
}

type Read = (text: string) => string | undefined;
type Own = Pick<Field, 'type' | 'locale'> & {
  readonly format: string;
  readonly dateOrder?: DateOrder | undefined;
};

const LONGEST = 60;
const MOST_WAYS = 3;
/** Texts that differ in more than their digits, and are looked at in full; a column of dates has few such. */
const MOST_SHAPES = 200;

/**
 * A file may have a million such cells: what reads texts of one shape is looked for once.
 * @param own what the field declares
 * @param readerOf what reads texts as a field that declares this as well; throws where it cannot be declared
 * @returns a clause such as `which is written otherwise; declare the format "%d. %B %Y" and the locale "de" to read it as 2024-01-05`
 */
export function compileDateAdvice(
  own: Own,
  readerOf: (declared: DeclaredDate) => Read,
): (text: string) => string | undefined {
  const readers = new Map<string, Read>();
  /** By what texts are but for their digits: the forms that may read them. */
  const shapes = new Map<string, readonly DeclaredDate[]>();
  const readAs = (text: string, declared: DeclaredDate): string | undefined => {
    const key = JSON.stringify(declared);
    let read = readers.get(key);
    if (read === undefined) {
      read = orNone(() => readerOf(declared));
      if (readers.size < MOST_SHAPES) readers.set(key, read);
    }
    return read(text);
  };
  const formsFor = (text: string): readonly DeclaredDate[] => {
    const shape = text.replaceAll(/[0-9]/g, '0');
    const known = shapes.get(shape);
    if (known !== undefined || shapes.size === MOST_SHAPES) return known ?? [];
    // A month has the same name in several languages; the first of them is enough.
    const named = new Map<string, DeclaredDate>();
    for (const declared of namedForms(text, own.locale, own.type === 'datetime')) {
      const value = readAs(text, declared);
      if (value !== undefined && !named.has(value)) named.set(value, declared);
    }
    const forms = named.size > 0 ? [...named.values()] : [...plainForms(text, own.dateOrder)];
    shapes.set(shape, forms);
    return forms;
  };
  return (text) => {
    if (text.length > LONGEST || !/\p{Nd}/u.test(text)) return undefined;
    const { step, plain } = inPlainDigits(text, own.type);
    const asItIs = step === undefined ? undefined : readAs(plain, { format: own.format });
    const ways =
      asItIs === undefined
        ? formsFor(plain).flatMap((declared) => {
            const value = readAs(plain, declared);
            return value === undefined ? [] : [{ said: nameOf(declared, own.format), value }];
          })
        : [{ said: '', value: asItIs }];
    const first = step === undefined ? '' : `"${step}" in normalize`;
    const told = new Map<string, string>();
    for (const { said, value } of ways) {
      const whole = [first, said].filter((part) => part !== '').join(' and ');
      if (whole !== '' && !told.has(value)) told.set(value, `${whole} to read it as ${value}`);
    }
    if (told.size === 0) return undefined;
    return `which is written otherwise; declare ${[...told.values()].slice(0, MOST_WAYS).join(', or ')}`;
  };
}

/** A pattern that is none reads nothing: it is only tried. */
function orNone(create: () => Read): Read {
  try {
    return create();
  } catch {
    return () => undefined;
  }
}

/** Digits of full width and of other scripts as 0 to 9, and the step of `normalize` that makes them so. */
function inPlainDigits(
  text: string,
  type: Field['type'],
): { readonly step: Extract<Normalize, string> | undefined; readonly plain: string } {
  if (!/(?![0-9])\p{Nd}/u.test(text)) return { step: undefined, plain: text };
  for (const step of ['nfkc', 'digits'] as const) {
    const plain = compileNormalize({ type, normalize: [step] })!(text);
    if (plain !== text && !/(?![0-9])\p{Nd}/u.test(plain)) return { step, plain };
  }
  return { step: undefined, plain: text };
}

function nameOf({ format, locale, calendar, dateOrder }: DeclaredDate, own: string): string {
  return [
    ...(format === own ? [] : [`the format "${format}"`]),
    ...(locale === undefined ? [] : [`the locale "${locale}"`]),
    ...(calendar === undefined ? [] : [`the calendar "${calendar}"`]),
    ...(dateOrder === undefined ? [] : [`dateOrder=${dateOrder}`]),
  ].join(' and ');
}

const ERA = /^(?:令和|平成|昭和|大正|明治|[RHSTM](?=\d))/u;
const ROC = /^(?:中華)?民國/u;

function* plainForms(text: string, dateOrder: DateOrder | undefined): Generator<DeclaredDate> {
  yield { format: 'any' };
  if (ERA.test(text)) yield { format: 'any', calendar: 'japanese' };
  if (ROC.test(text)) yield { format: 'any', calendar: 'roc' };
  if (dateOrder === undefined) {
    yield { format: 'any', dateOrder: 'dmy' };
    yield { format: 'any', dateOrder: 'mdy' };
  }
  if (/^\d{8}$/.test(text)) {
    yield { format: '%Y%m%d' };
    yield { format: '%d%m%Y' };
    yield { format: '%m%d%Y' };
  }
}

const CLOCK = /(\d{1,2}):\d{2}(:\d{2}(\.\d+)?)?(\s?[ap]\.?m\b\.?)?/iu;
/** Words, and what stands between them; a dot behind a name belongs to it. */
const WORDS = /\p{L}[\p{L}\p{M}]*\.?/gu;
const MOST_WORDS = 6;
/** A day whose number has letters behind it (`1st`, `1er`), which are not the same for each day. */
const ORDINAL_DAY = new RegExp(`(?<![\\p{L}\\p{N}])\\d{1,2}${ORDINAL.source}`, 'iu');

/** Patterns of a date with the name of its month. */
function* namedForms(text: string, own: string | undefined, hasTime: boolean): Generator<DeclaredDate> {
  const clock = CLOCK.exec(text);
  if ((clock !== null) !== hasTime) return;
  const written = clock === null ? text : text.replace(clock[0], '\0');
  const numbers = written.match(/\d+/g) ?? [];
  const isDayAndYear =
    numbers.length === 2 &&
    numbers.some((each) => each.length === 4) &&
    numbers.some((each) => each.length < 3);
  if (!isDayAndYear || written.includes('%')) return;
  const day = written.replace(ORDINAL_DAY, '\u0001');
  const words = [...day.matchAll(WORDS)];
  if (words.length === 0 || words.length > MOST_WORDS) return;
  const withNumbers = (pattern: string): string =>
    pattern
      .replace(/(?<![\d%])\d{4}(?!\d)/, '%Y')
      .replace(/(?<![\d%])\d{1,2}(?!\d)/, '%d')
      .replace('\u0001', '%o')
      .replace('\0', () => patternOfClock(clock));
  for (const { 0: word, index } of words)
    for (const locale of localesOf(word, own)) {
      const around = (part: string): string => withWeekdays(part, locale);
      const [before, behind] = [day.slice(0, index), day.slice(index + word.length)];
      for (const name of locale === 'en' ? ['%B', '%b'] : ['%B'])
        yield {
          format: withNumbers(`${around(before)}${name}${around(behind)}`),
          ...(locale === 'en' ? {} : { locale }),
        };
      if (locale === 'en' && word.endsWith('.'))
        yield { format: withNumbers(`${around(before)}%b.${around(behind)}`) };
    }
}

/** The names of weekdays as the directive that reads them. */
function withWeekdays(text: string, locale: string): string {
  return text.replaceAll(WORDS, (word) => (isName(word, weekdayNames(locale)) ? '%A' : word));
}

function patternOfClock(clock: RegExpExecArray | null): string {
  if (clock === null) return '';
  const [, , second, fraction, period] = clock;
  const blank = /^\s/.exec(period ?? '')?.[0] ?? '';
  return `${period === undefined ? '%H' : '%I'}:%M${second === undefined ? '' : `:%S${fraction === undefined ? '' : '.%f'}`}${period === undefined ? '' : `${blank}%p`}`;
}

/** Languages whose names of months are looked for, the commonest of tables first. */
const LOCALES =
  'en de fr es pt it nl pl ru tr sv nb da fi cs sk hu ro hr sr sl bg uk el lt lv et ca eu gl id ms vi th he ar fa hi bn ko ja zh af ga is mk sq'.split(
    ' ',
  );

const MOST_KNOWN = 256;
const known = new Map<string, readonly string[]>();

/** The languages in which the word is a month. @param own that of the field, which counts alone if it is one of them */
function localesOf(word: string, own: string | undefined): readonly string[] {
  if (own !== undefined && isName(word, monthNames(own))) return [own];
  let found = known.get(word);
  if (found === undefined) {
    found = LOCALES.filter((locale) => isName(word, monthNames(locale)));
    if (known.size < MOST_KNOWN) known.set(word, found);
  }
  return found;
}

function isName<Meaning>(word: string, names: readonly Name<Meaning>[]): boolean {
  return findName(word, 0, names)?.end === word.length;
}

// Names of months and weekdays, as Intl has them for a locale, and as people shorten them.

/** A name as it is compared, and what it means. */
export interface Name<Meaning> {
  readonly folded: string;
  readonly meaning: Meaning;
}

/** What a text has at a place, and where that ends. */
interface Found<Meaning> {
  readonly meaning: Meaning;
  readonly end: number;
}

/** @throws Error whose message ends the sentence "locale …" */
export function checkLocale(locale: string): void {
  try {
    if (Intl.DateTimeFormat.supportedLocalesOf(locale).length > 0) return;
  } catch {
    // No language tag at all.
  }
  throw new Error(`must be a language such as de, pt-BR or ja, not "${locale.slice(0, 60)}"`);
}

const monthDate = (month: number): number => Date.UTC(2024, month, 15, 12);
/** 2024-01-07 was a Sunday. */
const weekdayDate = (weekday: number): number => Date.UTC(2024, 0, 7 + weekday, 12);

/** Months from 1. @param locale English when left out */
export const monthNames = kept((locale): readonly Name<number>[] => {
  const formats = (['long', 'short'] as const).flatMap((month) => [
    { month },
    { month, day: 'numeric' as const, year: 'numeric' as const },
  ]);
  const names = namesOf(locale, 'month', formats, 12, monthDate);
  return names.map(({ folded, meaning }) => ({ folded, meaning: meaning + 1 }));
});

/** Weekdays from 0, Sunday. */
export const weekdayNames = kept((locale): readonly Name<number>[] => {
  const formats = (['long', 'short'] as const).flatMap((weekday) => [
    { weekday },
    { weekday, day: 'numeric' as const, month: 'long' as const, year: 'numeric' as const },
  ]);
  return namesOf(locale, 'weekday', formats, 7, weekdayDate);
});

/** Each chunk of a file compiles its fields, and a dataset has few locales: their names are asked for once. */
export function kept<Names>(find: (locale: string) => Names): (locale?: string) => Names {
  const known = new Map<string, Names>();
  return (locale = 'en') => {
    const names = known.get(locale) ?? find(locale);
    known.set(locale, names);
    return names;
  };
}

/** Names that are the same for two months or days mean neither. */
function namesOf(
  locale: string,
  part: 'month' | 'weekday',
  formats: readonly Intl.DateTimeFormatOptions[],
  count: number,
  dateOf: (index: number) => number,
): Name<number>[] {
  const written: Name<number>[] = [];
  for (const options of formats) {
    const format = new Intl.DateTimeFormat(locale, {
      ...options,
      timeZone: 'UTC',
      calendar: 'gregory',
      numberingSystem: 'latn',
    });
    for (let index = 0; index < count; index++) {
      const name = format.formatToParts(dateOf(index)).find(({ type }) => type === part)?.value ?? '';
      if (/\p{L}/u.test(name)) written.push({ folded: fold(name), meaning: index });
    }
  }
  return unambiguous(written, shortened(written));
}

const LEAST_LETTERS = 3;

/** The beginnings of names that consist of letters: "Sept", "janv", "Dez". */
function shortened(names: readonly Name<number>[]): Name<number>[] {
  return names.flatMap(({ folded, meaning }) => {
    const letters = Array.from(folded);
    if (!/^[\p{L}]+$/u.test(folded)) return [];
    return letters
      .slice(LEAST_LETTERS)
      .map((_, at) => ({ folded: letters.slice(0, LEAST_LETTERS + at).join(''), meaning }));
  });
}

/** The longest first. A beginning counts where it is no name itself, and begins the names of one thing only. */
function unambiguous(names: readonly Name<number>[], beginnings: readonly Name<number>[]): Name<number>[] {
  const whole = meaningsOf(names);
  const begun = meaningsOf(beginnings.filter(({ folded }) => !whole.has(folded)));
  return [...whole, ...begun]
    .filter(([folded, meanings]) => folded !== '' && meanings.size === 1)
    .map(([folded, meanings]) => ({ folded, meaning: [...meanings][0]! }))
    .sort((a, b) => b.folded.length - a.folded.length);
}

function meaningsOf(names: readonly Name<number>[]): Map<string, Set<number>> {
  const meanings = new Map<string, Set<number>>();
  for (const { folded, meaning } of names)
    meanings.set(folded, (meanings.get(folded) ?? new Set()).add(meaning));
  return meanings;
}

/** Case, dots, marks on Latin letters and the width of blanks do not make a name another one. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .replaceAll(/[.\p{Cf}]/gu, '')
    .replaceAll(/\p{Zs}/gu, ' ')
    .toLowerCase()
    .replaceAll(/[\u0300-\u036f]/g, '')
    .replaceAll('ı', 'i')
    .replaceAll('ς', 'σ');
}

const MOST_CHARS = 4096;
const foldedChars = new Map<string, string>();

/** A column has few different characters. */
function foldChar(char: string): string {
  let folded = foldedChars.get(char);
  if (folded === undefined) {
    folded = fold(char);
    if (foldedChars.size < MOST_CHARS) foldedChars.set(char, folded);
  }
  return folded;
}

const charAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at)!);

/**
 * The longest of the names that stands at `at` and ends there: no letter goes on behind one, and no digit behind a digit.
 * @param after what may follow at once all the same; a dot of it is not taken for the name's
 */
export function findName<Meaning>(
  text: string,
  at: number,
  names: readonly Name<Meaning>[],
  after = '',
): Found<Meaning> | undefined {
  let folded = '';
  const ends: number[] = [];
  let end = at;
  // One more than the longest name shows whether a letter goes on.
  const enough = (names[0]?.folded.length ?? 0) + 1;
  while (end < text.length && (folded.length < enough || foldChar(charAt(text, end)) === '')) {
    const char = charAt(text, end);
    end += char.length;
    const written = foldChar(char);
    folded += written;
    for (let unit = 0; unit < written.length; unit++) ends.push(end);
    if (written === '' && ends.length > 0) ends[ends.length - 1] = end;
  }
  for (const { folded: name, meaning } of names) {
    if (!folded.startsWith(name)) continue;
    const [last, next] = [folded[name.length - 1]!, folded.slice(name.length)];
    const nameEnd = ends[name.length - 1]!;
    const goesOn = /\p{L}/u.test(last) ? /^[\p{L}\p{M}]/u.test(next) : /^[0-9]/.test(next);
    if (goesOn && (after === '' || !text.startsWith(after, nameEnd))) continue;
    return { meaning, end: after === '.' && text[nameEnd - 1] === '.' ? nameEnd - 1 : nameEnd };
  }
  return undefined;
}

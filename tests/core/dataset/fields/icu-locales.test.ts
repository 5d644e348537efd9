// All locales that this Node knows write numbers, money, percentages, dates and times. Every type of field reads each of them as what it
// means, or not at all; and of the forms that can be declared, nearly all are read.
import { describe, expect, it } from 'vitest';
import { compileField } from '../../../../src/core/dataset/fields/compile-field.ts';
import { NEGATIVES, type DateOrder, type WrittenField } from '../../../../src/core/dataset/types.ts';

type Kind = Partial<WrittenField>;
type Read = (text: string) => string | null | undefined;

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz');
const TWO = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));
const LANGUAGES = Intl.DateTimeFormat.supportedLocalesOf([
  ...TWO,
  ...TWO.flatMap((two) => LETTERS.map((third) => two + third)),
]);
const REGIONS =
  `ar-AE ar-DZ ar-MA ar-SA de-AT de-CH de-LI en-AU en-CA en-CH en-DK en-GB en-IN en-SE en-ZA es-AR es-CL es-CO es-MX es-US
  fr-BE fr-CA fr-CH fr-MA hi-Latn it-CH nl-BE pt-AO pt-PT ru-UA sr-Latn sv-FI ta-LK uz-Cyrl zh-Hant zh-HK zh-SG`.split(
    /\s+/,
  );
const LOCALES = [...LANGUAGES, ...REGIONS];

function compile(field: Kind): Read | undefined {
  const whole: WrittenField = { name: 'f', type: 'string', normalize: ['digits'], ...field };
  try {
    return compileField(whole, { fields: [whole] }).read;
  } catch {
    // Not every text of Intl is a pattern.
    return undefined;
  }
}

interface Landed {
  readonly locale: string;
  readonly text: string;
  readonly value: string;
}

/** What was read, and how often it was as it should be. */
class Judgement {
  readonly wrong: Landed[] = [];
  asked = 0;
  right = 0;

  judge(read: Read | undefined, locale: string, text: string, isRight: (value: string) => boolean): void {
    const value = read?.(text);
    this.asked++;
    if (value === undefined || value === null) return;
    if (isRight(value)) this.right++;
    else this.wrong.push({ locale, text, value });
  }

  get share(): number {
    return this.right / this.asked;
  }
}

/** Readers that no text of a number or a date is for. */
const OTHERS: readonly Kind[] = [
  { type: 'boolean', lenientValues: true },
  { type: 'yearmonth' },
  { type: 'object' },
  { type: 'array' },
  { type: 'string', format: 'uuid' },
  { type: 'string', format: 'email' },
  { type: 'string', format: 'uri' },
];

/** Units that are written far more often than the thousand of Azerbaijani, Kuvi and Anii. */
const UNITS = /(?:^|[0-9\p{Z}-])(?:min|h|kt)(?:$|\p{Z})/u;

const MOMENTS: readonly Kind[] = (['ymd', 'dmy', 'mdy'] as const).flatMap((dateOrder) => [
  { type: 'date', format: 'any', dateOrder, pivotYear: 1950 },
  { type: 'datetime', format: 'any', dateOrder, pivotYear: 1950 },
]);

describe('numbers', () => {
  const VALUES = [0, -0.5, 12.34, 999.99, -1234.5, 1500, -1_234_567.5, 12_000_000, 2_000_000_000];
  const CURRENCIES = (['symbol', 'code', 'name'] as const).flatMap((currencyDisplay) =>
    ['USD', 'SEK', 'INR'].map((currency) => ({ style: 'currency' as const, currency, currencyDisplay })),
  );
  const STYLES: Intl.NumberFormatOptions[] = [
    {},
    { style: 'percent' },
    ...CURRENCIES,
    { style: 'currency', currency: 'EUR', currencySign: 'accounting' },
    { style: 'unit', unit: 'kilometer-per-hour' },
    { notation: 'compact' },
    { notation: 'compact', compactDisplay: 'long' },
    { notation: 'scientific' },
  ];
  const NEGATIVE = NEGATIVES.filter((form) => form !== 'drcr');
  const READ_OTHERS = [...OTHERS, ...MOMENTS].map((field) => compile(field));
  const UNDECLARED = [{ type: 'integer' }, { type: 'integer', bareNumber: false }] as const;
  // A number with a decimal comma or dots between groups is a matter of its column (number-notation.ts).
  const UNDECLARED_POINT = [
    ...UNDECLARED,
    { type: 'number' },
    { type: 'number', bareNumber: false },
  ] as const;
  const [readPlain, readPoint] = [UNDECLARED, UNDECLARED_POINT].map((fields) =>
    fields.map((field) => compile(field)),
  );

  /** Fields whose numbers are written as a format writes them. */
  function fieldsOf(format: Intl.NumberFormat): {
    readonly hasPoint: boolean;
    readonly number: Read | undefined;
    readonly integer: Read | undefined;
  } {
    const parts = format.formatToParts(-1_234_567.5);
    const find = (type: string): string | undefined => parts.find((part) => part.type === type)?.value;
    const [decimalChar = '.', groupChar] = [find('decimal'), find('group')];
    const groups = groupChar === undefined || groupChar === decimalChar ? {} : { groupChar };
    const options = { decimalChar, bareNumber: false, negative: NEGATIVE, ...groups };
    return {
      hasPoint: decimalChar === '.',
      number: compile({ type: 'number', ...options }),
      integer: compile({ type: 'integer', zeroFraction: true, ...options }),
    };
  }

  it('are the number that was written, with its sign and scale, or a row error', () => {
    const [declared, others] = [new Judgement(), new Judgement()];
    for (const locale of LOCALES) {
      const plain = fieldsOf(new Intl.NumberFormat(locale));
      for (const style of STYLES) {
        const isCompact = style.notation === 'compact';
        const digits = isCompact ? {} : { minimumFractionDigits: 0, maximumFractionDigits: 2 };
        const format = new Intl.NumberFormat(locale, {
          ...digits,
          ...style,
          ...(style.notation === 'scientific' ? { maximumFractionDigits: 9 } : {}),
        });
        // English in Denmark has other separators in accounting.
        const { number, integer, hasPoint } = style.currencySign === undefined ? plain : fieldsOf(format);
        for (const value of VALUES) {
          const text = format.format(value);
          const meant = style.style === 'percent' ? value * 100 : value;
          // Compact notation rounds by itself; the size and the sign must be right. Venetian has none, and writes 1.
          if (isCompact && (UNITS.test(text) || /^-?[0-9]$/.test(text))) continue;
          const slack = isCompact ? 0.07 * Math.abs(meant) : 0.000_001;
          const isRight = (landed: string): boolean => Math.abs(Number(landed) - meant) <= slack;
          declared.judge(number, locale, text, isRight);
          (Number.isInteger(meant) ? declared : others).judge(integer, locale, text, isRight);
          for (const read of (hasPoint ? readPoint : readPlain)!) others.judge(read, locale, text, isRight);
          for (const read of READ_OTHERS)
            others.judge(read, locale, text, (landed) => landed === 'f' && value === 0);
        }
      }
    }
    expect([...declared.wrong, ...others.wrong]).toEqual([]);
    expect(declared.share).toBeGreaterThan(0.75);
  });
});

describe('dates and times', () => {
  const MOMENTS_MEANT = [
    '1987-01-31T00:05:00',
    '1999-08-15T09:30:15',
    '2023-12-09T12:00:00',
    '2024-05-05T12:45:30',
  ]
    .concat(['2024-02-29T13:45:59', '2024-09-30T23:59:59'])
    .map((text) => ({ text, instant: Date.parse(`${text}Z`) }));
  const DIRECTIVES: Readonly<Partial<Record<string, string>>> = {
    day: '%d',
    weekday: '%A',
    minute: '%M',
    second: '%S',
    dayPeriod: '%p',
  };

  /** The pattern of a format, as somebody declares it who sees one date; undefined: it has a part that no pattern has. */
  function patternOf(format: Intl.DateTimeFormat): string | undefined {
    const parts = format.formatToParts(Date.UTC(2024, 10, 30, 13, 45, 59));
    const isHalfDay = parts.some(({ type }) => type === 'dayPeriod');
    const directives = parts.map(({ type, value }) => {
      switch (type) {
        case 'literal':
          return value.replaceAll('%', '%%');
        case 'month':
          return /\p{L}/u.test(value) ? '%B' : '%m';
        case 'year':
          return { 2: '%y', 4: '%Y' }[Array.from(value).length];
        case 'hour':
          return isHalfDay ? '%I' : '%H';
        default:
          return DIRECTIVES[type];
      }
    });
    return directives.includes(undefined) ? undefined : directives.join('');
  }

  function orderOf(locale: string): DateOrder | undefined {
    const parts = new Intl.DateTimeFormat(locale, { dateStyle: 'short', calendar: 'gregory' }).formatToParts(
      0,
    );
    const order = parts
      .map(({ type }) => ({ year: 'y', month: 'm', day: 'd' })[type as 'year'] ?? '')
      .join('');
    return order === 'ymd' || order === 'dmy' || order === 'mdy' ? order : undefined;
  }

  const DATE_STYLES = ['short', 'medium', 'long', 'full'] as const;
  const STYLES: readonly (Intl.DateTimeFormatOptions & { readonly field: 'date' | 'datetime' | 'time' })[] = [
    ...DATE_STYLES.map((dateStyle) => ({ field: 'date' as const, dateStyle })),
    { field: 'date', year: 'numeric', month: '2-digit', day: '2-digit' },
    { field: 'time', timeStyle: 'medium' },
    { field: 'time', hour: 'numeric', minute: '2-digit', second: '2-digit', hour12: true },
    { field: 'datetime', dateStyle: 'short', timeStyle: 'medium' },
    { field: 'datetime', dateStyle: 'full', timeStyle: 'medium', hour12: true },
  ];

  it('are the moment that was written, in whatever calendar, or a row error', () => {
    const [declared, others] = [new Judgement(), new Judgement()];
    const READ_OTHERS = [...OTHERS, { type: 'integer' }, { type: 'year' }, { type: 'number' }] as const;
    const readOthers = READ_OTHERS.map((field) => compile(field));
    const bare = (['integer', 'number'] as const).map((type) =>
      compile({ type, bareNumber: false, negative: NEGATIVES }),
    );
    for (const locale of LOCALES) {
      const dateOrder = orderOf(locale);
      const order = dateOrder === undefined ? {} : { dateOrder };
      const ofCalendar = (pivot: Kind): Record<'date' | 'datetime' | 'time', Read | undefined> => ({
        date: compile({ type: 'date', format: 'any', ...order, ...pivot }),
        datetime: compile({ type: 'datetime', format: 'any', ...order, ...pivot }),
        time: compile({ type: 'time', format: 'any' }),
      });
      const [inGregorian, inOther] = [ofCalendar({ pivotYear: 1950 }), ofCalendar({})];
      // The locale's own calendar, if it is another one.
      const isGregorian = new Intl.DateTimeFormat(locale).resolvedOptions().calendar === 'gregory';
      for (const { field, ...style } of STYLES)
        for (const calendar of isGregorian ? ['gregory'] : ['gregory', undefined]) {
          const format = new Intl.DateTimeFormat(locale, {
            ...style,
            timeZone: 'UTC',
            ...(calendar === undefined ? {} : { calendar }),
          });
          const own = format.resolvedOptions().calendar;
          const isRead = own === 'gregory' || own === 'buddhist' || field === 'time';
          const pattern = patternOf(format);
          const written = compile({
            type: field,
            locale,
            ...(pattern === undefined ? { format: '%' } : { format: pattern }),
            ...(field === 'time'
              ? {}
              : { pivotYear: 1950, ...(own === 'buddhist' ? { calendar: own } : {}) }),
          });
          for (const { text: meant, instant } of MOMENTS_MEANT) {
            const text = format.format(instant);
            const right = { date: meant.slice(0, 10), time: meant.slice(11), datetime: `${meant}Z` }[field];
            const isRight = (landed: string): boolean => landed === right;
            (isRead ? declared : others).judge(written, locale, text, isRight);
            // Kyrgyz writes the day before the month, in ISO's form otherwise: nobody could know.
            if (locale !== 'ky' || !/^\d{4}-\d\d-\d\d/.test(text))
              others.judge((own === 'gregory' ? inGregorian : inOther)[field], locale, text, isRight);
            for (const read of readOthers) others.judge(read, locale, text, () => false);
            for (const read of bare) others.judge(read, locale, text, () => false);
          }
        }
    }
    expect([...declared.wrong, ...others.wrong]).toEqual([]);
    expect(declared.share).toBeGreaterThan(0.98);
  });
});

// Dates and times in forms that a field declares: each is read as what it means, or not at all.
import { describe, expect, it } from 'vitest';
import { compileField } from '../../../../src/core/dataset/fields/compile-field.ts';
import type { WrittenField } from '../../../../src/core/dataset/types.ts';

type Kind = Partial<WrittenField>;
const compile = (field: Kind) => {
  const whole: WrittenField = { name: 'f', type: 'date', format: 'any', ...field };
  return compileField(whole, { fields: [whole] });
};
const read = (field: Kind, text: string) => compile(field).read(text);
const undefinedFor = (field: Kind, texts: readonly string[]): void =>
  expect(texts.filter((text) => read(field, text) !== undefined)).toEqual([]);

it('a year that may be of another calendar is none', () => {
  undefinedFor({}, ['1403/1/5', '2567/1/5', '5784/1/5']);
  expect(read({ calendar: 'gregorian' }, '5784/1/5')).toBe('5784-01-05');
});

describe('names of months and weekdays', () => {
  it.each<[string, string, string, string]>([
    ['de', '%d. %B %Y', '31. Januar 2024', '2024-01-31'],
    ['de', '%d. %B %Y', '1. März 2024', '2024-03-01'],
    ['de', '%d. %B %Y', '1. MÄRZ 2024', '2024-03-01'],
    ['de', '%d. %b %Y', '1. Sept. 2024', '2024-09-01'],
    ['de', '%d. %b %Y', '1. Sep 2024', '2024-09-01'],
    ['de', '%d.%b.%Y', '1.Dez.2024', '2024-12-01'],
    ['de', '%d-%b-%y', '1-Dez-24', '2024-12-01'],
    ['de-AT', '%d. %B %Y', '31. Jänner 2024', '2024-01-31'],
    ['fr', '%d %b %Y', '31 janv. 2024', '2024-01-31'],
    ['fr', '%d %b %Y', '1 août 2024', '2024-08-01'],
    ['fr', '%d %b %Y', '1 AOUT 2024', '2024-08-01'],
    ['fr', '%d %b %Y', '1 juil 2024', '2024-07-01'],
    ['es', '%d de %B de %Y', '31 de enero de 2024', '2024-01-31'],
    ['pt-BR', '%d de %b. de %Y', '1 de fev. de 2024', '2024-02-01'],
    ['it', '%A %d %B %Y', 'mercoledì 31 gennaio 2024', '2024-01-31'],
    ['en', '%d %b %Y', '1 Sept 2024', '2024-09-01'],
    ['tr', '%d %B %Y', '1 KASIM 2024', '2024-11-01'],
    ['tr', '%d %B %Y', '1 Ekim 2024', '2024-10-01'],
    ['pl', '%d %B %Y', '31 stycznia 2024', '2024-01-31'],
    ['pl', '%d %B %Y', '31 styczeń 2024', '2024-01-31'],
    ['ru', '%d %B %Y г.', '31 января 2024 г.', '2024-01-31'],
    ['ja', '%Y年%m月%d日(%a)', '2024年1月31日(水)', '2024-01-31'],
    ['vi', '%d %B, %Y', '31 tháng 12, 2024', '2024-12-31'],
    ['zh', '%Y年%B%d日', '2024年十二月1日', '2024-12-01'],
    ['th', '%d %b %Y', '31 ม.ค. 2024', '2024-01-31'],
  ])('of %s in %s: %s', (locale, format, text, date) => expect(read({ locale, format }, text)).toBe(date));

  it('mean one month, and end where they end', () => {
    undefinedFor({ locale: 'fr', format: '%d %b %Y' }, [
      '1 jui 2024',
      '1 ju 2024',
      '1 janvierx 2024',
      '1 march 2024',
    ]);
    undefinedFor({ locale: 'cs', format: '%d %B %Y' }, ['1 červ 2024', '1 Foo 2024']);
    expect(read({ locale: 'cs', format: '%d %B %Y' }, '1 červen 2024')).toBe('2024-06-01');
    expect(read({ locale: 'cs', format: '%d %B %Y' }, '1 července 2024')).toBe('2024-07-01');
    undefinedFor({ locale: 'vi', format: '%d %B, %Y' }, ['1 tháng 13, 2024', '1 tháng 0, 2024']);
    undefinedFor({ format: '%d %B %Y' }, ['31 Januar 2024', '31 Jan 2024']);
    expect(read({ format: '%d %b %Y' }, '1 Sept 2024')).toBe('2024-09-01');
    expect(read({ format: '%d%b%y' }, '1SEPT24')).toBe('2024-09-01');
    undefinedFor({ format: '%d %b %Y' }, ['1 September 2024', '1 Septe 2024', '1 Juny 2024']);
  });

  it('of weekdays must be those of the date', () => {
    const format = '%A, %d %b %Y';
    expect(read({ format }, 'Wednesday, 31 Jan 2024')).toBe('2024-01-31');
    expect(read({ format }, 'Wed, 31 Jan 2024')).toBe('2024-01-31');
    expect(read({ format }, 'Saturday, 1 Jan 0001')).toBeUndefined();
    expect(read({ format }, 'Monday, 1 Jan 0001')).toBe('0001-01-01');
    undefinedFor({ format }, ['Tuesday, 31 Jan 2024', 'Foo, 31 Jan 2024', '31 Jan 2024']);
  });
});

describe('a clock of twelve hours', () => {
  const time = (field: Kind, text: string) => read({ type: 'time', ...field }, text);
  it.each<[string, string, string, string]>([
    ['ja', '%p%I:%M', '午後0:30', '12:30:00'],
    ['ja', '%p%I:%M', '午前9:30', '09:30:00'],
    ['ja', '%p%I時%M分', '午後1時05分', '13:05:00'],
    ['es', '%I:%M %p', '1:30 p. m.', '13:30:00'],
    ['es', '%I:%M %p', '1:30\u00a0p.m.'.replace('\u00a0', ' '), '13:30:00'],
    ['zh-TW', '%p%I:%M', '下午1:30', '13:30:00'],
    ['ko', '%p %I:%M', '오후 1:30', '13:30:00'],
    ['de', '%I:%M %p', '1:30 PM', '13:30:00'],
  ])('in %s with %s: %s', (locale, format, text, value) =>
    expect(time({ locale, format }, text)).toBe(value),
  );

  it('has an hour in each part of the day, or none', () => {
    for (const text of ['凌晨11:30', '13:30 PM', '午後13:30'])
      expect(time({ locale: 'zh-TW', format: '%p%I:%M' }, text)).toBeUndefined();
    expect(time({ format: '%I:%M %p' }, '0:30 PM')).toBeUndefined();
  });

  it('is read in datetimes of format any, as spreadsheets and JavaScript write them', () => {
    const at = { type: 'datetime', dateOrder: 'mdy' } as const;
    expect(read(at, '1/31/2024 1:45:00 PM')).toBe('2024-01-31T13:45:00Z');
    expect(read(at, '1/31/2024, 1:45:00\u202fPM')).toBe('2024-01-31T13:45:00Z');
    expect(read(at, '1/31/2024 12:00 AM')).toBe('2024-01-31T00:00:00Z');
    expect(read({ type: 'datetime' }, '2024/1/31 午後1:45:00')).toBe('2024-01-31T13:45:00Z');
    expect(read({ type: 'datetime', timeZone: 'Asia/Tokyo' }, '2024/1/31 午後1:45')).toBe(
      '2024-01-31T13:45:00+09:00',
    );
    undefinedFor(at, ['1/31/2024 13:45 PM', '1/31/2024,1:45 PM', '1/31/2024 1:45 PM PM', '1/31/2024 1 PM']);
  });
});

describe('the Japanese calendar', () => {
  const era: Kind = { calendar: 'japanese' };
  it.each<[string, string]>([
    ['令和6年1月31日', '2024-01-31'],
    ['令和元年5月1日', '2019-05-01'],
    ['R6.1.31', '2024-01-31'],
    ['R06/01/31', '2024-01-31'],
    ['H31-4-30', '2019-04-30'],
    ['平成元年1月8日', '1989-01-08'],
    ['昭和64年1月7日', '1989-01-07'],
    ['S1.12.25', '1926-12-25'],
    ['大正15年12月25日', '1926-12-25'],
    ['明治45年7月30日', '1912-07-30'],
    ['大正元年7月30日', '1912-07-30'],
    ['明治6年1月1日', '1873-01-01'],
    ['2024/1/31', '2024-01-31'],
    ['2024-01-31', '2024-01-31'],
  ])('%s is %s', (text, date) => expect(read(era, text)).toBe(date));

  it('has no day outside its eras', () => {
    undefinedFor(era, [
      '令和元年4月30日',
      'R0.1.1',
      'H31.5.1',
      '平成36年1月31日',
      '昭和64年1月8日',
      '明治5年12月31日',
      '令和6年2月30日',
    ]);
    undefinedFor(era, ['令和6年1月', 'X6.1.31', '6.1.31', '令和六年1月31日', 'R6.1/31', '令和']);
    undefinedFor({}, ['令和6年1月31日', 'R6.1.31']);
  });

  it.each<[string, string]>([
    ['昭和64年1月8日', 'after 昭和 ended, on 昭和64年1月7日 (1989-01-07); that day would be 平成元年1月8日'],
    ['S64/1/8', 'after 昭和 ended, on 昭和64年1月7日 (1989-01-07); that day would be 平成元年1月8日'],
    [
      '平成36年1月31日',
      'after 平成 ended, on 平成31年4月30日 (2019-04-30); that day would be 令和6年1月31日',
    ],
    [
      '令和元年4月30日',
      'before 令和 began, on 令和元年5月1日 (2019-05-01); that day would be 平成31年4月30日',
    ],
    [
      '昭和元年12月24日',
      'before 昭和 began, on 昭和元年12月25日 (1926-12-25); that day would be 大正15年12月24日',
    ],
    [
      '大正15年12月26日',
      'after 大正 ended, on 大正15年12月25日 (1926-12-25); that day would be 昭和元年12月26日',
    ],
    [
      '大正1年7月29日',
      'before 大正 began, on 大正元年7月30日 (1912-07-30); that day would be 明治45年7月29日',
    ],
    ['M45.7.31', 'after 明治 ended, on 明治45年7月30日 (1912-07-30); that day would be 大正元年7月31日'],
    [
      '明治5年12月31日',
      'before 明治6年1月1日 (1873-01-01): until then months and days were those of the moon',
    ],
    ['令和6年2月30日', 'not a day of the calendar'],
    ['R0.1.1', 'year 0'],
  ])('says of %s why it is no day', (text, reason) => {
    const said = (field: Kind, cell: string): string =>
      JSON.stringify(compile({ ...era, ...field }).explain(cell));
    expect(said({ format: 'any' }, text)).toContain(reason);
    expect(said({ type: 'datetime', format: 'any' }, `${text} 13:45`)).toContain(reason);
  });

  it('says so in patterns too', () => {
    const problems = compile({ ...era, format: '%EC%Ey年%m月%d日' }).explain('昭和64年1月8日');
    expect(JSON.stringify(problems)).toContain('after 昭和 ended, on 昭和64年1月7日');
  });

  it('is read by patterns, and in datetimes', () => {
    expect(read({ ...era, format: '%EC%Ey年%m月%d日' }, '令和元年5月1日')).toBe('2019-05-01');
    expect(read({ ...era, format: '%EC%Ey.%m.%d' }, 'H31.5.1')).toBeUndefined();
    expect(read({ ...era, type: 'datetime' }, '令和6年1月31日 13:45')).toBe('2024-01-31T13:45:00Z');
    expect(() => compile({ ...era, format: '%EC年%m月%d日' })).toThrow('needs %EC and %Ey together');
  });
});

describe('other calendars', () => {
  it('the Buddhist year is 543 ahead', () => {
    const field: Kind = { calendar: 'buddhist', dateOrder: 'dmy' };
    expect(read(field, '31/1/2567')).toBe('2024-01-31');
    expect(read(field, '2567-01-31')).toBe('2024-01-31');
    expect(read(field, '29/2/2567')).toBe('2024-02-29');
    expect(read({ calendar: 'buddhist', format: '%d/%m/%Y' }, '31/01/2567')).toBe('2024-01-31');
    expect(read({ calendar: 'buddhist', format: '%d %b %Y', locale: 'th' }, '31 ม.ค. 2567')).toBe(
      '2024-01-31',
    );
    // A Gregorian year in such a column, a day that is none, and months whose year is not agreed.
    undefinedFor(field, ['31/1/2024', '2024-01-31', '29/2/2566', '1/1/2483', '31/3/2480']);
    expect(read(field, '1/4/2483')).toBe('1940-04-01');
  });

  it('the year of the Republic of China is 1911 behind', () => {
    const field: Kind = { calendar: 'roc' };
    for (const text of [
      '113/1/31',
      '113-01-31',
      '113.1.31',
      '113年1月31日',
      '民國113年1月31日',
      '中華民國113年1月31日',
    ])
      expect(read(field, text), text).toBe('2024-01-31');
    expect(read({ ...field, format: '%Y%m%d' }, '1130131')).toBe('2024-01-31');
    expect(read({ ...field, format: '%Y/%m/%d' }, '99/12/31')).toBe('2010-12-31');
    undefinedFor(field, ['2024/1/31', '2024-01-31', '0/1/31', '113/2/29x']);
  });

  it('that nobody declares make a year doubtful, but in ISO form', () => {
    const dmy: Kind = { dateOrder: 'dmy' };
    undefinedFor(dmy, ['31/1/2567', '11/11/1402', '19/7/1445']);
    undefinedFor({}, ['2567/1/31', '1402/11/11']);
    undefinedFor({ format: '%d/%m/%Y' }, ['31/01/2567']);
    undefinedFor({ type: 'datetime', ...dmy }, ['31/1/2567 10:00']);
    for (const field of [dmy, { type: 'datetime', ...dmy } as const])
      expect(compile(field).explain(field.type ? '31/1/2567 10:00' : '31/1/2567')[0]!.message).toContain(
        'declare the calendar of the field ("gregorian" if it is none of these)',
      );
    expect(read({}, '2567-01-31')).toBe('2567-01-31');
    expect(read({ ...dmy, calendar: 'gregorian' }, '11/11/1402')).toBe('1402-11-11');
    expect(read(dmy, '31/12/9999')).toBe('9999-12-31');
    expect(read(dmy, '31/12/1066')).toBe('1066-12-31');
  });
});

describe('years of two digits', () => {
  it.each<[Kind, string, string | undefined]>([
    [{ dateOrder: 'dmy', pivotYear: 1950 }, '31.12.49', '2049-12-31'],
    [{ dateOrder: 'dmy', pivotYear: 1950 }, '31.12.50', '1950-12-31'],
    [{ dateOrder: 'mdy', pivotYear: 1999 }, '12/31/98', '2098-12-31'],
    [{ dateOrder: 'mdy', pivotYear: 1999 }, '12/31/99', '1999-12-31'],
    [{ dateOrder: 'ymd', pivotYear: 1950 }, '24/12/31', '2024-12-31'],
    [{ dateOrder: 'dmy', pivotYear: 1950 }, '29/2/23', undefined],
    [{ dateOrder: 'dmy', pivotYear: 1950 }, '31/12/024', undefined],
    [{ dateOrder: 'dmy', pivotYear: 1950 }, '31/12/2024', '2024-12-31'],
    [{ dateOrder: 'dmy', pivotYear: 2500, calendar: 'buddhist' }, '31/12/67', '2024-12-31'],
    [{ dateOrder: 'dmy', pivotYear: 1950, calendar: 'buddhist' }, '31/12/67', undefined],
    [{ format: '%d/%m/%y', pivotYear: 2500, calendar: 'buddhist' }, '31/12/67', '2024-12-31'],
    [{ format: '%d/%m/%y', calendar: 'buddhist' }, '31/12/67', undefined],
    [{ pivotYear: 1950 }, '24/12/31', undefined],
    [{ pivotYear: 1950 }, '31/12/24', undefined],
    [{ dateOrder: 'dmy' }, '31/12/24', undefined],
    [{ format: '%d.%m.%y' }, '31.12.68', '2068-12-31'],
    [{ format: '%d.%m.%y', pivotYear: 1920 }, '31.12.68', '1968-12-31'],
    [{ type: 'datetime', dateOrder: 'dmy', pivotYear: 1950 }, '31.12.24 9:30', '2024-12-31T09:30:00Z'],
  ])('%j: %s is %s', (field, text, value) => {
    expect(read(field, text)).toBe(value);
  });

  it('are explained', () => {
    expect(compile({ dateOrder: 'dmy' }).explain('31/12/24')[0]!.message).toMatch(
      /declare pivotYear, the first of the hundred years they can mean$/,
    );
    expect(compile({}).explain('31/12/24')[0]!.message).toMatch(
      /declare pivotYear, .*, and say the place of the year with dateOrder$/,
    );
    expect(compile({ pivotYear: 1950 }).explain('31/12/24')[0]!.message).toContain(
      'say its place with dateOrder',
    );
  });
});

describe('the end of a day', () => {
  it('is 24:00 where it is declared', () => {
    const at: Kind = { type: 'datetime', hour24: true };
    expect(read(at, '2024-02-28 24:00')).toBe('2024-02-29T00:00:00Z');
    expect(read(at, '2024-12-31 24:00:00')).toBe('2025-01-01T00:00:00Z');
    expect(read({ ...at, format: 'default' }, '2024-01-31T24:00:00+09:00')).toBe('2024-02-01T00:00:00+09:00');
    expect(read({ ...at, format: '%d.%m.%Y %H:%M' }, '31.1.2024 24:00')).toBe('2024-02-01T00:00:00Z');
    expect(read({ ...at, timeZone: 'Europe/Berlin' }, '2024-03-30 24:00')).toBe('2024-03-31T00:00:00+01:00');
    undefinedFor(at, ['2024-01-31 24:01', '2024-01-31 24:00:00.5', '2024-01-31 25:00', '9999-12-31 24:00']);
    for (const format of ['any', '%H:%M:%S', 'default'])
      expect(read({ type: 'time', hour24: true, format }, '24:00:00')).toBe('24:00:00');
    undefinedFor({ type: 'time', hour24: true }, ['24:01', '24:00 PM', '24:00:01']);
  });

  it('is explained where it is not', () => {
    for (const [field, text] of [
      [{ type: 'time' }, '24:00'],
      [{ type: 'datetime' }, '2024-01-31 24:00'],
      [{ type: 'datetime', format: 'default' }, '2024-01-31T24:00:00Z'],
    ] as const)
      expect(compile(field).explain(text)[0]!.message).toContain('declare hour24');
  });
});

describe('a clock that shows what none of Postgres does', () => {
  it.each<[Kind, string, string]>([
    [{ type: 'datetime', format: 'default' }, '2016-12-31T23:59:60Z', 'a leap second'],
    [{ type: 'datetime' }, '2016-12-31 23:59:60', 'a leap second'],
    [{ type: 'time', format: 'default' }, '23:59:60', 'a leap second'],
    [{ type: 'datetime', format: 'default' }, '2024-01-31T13:45:00.123456789Z', 'declare cutFraction'],
    [
      { type: 'datetime', format: 'default' },
      '2024-01-31T13:45:00+25:00',
      'whose offset +25:00 no clock has',
    ],
    [{ type: 'datetime' }, '2024-01-31 13:45 -1430', 'whose offset -14:30 no clock has'],
    [{ type: 'datetime' }, '2024-01-31 13:45:00.5+09:75', 'whose offset +09:75 no clock has'],
  ])('is a row error with its own reason: %j %s', (field, text, reason) => {
    const { read: readIt, explain } = compile({ format: 'any', ...field });
    expect(readIt(text)).toBeUndefined();
    const { message } = explain(text)[0]!;
    expect(message).toContain(reason);
    expect(message).not.toContain('0001 to 9999');
  });
});

describe('fractions of a second', () => {
  it('have six digits, and zeros behind them', () => {
    const format = '%H:%M:%S.%f';
    expect(read({ type: 'time', format }, '1:02:03.1234560')).toBe('01:02:03.123456');
    expect(read({ type: 'time', format }, '1:02:03.123456000')).toBe('01:02:03.123456');
    expect(read({ type: 'time' }, '1:02:03.500000000')).toBe('01:02:03.5');
    undefinedFor({ type: 'time', format }, ['1:02:03.1234567', '1:02:03.000000001']);
    undefinedFor({ type: 'time' }, ['1:02:03.1234567']);
    expect(compile({ type: 'time' }).explain('1:02:03.1234567')[0]!.message).toContain('declare cutFraction');
  });

  it('are cut off behind the sixth where it is declared', () => {
    for (const format of ['any', 'default', '%H:%M:%S.%f'])
      expect(read({ type: 'time', cutFraction: true, format }, '01:02:03.123456999')).toBe('01:02:03.123456');
    for (const format of ['any', 'default', '%Y-%m-%dT%H:%M:%S.%f%z'])
      expect(
        read({ type: 'datetime', cutFraction: true, format }, '2024-01-31T01:02:03.999999999+09:00'),
      ).toBe('2024-01-31T01:02:03.999999+09:00');
  });
});

describe('seconds and milliseconds since 1970', () => {
  it.each<[Kind, string, string | undefined]>([
    [{ format: 'epochSeconds' }, '0', '1970-01-01T00:00:00Z'],
    [{ format: 'epochSeconds' }, '1706708700', '2024-01-31T13:45:00Z'],
    [{ format: 'epochSeconds' }, '-1.5', '1969-12-31T23:59:58.5Z'],
    [{ format: 'epochSeconds' }, '1706708700.123456', '2024-01-31T13:45:00.123456Z'],
    [{ format: 'epochSeconds' }, '1706708700.1234567', undefined],
    [{ format: 'epochSeconds', cutFraction: true }, '1706708700.1234567', '2024-01-31T13:45:00.123456Z'],
    [{ format: 'epochSeconds' }, '253402300799', '9999-12-31T23:59:59Z'],
    [{ format: 'epochSeconds' }, '253402300800', undefined],
    [{ format: 'epochSeconds' }, '-62135596800', '0001-01-01T00:00:00Z'],
    [{ format: 'epochSeconds' }, '-62135596801', undefined],
    // Milliseconds for seconds.
    [{ format: 'epochSeconds' }, '1706708700123', undefined],
    [{ format: 'epochMilliseconds' }, '1706708700123', '2024-01-31T13:45:00.123Z'],
    [{ format: 'epochMilliseconds' }, '-1', '1969-12-31T23:59:59.999Z'],
    [{ format: 'epochMilliseconds' }, '1706708700123.456', '2024-01-31T13:45:00.123456Z'],
    [{ format: 'epochMilliseconds' }, '253402300800000', undefined],
    [{ format: 'epochSeconds' }, '1e9', undefined],
    [{ format: 'epochSeconds' }, '', null as unknown as undefined],
    [{ format: 'epochSeconds' }, '2024-01-31', undefined],
    [{ format: 'epochSeconds' }, '1706708700.', undefined],
  ])('%j: %s', (field, text, value) => expect(read({ type: 'datetime', ...field }, text)).toBe(value));

  it.each<[string, string, string]>([
    ['epochSeconds', '20240105', 'declare the type date and the format "%Y%m%d"'],
    ['epochSeconds', '05012024', 'declare the type date and the format "%d%m%Y"'],
    ['epochSeconds', '202401051345', 'declare the format "%Y%m%d%H%M"'],
    ['epochSeconds', '2024', 'looks like a year'],
    ['epochSeconds', '202401', 'looks like a month'],
    ['epochSeconds', '240105', 'looks like a day without separators, with a year of two digits'],
    ['epochSeconds', '2024005', 'YYYYDDD'],
    ['epochSeconds', '45322', 'looks like a day number of a spreadsheet'],
    ['epochSeconds', '45322.573', 'looks like a day number of a spreadsheet'],
    [
      'epochSeconds',
      '1706708700123',
      'declare the format "epochMilliseconds" to read it as 2024-01-31T13:45:00.123Z',
    ],
    // Of 1975, 1972 and 1968.
    [
      'epochSeconds',
      '157770000000',
      'declare the format "epochMilliseconds" to read it as 1975-01-01T01:00:00Z',
    ],
    [
      'epochSeconds',
      '63075000000',
      'declare the format "epochMilliseconds" to read it as 1972-01-01T00:50:00Z',
    ],
    ['epochSeconds', '-63075000000', 'declare the format "epochMilliseconds" to read it as'],
    [
      'epochMilliseconds',
      '1706708700',
      'declare the format "epochSeconds" to read it as 2024-01-31T13:45:00Z',
    ],
    [
      'epochMilliseconds',
      '-157770000',
      'declare the format "epochSeconds" to read it as 1964-12-31T23:00:00Z',
    ],
    ['epochMilliseconds', '20240105134500', 'declare the format "%Y%m%d%H%M%S"'],
    ['epochMilliseconds', '45322', 'looks like a day number of a spreadsheet'],
  ])('are not %s: %s, which is a row error that says what to declare', (format, text, says) => {
    const field = compile({ type: 'datetime', format });
    expect(field.read(text)).toBeUndefined();
    expect(field.explain(text)[0]!.message).toContain(says);
    const [, declared] = /declare (?:the type date and )?the format "([^"]+)"/.exec(says) ?? [];
    if (declared === undefined) return;
    const type = says.includes('the type date') ? 'date' : 'datetime';
    expect(compile({ type, format: declared }).read(text)).toMatch(
      /^(?:2024-01-|1975-01-01|197[02]|196[478])/,
    );
  });

  it.each<[string, string]>([
    ['epochSeconds', '8985600'],
    ['epochSeconds', '31536000'],
    ['epochSeconds', '32503680000'],
    ['epochSeconds', '86400'.padStart(6, '0')],
    ['epochMilliseconds', '86400000'],
    ['epochMilliseconds', '946684800000'],
    ['epochMilliseconds', '32503680000000'],
  ])('are %s: %s', (format, text) => expect(read({ type: 'datetime', format }, text)).toBeTypeOf('string'));

  it('a pattern without separators does not take the year for a day', () => {
    for (const format of ['%d%m%Y', '%m%d%Y'])
      for (const text of ['20120105', '20101231', '20111011']) {
        const field = compile({ format });
        if (field.read(text) !== undefined) throw new Error(`${format} ${text}: ${field.read(text)}`);
      }
    expect(compile({ format: '%d%m%Y' }).explain('20120105')[0]!.message).toContain(
      'declare the format "%Y%m%d"',
    );
    expect(read({ format: '%d%m%Y' }, '05012012')).toBe('2012-01-05');
    expect(read({ type: 'datetime', format: '%d%m%Y%H%M' }, '201201051345')).toBeUndefined();
  });

  it('are compared as the instants that they are', () => {
    const { read: within } = compile({
      type: 'datetime',
      format: 'epochSeconds',
      constraints: { minimum: 1706708700 },
    });
    expect(within('1706708700')).toBe('2024-01-31T13:45:00Z');
    expect(within('1706708699')).toBeUndefined();
  });
});

describe('a date that a reader understands and the field does not declare', () => {
  it.each<[Kind, string, string]>([
    [{}, '2024. 1. 5.', '2024-01-05'],
    [{}, '2024. 01. 05', '2024-01-05'],
    [{}, '2024.1.5.', '2024-01-05'],
    [{}, '2024\ub144 1\uc6d4 5\uc77c', '2024-01-05'],
    [{}, '2024 \u5e74 1 \u6708 5 \u65e5', '2024-01-05'],
    [{ calendar: 'japanese' }, '令和6年 1月 5日', '2024-01-05'],
    [{ calendar: 'japanese', normalize: ['nfkc'] }, '令和６年１月５日', '2024-01-05'],
    [{ dateOrder: 'dmy' }, '5. 1. 2024', '2024-01-05'],
    [{ dateOrder: 'dmy' }, '5.1.2024.', '2024-01-05'],
    [{ type: 'datetime' }, '2024. 1. 5. 13:45', '2024-01-05T13:45:00Z'],
  ])('%j takes %s', (field, text, value) => expect(read(field, text)).toBe(value));

  it('is none with blanks elsewhere, or parts that do not belong together', () => {
    undefinedFor({}, [
      '2024. 1',
      '2024. 1. 5. 6',
      '2024. 1年 5日',
      '2024.  1.  5',
      '2024. 13. 5.',
      '24. 1. 5.',
    ]);
  });

  const D: Kind = { format: 'default' };
  it.each<[Kind, string, string]>([
    [D, '2024. 1. 5.', '2024-01-05'],
    [D, '2024年1月5日', '2024-01-05'],
    [D, '2024\ub144 1\uc6d4 5\uc77c', '2024-01-05'],
    [D, '20240105', '2024-01-05'],
    [D, '令和６年１月５日', '2024-01-05'],
    [{}, '令和６年１月５日', '2024-01-05'],
    [{ calendar: 'japanese' }, '令和６年１月５日', '2024-01-05'],
    [D, '５.１.２０２４', '2024-01-05'],
    [D, '25.01.2024', '2024-01-25'],
    [{}, '5. Januar 2024', '2024-01-05'],
    [D, '5. Jan. 2024', '2024-01-05'],
    [{}, '5 de enero de 2024', '2024-01-05'],
    [{}, '5 janvier 2024', '2024-01-05'],
    [{}, '5 gennaio 2024', '2024-01-05'],
    [{}, '5 stycznia 2024', '2024-01-05'],
    [{}, '5 января 2024 г.', '2024-01-05'],
    [{}, '5 Ocak 2024', '2024-01-05'],
    [{}, 'January 5, 2024', '2024-01-05'],
    [{}, 'Jan 5, 2024', '2024-01-05'],
    [{}, '05-Jan-2024', '2024-01-05'],
    [{}, 'Friday, January 5, 2024', '2024-01-05'],
    [{}, 'Freitag, 5. Januar 2024', '2024-01-05'],
    [{}, 'vendredi 5 janvier 2024', '2024-01-05'],
    [{}, '2024 m. sausio 5 d.', '2024-01-05'],
    [{}, '2024. január 5.', '2024-01-05'],
    [{ format: '%d %B %Y' }, '5 janvier 2024', '2024-01-05'],
    [{}, '1st Jan 2026', '2026-01-01'],
    [{}, 'January 22nd, 2026', '2026-01-22'],
    [{}, 'Thursday, 1st of January 2026', '2026-01-01'],
    [{}, '1er janvier 2026', '2026-01-01'],
    [{}, '1º de enero de 2026', '2026-01-01'],
    [{ format: '%d %B %Y' }, '12th August 2026', '2026-08-12'],
    [{ type: 'datetime' }, '3rd March 2026 13:45', '2026-03-03T13:45:00Z'],
    [{ type: 'datetime' }, '5. Januar 2024 13:45', '2024-01-05T13:45:00Z'],
    [{ type: 'datetime' }, 'Jan 5, 2024 1:45 PM', '2024-01-05T13:45:00Z'],
    [{ type: 'datetime', format: 'default' }, '2024/1/5 13:45', '2024-01-05T13:45:00Z'],
  ])('%j gets advice that is true for %s', (field, text, value) => {
    const compiled = compile(field);
    expect(compiled.read(text)).toBeUndefined();
    const [{ message } = { message: '' }] = compiled.explain(text);
    const ways = message.split('; declare ')[1]?.split(', or ') ?? [];
    const declared = ways.map((way) => ({
      format: /the format "([^"]+)"/.exec(way)?.[1],
      locale: /the locale "([^"]+)"/.exec(way)?.[1],
      calendar: /the calendar "([^"]+)"/.exec(way)?.[1],
      dateOrder: /dateOrder=(\w+)/.exec(way)?.[1],
      normalize: /"(nfkc|digits)" in normalize/.exec(way)?.[1],
      says: / to read it as (.*)$/.exec(way)?.[1],
    }));
    expect(
      declared.map(({ says }) => says),
      message,
    ).toContain(value);
    for (const { says, normalize, ...others } of declared) {
      const given = Object.fromEntries(Object.entries(others).filter(([, said]) => said !== undefined));
      const steps = normalize === undefined ? {} : { normalize: [normalize] };
      expect(read({ ...field, ...given, ...steps } as Kind, text), message).toBe(says);
    }
  });

  it.each(['n/a', '1th January 2024', '31 Foo 2024', '1st Foo 2024', '5 2024', '100%'])(
    'gets none where nothing would help: %s',
    (text) => expect(compile({}).explain(text)[0]!.message).not.toContain('to read it as'),
  );
});

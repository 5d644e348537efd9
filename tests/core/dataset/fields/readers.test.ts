// Each type and format: texts it takes with the Postgres text they become (true: the text itself), and texts it refuses.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareDecimals, decimalKey } from '../../../../src/core/dataset/fields/readers/decimal.ts';
import { createTypeReader } from '../../../../src/core/dataset/fields/readers/create-type-reader.ts';
import type { WrittenField } from '../../../../src/core/dataset/types.ts';

type Kind = Omit<WrittenField, 'name'>;
interface Case {
  readonly field: Kind;
  readonly takes: Readonly<Record<string, string | true>>;
  readonly refuses: readonly string[];
}

const DIGITS_1000 = '9'.repeat(1000);

const CASES: readonly Case[] = [
  {
    field: { type: 'string' },
    takes: {
      a: true,
      ' a ': true,
      "'01": true,
      '=cmd()': true,
      '\u0007\u001b': true,
      '\uFFFD': true,
      ['__proto__']: true,
      '\\.': true,
    },
    refuses: [],
  },
  {
    field: { type: 'string', format: 'email' },
    takes: {
      'a@b.jp': true,
      'taro.yamada+x@mail.example.co.jp': true,
      'a..b.@docomo.ne.jp': true,
      "o'neil@example.com": true,
      '山田@例え.jp': true,
      'a@xn--r8jz45g.jp': true,
    },
    refuses: [
      '',
      'a',
      'a@',
      '@b.jp',
      'a@b',
      'a@b.',
      'a@.jp',
      'a@b..jp',
      'a@-b.jp',
      'a@b-.jp',
      'a@b.jp-',
      'a b@c.jp',
      'a@b@c.jp',
      'a@b.jp\n',
      'taro＠example.jp',
      'ｔａｒｏ@example.jp',
      'a@ｂ.jp',
      'a\\b@c.jp',
      'a,b@c.jp',
      `${'a'.repeat(250)}@b.jp`,
    ],
  },
  {
    field: { type: 'string', format: 'uri' },
    takes: {
      'https://example.com': true,
      'http://例え.jp/道?x=1#y': true,
      'mailto:a@b.jp': true,
      'urn:isbn:123': true,
      'https://a.b/%20': true,
    },
    refuses: [
      '',
      'example.com',
      '/path',
      'http:',
      'http://',
      'https:///x',
      'https://a b',
      'https://a/%zz',
      'http://a/"b"',
      'http://a\\b',
      'ht tp://a',
    ],
  },
  {
    field: { type: 'string', format: 'uuid' },
    takes: { '0190a6c2-7b1e-7c3d-9f00-1234567890ab': true, '0190A6C2-7B1E-7C3D-9F00-1234567890AB': true },
    refuses: [
      '',
      '0190a6c27b1e7c3d9f001234567890ab',
      '{0190a6c2-7b1e-7c3d-9f00-1234567890ab}',
      '0190a6c2-7b1e-7c3d-9f00-1234567890ag',
    ],
  },
  { field: { type: 'any' }, takes: { x: true, '1': true }, refuses: [] },
  {
    field: { type: 'integer' },
    takes: {
      '0': true,
      '-0': true,
      '+5': true,
      '007': true,
      '9007199254740993': true,
      '9223372036854775807': true,
      '-9223372036854775808': true,
      '0000000000000000000000012': '12',
      '-0000000000000000000000012': '-12',
    },
    refuses: [
      '',
      '-',
      '+',
      '1.0',
      '1,000',
      ' 1',
      '1 ',
      '1e3',
      '0x1f',
      '٣',
      '３',
      'NaN',
      '--1',
      '9223372036854775808',
      '-9223372036854775809',
      '1_000',
      `1${'0'.repeat(400)}`,
    ],
  },
  {
    field: { type: 'integer', groupChar: ',' },
    takes: {
      '1,234,567': '1234567',
      '12,34,567': '1234567',
      '1,00,000': '100000',
      '1234567': true,
      '001234': true,
      '-1,000': '-1000',
    },
    refuses: [
      '1,5',
      '1,50',
      '1,2345',
      ',123',
      '1,',
      '1,,000',
      '1,000.0',
      '0,500',
      '-0,500',
      '00,500',
      '001,234',
      '0,12,345',
      '000,000',
      '1,234,56,789',
      '123,45,678',
    ],
  },
  {
    field: { type: 'integer', bareNumber: false },
    takes: { '¥1000': '1000', '95%': '95', '約 12 個': '12', '-5 円': '-5', '5': true },
    refuses: [
      '¥1.5',
      'a1b2',
      '円',
      '1,000円',
      '1-2',
      '(5)',
      '▲5',
      '−5',
      '5k',
      '１２',
      '5²',
      '0xFF',
      '5-',
      '-¥5',
    ],
  },
  {
    field: { type: 'number' },
    takes: {
      '1': true,
      '1.50': true,
      '-.5': true,
      '5.': true,
      '+1.5': true,
      '1e3': true,
      '1E-3': true,
      '1e400': true,
      '0.1000000000000000055511151231257827': true,
      '123456789012345678901234567890.123456789': true,
      [DIGITS_1000]: true,
      '1e999': true,
      '1e-1000': true,
    },
    refuses: [
      '',
      '.',
      '-',
      'NaN',
      'nan',
      'INF',
      '-INF',
      'Infinity',
      '1,5',
      '1.2.3',
      '1e',
      '1e+',
      'e5',
      '0x1',
      '٣.٥',
      '１',
      ' 1',
      `${DIGITS_1000}9`,
      '1e1001',
      '1e-1001',
      '1e131071',
      '1e99999999999',
    ],
  },
  {
    field: { type: 'number', decimalChar: ',', groupChar: '.' },
    takes: { '1.234,50': '1234.50', '1,5': '1.5', '1234': true, ',5': '.5', '-1.000.000': '-1000000' },
    refuses: ['1.5', '1,5,5', '1,234.5', '1.23', ',', '0.500', '0.500,25', '001.234', '+0.123.456'],
  },
  {
    field: { type: 'number', groupChar: ' ', bareNumber: false },
    takes: { '€1 234.5': '1234.5', '12.5 kg': '12.5', '$-3': '-3' },
    refuses: ['kg', '1.2.3', '3-4', '€0 500', '€012 345'],
  },
  {
    field: { type: 'boolean' },
    takes: { true: 't', True: 't', TRUE: 't', '1': 't', false: 'f', False: 'f', FALSE: 'f', '0': 'f' },
    refuses: ['', 'yes', 't', 'on', 'tRUE', '２'],
  },
  {
    field: { type: 'boolean', trueValues: ['有'], falseValues: ['無', ''] },
    takes: { 有: 't', 無: 'f', '': 'f' },
    refuses: ['true', '1'],
  },
  {
    field: { type: 'date' },
    takes: {
      '2024-12-31': true,
      '2024-02-29': true,
      '2000-02-29': true,
      '0001-01-01': true,
      '9999-12-31': true,
    },
    refuses: [
      '',
      '2023-02-29',
      '1900-02-29',
      '2024-13-01',
      '2024-00-10',
      '2024-04-31',
      '2024-01-00',
      '0000-01-01',
      '10000-01-01',
      '-2024-01-01',
      '2024-1-1',
      '2024/12/31',
      '31/12/2024',
      'today',
      'infinity',
      '-infinity',
      'epoch',
      'J2451187',
      '45292',
      '20241231',
      '2024-12-31 ',
      '2024-12-31T00:00:00',
      '２０２４-12-31',
      '12024-12-31',
    ],
  },
  {
    field: { type: 'date', format: 'any' },
    takes: {
      '2024-12-31': true,
      '2024/12/31': '2024-12-31',
      '2024/1/5': '2024-01-05',
      '2024.1.5': '2024-01-05',
      '2024-1-5': '2024-01-05',
      '2024年1月5日': '2024-01-05',
    },
    refuses: [
      '2023/2/29',
      '2024/12-31',
      '24/12/31',
      '31/12/2024',
      '1/5',
      '2024年1月5',
      '2024/001/5',
      '2024/1/5 ',
      '2024/1/5日',
      '45292',
      '20241231',
      '2024/1/',
      '2024//5',
    ],
  },
  {
    field: { type: 'date', format: 'any', dateOrder: 'ymd' },
    takes: { '2024/12/31': '2024-12-31' },
    refuses: ['31/12/2024', '12/31/2024', '01/02/2024'],
  },
  {
    field: { type: 'date', format: 'any', dateOrder: 'dmy' },
    takes: {
      '2024-12-31': true,
      '2024/1/5': '2024-01-05',
      '31/12/2024': '2024-12-31',
      '1/2/2024': '2024-02-01',
      '01-02-2024': '2024-02-01',
      '1.2.2024': '2024-02-01',
      '29/02/2024': '2024-02-29',
    },
    refuses: [
      '12/31/2024',
      '29/02/2023',
      '1/2/24',
      '1/1/69',
      '1/2-2024',
      '1 2 2024',
      '001/2/2024',
      '1/002/2024',
      '1/2/02024',
      '1/2/0000',
      '/2/2024',
      '1//2024',
      '1/2/2024 ',
      '１/２/２０２４',
      '1年2月2024日',
    ],
  },
  {
    field: { type: 'date', format: 'any', dateOrder: 'mdy' },
    takes: { '12/31/2024': '2024-12-31', '1/2/2024': '2024-01-02', '2024-12-31': true },
    refuses: ['31/12/2024', '2/30/2024'],
  },
  {
    field: { type: 'datetime', format: 'any', dateOrder: 'dmy' },
    takes: { '1/2/2024 9:30': '2024-02-01T09:30:00Z', '2024/1/5 9:30': '2024-01-05T09:30:00Z' },
    refuses: ['1/2/2024', '1/31/2024 9:30', '1/2/24 9:30'],
  },
  {
    field: { type: 'date', format: '%d/%m/%Y' },
    takes: { '31/12/2020': '2020-12-31', '1/2/2020': '2020-02-01' },
    refuses: ['2020-12-31', '12/31/2020', '31/02/2020', '31/12/20', '31/12/2020 '],
  },
  {
    field: { type: 'date', format: '%Y年%m月%d日' },
    takes: { '2024年12月31日': '2024-12-31', '2024年1月5日': '2024-01-05' },
    refuses: ['2024年13月1日', '2024-01-05', '2024年1月5'],
  },
  {
    field: { type: 'date', format: '%Y%m%d' },
    takes: { '20240105': '2024-01-05' },
    refuses: ['2024105', '202415', '2024-01-05', '20230229'],
  },
  {
    field: { type: 'date', format: '%d.%m.%y' },
    takes: { '31.12.69': '1969-12-31', '1.1.68': '2068-01-01' },
    refuses: ['31.12.1969'],
  },
  {
    field: { type: 'date', format: '%d %B %Y' },
    takes: { '5 March 2024': '2024-03-05', '5 march 2024': '2024-03-05' },
    refuses: ['5 Mar 2024', '5 Foo 2024'],
  },
  {
    field: { type: 'date', format: '%b %e, %Y 100%%' },
    takes: { 'Mar 5, 2024 100%': '2024-03-05' },
    refuses: ['Mar 5, 2024'],
  },
  {
    field: { type: 'datetime' },
    takes: {
      '2024-12-31T15:30:59': '2024-12-31T15:30:59Z',
      '2024-12-31T15:30:59Z': true,
      '2024-12-31T15:30:59.123456+09:00': true,
      '2024-12-31T00:00:00-14:00': true,
      '2024-12-31T00:00:00.1234560': '2024-12-31T00:00:00.1234560Z',
    },
    refuses: [
      '',
      '2024-12-31',
      '2024-12-31 15:30:59',
      '2024-12-31T15:30',
      '2024-12-31T24:00:00',
      '2024-12-31T23:59:60',
      '2023-02-29T00:00:00Z',
      '2024-12-31T15:30:59.',
      '2024-12-31T15:30:59.1234567',
      '2024-12-31T15:30:59+0900',
      '2024-12-31T15:30:59+15:00',
      '2024-12-31T15:30:59+14:01',
      '2024-12-31T15:30:59+09:60',
      '2024-12-31T15:30:59 JST',
      'now',
      '2024-12-31T15:30:59ZZ',
    ],
  },
  {
    field: { type: 'datetime', format: 'any' },
    takes: {
      '2024/1/5 9:30': '2024-01-05T09:30:00Z',
      '2024-12-31 15:30:59': '2024-12-31T15:30:59Z',
      '2024-12-31T15:30:59.5+09:00': '2024-12-31T15:30:59.5+09:00',
      '2024-12-31 15:30:59 +0900': '2024-12-31T15:30:59+09:00',
      '2024-12-31 15:30+09': '2024-12-31T15:30:00+09:00',
      '2024年1月5日 9:30': '2024-01-05T09:30:00Z',
    },
    refuses: [
      '2024-12-31',
      '2024/1/5 25:00',
      '2024/1/5 9',
      '2024/1/5 9:3',
      '2024/1/5 9:30:',
      '2024/1/5  9:30',
      '2024/1/5 9:30+9',
      '2024/1/5 9:30 +',
    ],
  },
  {
    field: { type: 'datetime', format: '%d/%m/%Y %I:%M %p' },
    takes: {
      '31/12/2024 03:30 PM': '2024-12-31T15:30:00Z',
      '31/12/2024 12:05 am': '2024-12-31T00:05:00Z',
      '31/12/2024 12:05 PM': '2024-12-31T12:05:00Z',
    },
    refuses: ['31/12/2024 15:30 PM', '31/12/2024 03:30', '31/12/2024 00:30 AM'],
  },
  {
    field: { type: 'datetime', format: '%FT%T.%f%z' },
    takes: {
      '2024-12-31T15:30:59.250000+0900': '2024-12-31T15:30:59.25+09:00',
      '2024-12-31T15:30:59.0Z': '2024-12-31T15:30:59Z',
    },
    refuses: ['2024-12-31T15:30:59.1234567Z'],
  },
  {
    field: { type: 'time' },
    takes: { '15:30:59': true, '00:00:00': true, '23:59:59.999999': true },
    refuses: [
      '',
      '24:00:00',
      '15:30',
      '9:30:00',
      '15:30:60',
      '15:60:00',
      '15:30:59Z',
      '15:30:59.1234567',
      'now',
    ],
  },
  {
    field: { type: 'time', format: 'any' },
    takes: {
      '9:30': '09:30:00',
      '15:30:59.5': '15:30:59.5',
      '09:30:00': '09:30:00',
      '9:30pm': '21:30:00',
      '9:30 AM': '09:30:00',
      '12:05\u202fa.m.': '00:05:00',
      '12:05:59 PM': '12:05:59',
      '午前9:30': '09:30:00',
      '午後 0:30': '12:30:00',
      '오후 1:30': '13:30:00',
      '下午1:30': '13:30:00',
    },
    refuses: [
      '9',
      '9:3',
      '24:00',
      '13:30 PM',
      '0:30 AM',
      '9:30 XM',
      '9:30 pmx',
      '午後13:30',
      '午後9:30 PM',
      '123:00',
      ':30',
    ],
  },
  {
    field: { type: 'time', format: '%H時%M分' },
    takes: { '9時5分': '09:05:00', '15時30分': '15:30:00' },
    refuses: ['24時0分', '9:05'],
  },
  {
    field: { type: 'year' },
    takes: { '2024': true, '0001': true, '9999': true },
    refuses: ['', '24', '0000', '20240', '-2024', '２０２４', '2024.0'],
  },
  {
    field: { type: 'yearmonth' },
    takes: { '2024-12': true, '0001-01': true },
    refuses: ['', '2024-13', '2024-00', '2024-1', '2024/12', '202412', '0000-01'],
  },
  {
    field: { type: 'object' },
    takes: {
      '{}': true,
      '{"a": [1, null], "b": {"c": "\\u00e9"}}': true,
      ' {"n": 123456789012345678901234567890.5} ': true,
      '{"e": "\\ud83d\\ude00", "x": "1e99999"}': true,
      '{"a": {"a": [{"a": 1}, {"a": 1}]}, "b": "x:y", "c": "\\":"}': true,
      '{"__proto__": 1, "a": 1, "A": 1, "é": 1, "e\u0301": 1}': true,
      '{"n": 1e400, "m": -0.0000000000000000000000000001}': true,
    },
    refuses: [
      '',
      '[]',
      '1',
      'null',
      '{a: 1}',
      "{'a': 1}",
      '{"a": 1,}',
      '{"a": NaN}',
      '{"a": 1, "a": 2}',
      '{"a": 1, "a": 1}',
      '{"a": 1, "\\u0061": 2}',
      '{"x": [{"b": {"k": 1, "c": 2, "k": 3}}]}',
      '{"__proto__": 1, "__proto__": 2}',
      '{"1": 1, "1": 2}',
      '{"": 1, "": 2}',
      '{"é": 1, "\\u00e9": 2}',
      '{"a": "\\u0000"}',
      '{"\\u0000": 1}',
      '{"a": "\\ud800"}',
      '{"a": 1e131072}',
      `{"a": ${'9'.repeat(2000)}}`,
      `${'{"a":'.repeat(600)}1${'}'.repeat(600)}`,
    ],
  },
  {
    field: { type: 'array' },
    takes: { '[]': true, '[1, "a", {"b": null}]': true },
    refuses: ['', '{}', '1,2', '[1,]', '['.repeat(100_000)],
  },
];

for (const { field, takes, refuses } of CASES)
  describe(JSON.stringify(field), () => {
    const { read } = createTypeReader({ name: 'f', ...field });
    test('takes', () => {
      for (const [text, value] of Object.entries(takes))
        expect(read(text), text.slice(0, 60)).toBe(value === true ? text : value);
    });
    test('refuses', () => {
      for (const text of refuses) expect(read(text), text.slice(0, 60)).toBeUndefined();
    });
  });

describe('what is around a number', () => {
  const bare = { name: 'f', type: 'number', bareNumber: false } as const;
  const point = createTypeReader({ ...bare, groupChar: ',' });
  const comma = createTypeReader({ ...bare, decimalChar: ',', groupChar: '.' });

  test.each([
    ['€5', '5'],
    ['5 %', '5'],
    ['USD 1,234.50', '1234.50'],
    ['$1,234.50', '1234.50'],
    ['US$ 5', '5'],
    ['S$ 5', '5'],
    ['NT$5', '5'],
    ['S/ 5.20', '5.20'],
    ['5 kr', '5'],
    ['5 Kč', '5'],
    ['5 zł', '5'],
    ['₹5', '5'],
    ['5 円', '5'],
    ['5ユーロ', '5'],
    ['5원', '5'],
    ['5 บาท', '5'],
    ['5 руб', '5'],
    ['12.5 kg', '12.5'],
    ['5 m²', '5'],
    ['Rs. 5', '5'],
    ['5 Stk.', '5'],
    ['5cm³', '5'],
    ['25 °C', '25'],
    ['3 €/m²', '3'],
    ['3 €/t', '3'],
    ['5 km/h', '5'],
    ['5 kWh', '5'],
    ['5 mA', '5'],
    ['5 min', '5'],
    ['5 (net)', '5'],
    ['(net) 5', '5'],
    ['~5', '5'],
    ['約5メートル', '5'],
    ['„5“', '5'],
    ['\u200e-5', '-5'],
    ['-5 €', '-5'],
    ['€ -5', '-5'],
    ['1.5e3 €', '1.5e3'],
    ['+5 USD', '+5'],
  ])('is text: %s', (text, value) => expect(point.read(text)).toBe(value));

  test.each([
    ['5,00 kr.', '5.00'],
    ['Rp15.000', '15000'],
    ['Rp.15.000', '15000'],
    ['-100,00 kr', '-100.00'],
    ['1.234,50 €', '1234.50'],
    ['5 ลบ.ม.', '5'],
  ])('is text where the comma is the decimal character: %s', (text, value) =>
    expect(comma.read(text)).toBe(value),
  );

  test.each([
    '($30.00)',
    '$(30.00)',
    '（30）',
    '[30]',
    '〈30〉',
    '(30',
    '30)',
    '(30 USD)',
    '¥(1,234)',
    '−100.00 kr',
    '−5',
    '–5',
    '—5',
    '‐5',
    '‑5',
    '﹣5',
    '－5',
    '⁻5',
    '₋5',
    '➖5',
    'ー5',
    '5−',
    '5 –',
    '-$5',
    '- 5',
    '5-',
    '5.00-',
    '5 -',
    '$5-',
    '+$5',
    '＋5',
    '±5',
    '<5',
    '>5',
    '≤5',
    '▲1,234',
    '△1,234',
    '▼5',
    '▽ 5',
    '↓5',
    '🔻5',

    '5.00DR',
    '5.00 DR',
    '5.00 Dr.',
    '5.00CR',
    'CR 5.00',
    '5.00 cr',
    '5.00 D',
    '5.00C',
    '5.00 S',
    '5.00 H',

    '5.00 Soll',
    '5.00 Haben',
    '5.00 debit',
    '5.00 (DR)',
    'minus 5',
    'moins 5',
    'minus5',
    'マイナス5',
    '負5',
    '5 借方',
    'ﾏｲﾅｽ5',
    '赤5',
    '損失 5',
    '支出5',
    '亏5',
    '마이너스 5',
    'ลบ5',
    'ناقص 5',
    'ऋण 5',
    'DBIT 5',
    'Lastschrift 5',
    'withdrawal 5',
  ])('holds what may be a sign: %s', (text) => {
    expect(point.read(text)).toBeUndefined();
    expect(point.why?.(text)).toContain('directly before its digits');
  });

  test.each([
    '１,234',
    '1½',
    '½1',
    '10²',
    '5 ²',
    '²5',
    '٣5',
    '5٣',
    '٣٤ 5',
    '①5',
    '5①',
    'Ⅳ 5',
    '5 ₂',
    '𝟝5',
    '५5',
    '5🔟',
    '①②',
    '１００',
    '1½ kg',
    '10⁶',
  ])('holds a digit: %s', (text) => {
    expect(point.read(text)).toBeUndefined();
    expect(point.why?.(text)).toContain('the digits 0 to 9');
  });

  test.each([
    '5k',
    '5K',
    '$5k',
    '5 k€',
    'k€ 5',
    '5M',
    '5 m',
    '5m€',
    '€5m',
    '$5B',
    '5bn',
    '5mn',
    '5MM',
    '5T€',
    'T€ 5',
    '5 G',

    '5 Mio €',
    '5 Mio. €',
    'Mio. 5',
    '5 Mrd',
    '5 Tsd. €',
    '5 TEUR',
    '5 kEUR',
    '5 MUSD',
    'USDm 5',
    'EURbn 5',
    '5 mkr',
    '5 tkr',

    '5 million',
    '5 Millions',
    '5 thousand',
    '5 lakh',
    '₹5 Cr lakh',
    '5L',
    '5 crore',
    '5 mil',
    '5 mille',
    '5 milliards',
    '5 dozen',
    '5 TDM',
    'half 5',
    '5 بليون',

    '5 тыс. руб',
    '5 млн',
    '5млрд',
    '5 χιλ',
    '5 ألف',
    '5 हज़ार',
    '5 লাখ',
    '5万',
    '5 ダース',
    '5万円',
    '5億',
    '5 千円',
    '5百',
    '5천원',
    '5만',
    '5억 원',
    '5ล้านบาท',
    '5 แสน',
    '5 nghìn',
    '5 tỷ',
    '5 rb',
    '5 jt',
    '5e',
    '5E',
    '5 E',
  ])('holds a factor: %s', (text) => {
    expect(point.read(text)).toBeUndefined();
    expect(point.why?.(text)).toMatch(/a factor|may be a sign/);
  });

  test.each(['1.5e3x', '1.5e3kg', '1.5E3é', '0xFF', '0x1f €', '€,500', ',500', '5,', '5, €', '5،'])(
    'is part of the number in another way: %s',
    (text) => expect(point.read(text)).toBeUndefined(),
  );

  test.each(['1,5 Mio. €', '−100,00 kr', '$.500', '.500', '5.', '1,5e3x'])(
    'is no text where the comma is the decimal character either: %s',
    (text) => expect(comma.read(text)).toBeUndefined(),
  );

  test.each(['Rs.500', 'USD.5', 'kr.500', 'Rs.1.50'])(
    'is no text where its point may begin the decimals: %s',
    (text) => {
      expect(point.read(text)).toBeUndefined();
      expect(point.why?.(text)).toContain('write a blank before the number');
      expect(comma.read('Rs,500')).toBeUndefined();
      expect(point.read('$.5')).toBe('.5');
    },
  );

  test('is named in the message, with its code point and what to do', () => {
    const { why } = point;
    expect(why?.('−100')).toBe(
      'in which "−" (U+2212) may be a sign; declare negative=unicode-minus to read it as -100, or write a negative number with "-" (U+002D) directly before its digits',
    );
    expect(why?.('<5')).toBe(
      'in which "<" may be a sign; write a negative number with "-" (U+002D) directly before its digits, or declare its form (negative), and write any other without "<"',
    );
    expect(why?.('5k')).toBe(
      'in which "k" may stand for a factor, such as thousand or million; write the number out, without it',
    );
    expect(comma.why?.('0.500')).toBe(
      'whose first group begins with 0, as no number with "." between its groups does; write it without groups',
    );
    expect(comma.why?.('1.5')).toBeUndefined();
  });

  test('is explained as well where the field reads no text around its numbers', () => {
    const { why } = createTypeReader({ name: 'f', type: 'number' });
    expect(why?.('−5')).toContain('may be a sign');
    expect(why?.('(5)')).toContain('may be a sign');
    expect(why?.('①②')).toContain('"①" (U+2460)');
    expect(why?.('5 Mio.')).toContain('"Mio" may stand for a factor');
    for (const text of ['12 kg', '2024-01-05', 'n/a', '1.2.3', '']) expect(why?.(text)).toBeUndefined();
  });

  // Short tags of all languages that CLDR has; those unknown here are written as in English.
  const LANGUAGES =
    `af am ar as az be bg bn bs ca cs cy da de de-AT de-CH el en en-IN en-ZA es es-MX et eu fa fi fil fr fr-CA fr-CH ga gl gu he hi hr hu hy id is it
    ja ka kk km kn ko ky lb lo lt lv mk ml mn mr ms mt my nb ne nl nn or pa pl ps pt pt-PT ro ru sd si sk sl so sq sr sr-Latn sv sw ta te th tk tr
    uk ur uz vi yo yue zh zh-TW zu`.split(/\s+/);

  test.each(LANGUAGES)('never makes another number of what Intl writes in %s', (language) => {
    const separators = new Intl.NumberFormat(language).formatToParts(-1_234_567.5);
    const find = (type: string): string | undefined => separators.find((part) => part.type === type)?.value;
    const [decimalChar = '.', groupChar] = [find('decimal'), find('group')];
    const { read } = createTypeReader({
      ...bare,
      decimalChar,
      ...(groupChar === undefined ? {} : { groupChar }),
    });
    const styles: Intl.NumberFormatOptions[] = [
      {},
      { style: 'currency', currency: 'EUR' },
      { style: 'currency', currency: 'SEK', currencyDisplay: 'name' },
      { style: 'currency', currency: 'USD', currencySign: 'accounting' },
      { style: 'unit', unit: 'kilometer-per-hour' },
      { notation: 'compact' },
      { notation: 'compact', compactDisplay: 'long' },
      { notation: 'compact', style: 'currency', currency: 'EUR' },
      { notation: 'scientific' },
      { notation: 'engineering' },
    ];
    // Compact notation rounds by itself; whatever it writes, the size and the sign must be right.
    const values = [-0.5, -7.5, 7.5, -1234.5, 0.125, 12_000, -12_000, 1_500_000, 4e7, 2e9, -3e10, 1e12, 5e13];
    const wrong = styles
      .flatMap((style) => {
        const intl = new Intl.NumberFormat(language, { maximumFractionDigits: 3, ...style });
        return values.map((value) => {
          const text = intl.format(value);
          return { value, text, landed: read(text) };
        });
      })
      .filter(({ value, landed }) => landed !== undefined && Math.abs(Number(landed) / value - 1) > 0.07)
      // " min" are minutes far more often than the thousand of Azerbaijani.
      .filter(({ text }) => language !== 'az' || !text.includes(' min'));
    expect(wrong).toEqual([]);
  });
});

describe('dates', () => {
  test('every day of the calendar and no other, as Date knows it', () => {
    const { read } = createTypeReader({ name: 'f', type: 'date' });
    const numbers = fc.tuple(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
    );
    fc.assert(
      fc.property(numbers, ([year, month, day]) => {
        const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const date = new Date(`${text}T00:00:00Z`);
        const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
        expect(read(text)).toBe(exists ? text : undefined);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('decimals', () => {
  const integers = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
  const shifted = (value: bigint, places: number): string => {
    const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0');
    return `${value < 0n ? '-' : ''}${digits.slice(0, digits.length - places)}.${digits.slice(digits.length - places)}`;
  };

  /** Math.sign, without its -0. */
  const signOf = (order: number): number => (order < 0 ? -1 : order > 0 ? 1 : 0);

  test('order is that of the numbers', () => {
    fc.assert(
      fc.property(integers, integers, fc.integer({ min: 0, max: 30 }), (a, b, places) => {
        expect(signOf(compareDecimals(shifted(a, places), shifted(b, places)))).toBe(
          a < b ? -1 : a > b ? 1 : 0,
        );
      }),
    );
  });

  test('the key does not depend on the notation', () => {
    fc.assert(
      fc.property(integers, fc.integer({ min: 0, max: 30 }), (value, places) => {
        const key = decimalKey(shifted(value, places));
        expect(decimalKey(`${value}e-${places}`)).toBe(key);
        expect(decimalKey(`${shifted(value, places)}000`)).toBe(key);
      }),
    );
    expect(decimalKey('-0.0')).toBe(decimalKey('0'));
  });
});

import { describe, expect, test } from 'vitest';
import { compileField } from '../../../../src/core/dataset/fields/compile-field.ts';
import type { Field } from '../../../../src/core/dataset/types.ts';

const compile = (field: Partial<Field>, schema: { missingValues?: string[]; primaryKey?: string[] } = {}) => {
  const whole: Field = { name: 'f', type: 'string', ...field };
  return compileField(whole, { fields: [whole], ...schema });
};

describe('null', () => {
  test('is the empty cell, unless missingValues say otherwise', () => {
    expect(compile({}).read('')).toBeNull();
    expect(compile({}).read(' ')).toBe(' ');
    expect(compile({}, { missingValues: [] }).read('')).toBe('');
    expect(compile({ type: 'integer' }, { missingValues: [] }).read('')).toBeUndefined();
    expect(compile({}, { missingValues: ['', 'NA', '-'] }).read('NA')).toBeNull();
  });

  test('a field’s own missingValues win over the schema’s', () => {
    const { read } = compile({ missingValues: ['なし'] }, { missingValues: ['', 'NA'] });
    expect(read('なし')).toBeNull();
    expect(read('NA')).toBe('NA');
    expect(read('')).toBe('');
  });

  test('is looked for before and after normalizing', () => {
    const { read } = compile({ normalize: ['trim', 'lowercase'] }, { missingValues: ['', 'N/A'] });
    expect(read('N/A')).toBeNull();
    expect(read('  ')).toBeNull();
    expect(read(' X ')).toBe('x');
  });

  test.each([{ constraints: { required: true } }, {}])(
    'is refused where a value is required: %j',
    (field) => {
      const { read, explain } = compile(field, { primaryKey: ['f'], missingValues: ['', 'NA'] });
      expect(read('')).toBeUndefined();
      expect(explain('')).toEqual([
        { code: 'constraint-error', constraint: 'required', message: 'is required, but the cell is empty' },
      ]);
      expect(explain('NA')[0]!.message).toBe('is required, but "NA" means no value');
    },
  );
});

describe('normalize', () => {
  test.each<[Field['normalize'], string, string | null]>([
    [['trim'], '　a\u00a0', 'a'],
    [['nfkc'], 'ＡＢｶﾞ１', 'ABガ1'],
    [['lowercase'], 'ABC', 'abc'],
    [['uppercase'], 'abc', 'ABC'],
    [[{ padStart: { length: 11, from: [10] } }], '9001234567', '09001234567'],
    [[{ padStart: { length: 11, from: [10] } }], '090-0123', '090-0123'],
    [[{ padStart: { length: 3, from: [1, 2] } }], '12345', '12345'],
    [[{ padStart: { length: 11, from: [10] } }], '12', '12'],
    [[{ padStart: { length: 11, from: [10] } }], '900123456', '900123456'],
    [[{ padStart: { length: 11, from: [10] } }], '0312345678', '0312345678'],
    [[{ padStart: { length: 5, from: [3], with: '9' } }], '123', '99123'],
    [[{ padStart: { length: 5, from: [3], with: '9' } }], '923', '923'],
    [[{ padStart: { length: 5, from: [3] } }], '１２３', '１２３'],
    [[{ padStart: { length: 11, from: [10] } }], '', null],
    [['collapseSpaces'], '  a \n\u3000 b\tc ', 'a b c'],
    [['collapseSpaces'], '   ', null],
    [['digitsOnly'], '(090) 1234-5678', '09012345678'],
    [['digitsOnly'], 'n/a', 'n/a'],
    [['nfkc', 'digitsOnly'], '０９０-１２', '09012'],
    [[{ replace: { text: 'Str.', with: 'Straße' } }], 'Str. a, Str. b', 'Straße a, Straße b'],
    [[{ replace: { text: 'a', with: '$&' } }], 'a', '$&'],
    [[{ remove: '-' }], '090-0123-4567', '09001234567'],
    [[{ remove: '円' }], '円', null],
    [
      ['nfkc', { remove: '-' }, 'trim', { padStart: { length: 11, from: [10] } }],
      ' ９０-０１２３-４５６７ ',
      '09001234567',
    ],
  ])('%j: %j', (normalize, text, value) => expect(compile({ normalize: normalize! }).read(text)).toBe(value));

  test('full-width digits are refused unless folded', () => {
    expect(compile({ type: 'integer' }).read('１２')).toBeUndefined();
    expect(compile({ type: 'integer', normalize: ['nfkc'] }).read('１２')).toBe('12');
  });

  test.each<[Partial<Field>, string, string]>([
    [{ type: 'number' }, '－１，２３４．５', '-1234.5'],
    [{ type: 'number', bareNumber: false }, '￥１，２３４', '1234'],
    [{ type: 'number', bareNumber: false }, '５ｋｇ', '5'],
    [{ type: 'number', groupChar: ' ' }, '1\u00a0234\u202f567', '1234567'],
    [{ type: 'date' }, '２０２４－０１－３１', '2024-01-31'],
    [{ type: 'date', format: 'any' }, '２０２４年１月５日', '2024-01-05'],
    [{ type: 'datetime', format: 'any' }, '２０２４／１／５　９：３０', '2024-01-05T09:30:00Z'],
    [{ type: 'time', format: 'any' }, '９：３０', '09:30:00'],
    [{ type: 'year' }, '２０２４', '2024'],
    [{ type: 'boolean', trueValues: ['ガ'], falseValues: ['x'] }, 'ｶﾞ', 't'],
    [{ type: 'array' }, '［１，"①"］', '[1,"①"]'],
    [{ type: 'string' }, '①②', '12'],
    [{ type: 'any' }, '①②', '12'],
  ])('nfkc folds the width in each type, and all else in texts only: %j: %s', (field, text, value) => {
    const grouped = field.type === 'number' ? { groupChar: ',', ...field } : field;
    expect(compile({ ...grouped, normalize: ['nfkc'] }).read(text)).toBe(value);
  });

  test.each<[Partial<Field>, string[]]>([
    [{ type: 'integer' }, ['①②', '1²', '²', '𝟏𝟐', '⑫', '⒈', '１²']],
    [
      { type: 'number' },
      ['①②', '10²', '1½', '½', '⒈5', '1…5', '𝟏.𝟓', '5₂', '⁻5', '₋5', '⁺5', '1℮5', 'ℯ5', '1ᵉ5', '﹣5'],
    ],
    [{ type: 'number', bareNumber: false }, ['①②', '10²', '1½', '½', '5₂', '⁻5', '⑴', '⑸ kg', '5㎏²']],
    [{ type: 'date', format: 'any' }, ['2024/①/5', '2024㋀5日', '2024年1㏤', '²024/1/5', '𝟐𝟎𝟐𝟒/1/5']],
    [{ type: 'datetime' }, ['2024-01-31T①0:00:00']],
    [{ type: 'time', format: 'any' }, ['①:30', '9:3⁰']],
    [{ type: 'year' }, ['②⓪②④', '202⁴']],
    [{ type: 'yearmonth' }, ['2024-0①']],
    [{ type: 'boolean' }, ['①', '⁰']],
    [{ type: 'object' }, ['{"a":①}', '{"a":1²}']],
    [{ type: 'string', format: 'uuid' }, ['0190a6c2-7b1e-7c3d-9f00-1234567890a①']],
  ])('nfkc makes no value of other signs: %j', (field, texts) => {
    const { read } = compile({ ...field, normalize: ['nfkc'] });
    expect(texts.filter((text) => read(text) !== undefined)).toEqual([]);
  });
});

describe('constraints', () => {
  const family = '👨‍👩‍👧'; // five code points, eight UTF-16 units
  test.each<[Partial<Field>, string[], string[]]>([
    [{ constraints: { maxLength: 3 } }, ['abc', '𠮷𠮷𠮷'], ['abcd', '𠮷𠮷𠮷𠮷']],
    [{ constraints: { maxLength: 5 } }, [family], [`${family}x`]],
    [{ constraints: { minLength: 2 } }, ['ab', '𠮷𠮷'], ['a', '𠮷']],
    [
      { constraints: { minLength: 2, maxLength: 3, pattern: '[a-z]+', enum: ['ab', 'abc'] } },
      ['ab', 'abc'],
      ['a', 'abcd', 'AB', 'xy'],
    ],
    [
      { constraints: { pattern: '[0-9]{11}' } },
      ['09001234567'],
      ['0900123456', '090012345678', 'x09001234567', '09001234567\n'],
    ],
    [{ constraints: { pattern: 'a|b' } }, ['a', 'b'], ['ab', 'ax']],
    [{ constraints: { pattern: '\\d{3}\\-\\d{4}' } }, ['100-0005'], ['1000005']],
    [{ constraints: { enum: ['男', '女'] } }, ['男'], ['男 ', 'm']],
    [
      { type: 'integer', constraints: { minimum: 1, maximum: '9007199254740993' } },
      ['1', '9007199254740993'],
      ['0', '-1', '9007199254740994'],
    ],
    [{ type: 'integer', constraints: { enum: [1, '20'] } }, ['1', '01', '+20'], ['2']],
    [
      { type: 'number', constraints: { minimum: 0.1, maximum: '1e3' } },
      ['0.1', '0.10', '1000.000'],
      ['0.0999999999999999999', '1000.0000000000000001', '-5'],
    ],
    [{ type: 'number', decimalChar: ',', constraints: { enum: [1.5] } }, ['1,5', '1,50'], ['1,51']],
    [
      { type: 'boolean', trueValues: ['有'], falseValues: ['無'], constraints: { enum: [true] } },
      ['有'],
      ['無'],
    ],
    [
      { type: 'date', constraints: { minimum: '1900-01-01', maximum: '2024-12-31' } },
      ['1900-01-01', '2024-12-31'],
      ['1899-12-31', '2025-01-01'],
    ],
    [
      { type: 'date', format: '%d/%m/%Y', constraints: { minimum: '31/12/1999' } },
      ['1/1/2000'],
      ['30/12/1999'],
    ],
    [
      { type: 'datetime', constraints: { minimum: '2024-01-01T00:00:00Z' } },
      ['2024-01-01T09:00:00+09:00', '2024-01-01T00:00:00.000001'],
      ['2024-01-01T08:59:59.999999+09:00', '2023-12-31T23:59:59'],
    ],
    [
      { type: 'datetime', constraints: { enum: ['2024-01-01T00:00:00Z'] } },
      ['2024-01-01T09:00:00+09:00', '2024-01-01T00:00:00.000'],
      ['2024-01-01T00:00:01Z', '2024-01-01T00:01:40Z'],
    ],
    [{ type: 'time', constraints: { maximum: '17:00:00' } }, ['17:00:00'], ['17:00:00.5', '17:00:01']],
    [{ type: 'year', constraints: { minimum: 1900 } }, ['1900'], ['1899']],
    [{ type: 'yearmonth', constraints: { maximum: '2024-06' } }, ['2024-06'], ['2024-07']],
    [{ type: 'array', constraints: { minLength: 1, maxLength: 2 } }, ['[1]', '[1,2]'], ['[]', '[1,2,3]']],
    [
      { type: 'object', constraints: { maxLength: 1, enum: [{ a: 1 }, {}] } },
      ['{"a": 1}', '{"a":1.0}', '{"a": 10e-1}', '{}'],
      ['{"a":2}', '{"a":1,"b":2}'],
    ],
    [
      { type: 'array', constraints: { enum: ['[9007199254740993]', '["1"]', [1e3]] } },
      ['[9007199254740993]', '["1"]', '[1000]'],
      ['[9007199254740992]', '[1]', '[1e400]'],
    ],
    [
      { type: 'string', format: 'uuid', constraints: { enum: ['0190a6c2-7b1e-7c3d-9f00-1234567890ab'] } },
      ['0190A6C2-7B1E-7C3D-9F00-1234567890AB'],
      ['0190a6c2-7b1e-7c3d-9f00-1234567890ac'],
    ],
  ])('%j', (field, good, bad) => {
    const { read, explain } = compile(field);
    for (const text of good) {
      expect(read(text), text).toBeTypeOf('string');
      expect(explain(text), text).toEqual([]);
    }
    for (const text of bad) {
      expect(read(text), text).toBeUndefined();
      expect(
        explain(text).map(({ code }) => code),
        text,
      ).toContain('constraint-error');
    }
  });
});

describe('explain', () => {
  test.each<[Partial<Field>, string, string]>([
    [
      { type: 'date', format: '%d/%m/%Y' },
      '2020-02-31',
      'expects a date like 31/12/2024 (format %d/%m/%Y), got "2020-02-31", which is not a day of the calendar',
    ],
    [
      { type: 'date' },
      '2023-02-29',
      'expects a date like 2024-12-31, got "2023-02-29", which is not a day of the calendar',
    ],
    [
      { type: 'date' },
      '45292',
      'expects a date like 2024-12-31, got "45292", which looks like a day number of a spreadsheet; save the column as a date',
    ],
    [
      { type: 'integer' },
      '9223372036854775808',
      'expects a whole number like 1234, got "9223372036854775808", which is beyond the range of bigint (-9223372036854775808 to 9223372036854775807)',
    ],
    [{ type: 'integer' }, 'n/a', 'expects a whole number like 1234, got "n/a"'],
    [
      { type: 'number' },
      'NaN',
      'expects a number like 1234.5, got "NaN", which is not a finite number; a field with "nonFinite": true takes it',
    ],
    [
      { type: 'number' },
      '1e1001',
      'expects a number like 1234.5, got "1e1001", which has more than 1000 digits before or after the decimal point',
    ],
    [
      { type: 'boolean' },
      'yes',
      'expects one of true, True, TRUE, 1 (true) or false, False, FALSE, 0 (false), got "yes"',
    ],
    [
      { type: 'object' },
      '{"x": {"a": 1, "\\u0061": 2}}',
      'expects a JSON object like {"a": 1}, got "{"x": {"a": 1, "\\u0061": 2}}", in which an object has the key "a" twice; keep one of them',
    ],
    [
      { type: 'array' },
      '["\\udc00"]',
      'expects a JSON array like [1, 2], got "["\\udc00"]", in which a text holds half of a surrogate pair, which is no character',
    ],
    [
      { type: 'array' },
      '[1e5000]',
      'expects a JSON array like [1, 2], got "[1e5000]", in which a number has a thousand digits or more',
    ],
    [
      { type: 'array' },
      '[1] x',
      'expects a JSON array like [1, 2], got "[1] x", which is no JSON from character 5 on',
    ],
    [{ type: 'array' }, '{}', 'expects a JSON array like [1, 2], got "{}"'],
    [{ constraints: { maxLength: 3 } }, 'abcd', 'expects at most 3 characters, got "abcd"'],
    [
      { normalize: [{ remove: '-' }], constraints: { pattern: '[0-9]{11}' } },
      '090-12',
      'expects text that matches [0-9]{11}, got "090-12" (read as "09012")',
    ],
    [{ type: 'integer', constraints: { minimum: 5 } }, '3', 'expects 5 or more, got "3"'],
    [
      { type: 'date', constraints: { maximum: '2024-12-31' } },
      '2025-01-01',
      'expects 2024-12-31 or earlier, got "2025-01-01"',
    ],
  ])('%j: %j', (field, text, message) =>
    expect(
      compile(field)
        .explain(text)
        .map((problem) => problem.message),
    ).toEqual([message]),
  );

  test('tells every constraint that is broken, and cuts long values', () => {
    const problems = compile({ constraints: { maxLength: 3, pattern: '[a-z]*', enum: ['a'] } }).explain(
      'X'.repeat(1000),
    );
    expect(problems.map(({ constraint }) => constraint).sort()).toEqual(['enum', 'maxLength', 'pattern']);
    for (const { message } of problems) expect(message.length).toBeLessThan(300);
  });
});

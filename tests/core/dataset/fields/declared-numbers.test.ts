// Numbers in notations that a field declares: each is read as what it means, or not at all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileField } from '../../../../src/core/dataset/fields/compile-field.ts';
import { NEGATIVES, type Field, type Negative } from '../../../../src/core/dataset/types.ts';
import { runs } from '../../../support/random.ts';

const compile = (field: Partial<Field>) => {
  const whole: Field = { name: 'f', type: 'number', ...field };
  return compileField(whole, { fields: [whole] });
};
const SIGNED: Readonly<Record<Negative, Readonly<Record<string, string>>>> = {
  trailing: {
    '5-': '-5',
    '5.00 -': '-5.00',
    '5.00- €': '-5.00',
    '5 €-': '-5',
    '$1,234-': '-1234',
    '5.-': '-5.',
  },
  parentheses: {
    '(30.00)': '-30.00',
    '( 30 )': '-30',
    '($30.00)': '-30.00',
    '$(30.00)': '-30.00',
    '(30) USD': '-30',
    '（1,234）': '-1234',
    '(5%)': '-5',
  },
  drcr: { '5.00DR': '-5.00', '5.00 CR': '5.00', '5 dr.': '-5', 'DR 5': '-5', CR5: '5', '5 USD DR': '-5' },
  triangle: { '▲1,234': '-1234', '△ 5': '-5', '¥▲5': '-5', '▲¥5': '-5' },
  'unicode-minus': { '−5': '-5', '\u200e−5': '-5', '−100.00 kr': '-100.00', '－5': '-5', '€−5': '-5' },
  'before-currency': { '-$5.00': '-5.00', '-USD 5': '-5', '\u200e-₪5': '-5' },
};

describe('a negative number', () => {
  it.each(NEGATIVES)('%s is read where it is declared, and nowhere else', (form) => {
    for (const [text, value] of Object.entries(SIGNED[form])) {
      const read = (negative: Negative[]) =>
        compile({ bareNumber: false, groupChar: ',', ...(negative.length > 0 ? { negative } : {}) }).read(
          text,
        );
      expect(read([form]), text).toBe(value);
      expect(read([...NEGATIVES]), text).toBe(value);
      expect(read(NEGATIVES.filter((other) => other !== form)), text).toBeUndefined();
      expect(read([]), text).toBeUndefined();
    }
  });

  it.each<[string, string]>([
    ['5-', '-5'],
    ['(1,234.5)', '-1234.5'],
    ['5.00 DR', '-5.00'],
    ['5CR', '5'],
    ['▲5', '-5'],
    ['−5', '-5'],
    ['-5', '-5'],
    ['5', '5'],
  ])('needs no text around it: %s', (text, value) =>
    expect(compile({ groupChar: ',', negative: NEGATIVES }).read(text)).toBe(value),
  );

  const UNCLEAR =
    `(-5) (5-) (5 5) ((5)) (5)(6) -5- --5 5-- −−5 -−5 ▲-5 ▲▲5 (▲5) 5-net 5-6 (1.2.3) (0,500) (5k) −½ - ▲ DR − () (5²) 5‐ –5 -$-5
    ▲5▲`.split(/\s+/);

  it.each([...UNCLEAR, '-5 DR', '5 DR CR', 'DR 5 DR', '(5) DR', '5 - net', '- 5', '(5 (6))'])(
    'of two minds is a row error: %s',
    (text) =>
      expect(compile({ bareNumber: false, groupChar: ',', negative: NEGATIVES }).read(text)).toBeUndefined(),
  );

  it('keeps every digit, and is negative for one sign that is written, whatever is around it', () => {
    const { read } = compile({ bareNumber: false, groupChar: [',', ' '], negative: NEGATIVES });
    const piece = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('1', '23', '456', '0', '7.5', '1,234', '1 234') },
      fc.constantFrom(...'()（）-−－▲△+–', '--', ' ', '\u00a0', '\u200e'),
      fc.constantFrom(
        '$',
        '€',
        'kr',
        'USD',
        '円',
        'DR',
        'CR',
        'Dr',
        'net',
        '%',
        '.',
        ',',
        'k',
        'e3',
        '²',
        '１',
        '½',
      ),
    );
    const texts = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
    let taken = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const value = read(text);
        if (value === undefined || value === null) return;
        taken++;
        // An exponent is text too; none of these is read with one and without.
        const digits = text.replaceAll(/[^0-9]/g, '');
        expect(value.replaceAll(/[^0-9]/g, ''), text).toBe(digits);
        expect(/[²１½–]|(?<!\p{L})k(?!\p{L})/u.test(text), text).toBe(false);
        const hasNumber = /[(（][^()（）]*[0-9]/.test(text);
        const signs = [
          text.match(/[-−－▲△+]/g)?.length ?? 0,
          hasNumber ? 1 : 0,
          text.match(/(?<!\p{L})(?:dr|cr)(?!\p{L})/giu)?.length ?? 0,
        ].reduce((sum, count) => sum + count, 0);
        const isPositive = /(?<!\p{L})cr(?!\p{L})|\+/iu.test(text);
        expect(value.startsWith('-'), text).toBe(signs > 0 && !isPositive);
        expect(signs, text).toBeLessThanOrEqual(1);
      }),
      { numRuns: runs(25_000) },
    );
    expect(taken).toBeGreaterThan(2000);
  });

  it('is a whole number too, and is held against limits as what it is', () => {
    const { read } = compile({ type: 'integer', negative: 'parentheses', constraints: { minimum: -10 } });
    expect(read('(10)')).toBe('-10');
    expect(read('(11)')).toBeUndefined();
    expect(read('(1.5)')).toBeUndefined();
  });
});

describe('groups', () => {
  const BLANKS = [' ', '\u00a0', '\u2009', '\u202f'];
  it.each(BLANKS)('with the blank %j declared take blanks of every kind', (groupChar) => {
    const { read } = compile({ decimalChar: ',', groupChar });
    for (const blank of BLANKS) expect(read(`1${blank}234${blank}567,5`)).toBe('1234567.5');
    expect(read('1\u3000234')).toBeUndefined();
    expect(read('12 34')).toBeUndefined();
  });

  it.each(["'", '’'])('with %s declared take both apostrophes', (groupChar) => {
    const { read } = compile({ groupChar });
    expect(["1'234.5", '1’234.5', '1234.5'].map(read)).toEqual(Array(3).fill('1234.5'));
    expect(read("1'2345")).toBeUndefined();
  });

  it('of a list are of one kind in one number', () => {
    const { read } = compile({ decimalChar: ',', groupChar: ['.', ' ', "'"] });
    expect(['1.234.567', '1 234 567', "1'234’567", '12.34.567'].map(read)).toEqual(Array(4).fill('1234567'));
    expect(['1.234 567', "1 234'567", '0.500', '0 500', '1.23'].map(read)).toEqual(Array(5).fill(undefined));
  });
});

describe('a whole number with zeros behind it', () => {
  it.each<[Partial<Field>, string, string | undefined]>([
    [{}, '12.0', '12'],
    [{}, '-12.00', '-12'],
    [{}, '1234.000', '1234'],
    [{}, '0.000', '0'],
    [{}, '9223372036854775807.0', '9223372036854775807'],
    [{}, '12.000', undefined],
    [{}, '-1.000', undefined],
    [{}, '12.5', undefined],
    [{}, '12.', undefined],
    [{}, '.0', undefined],
    [{}, '12.0.0', undefined],
    [{}, '12,0', undefined],
    [{ decimalChar: ',' }, '12,0', '12'],
    [{ decimalChar: ',' }, '12.0', undefined],
    [{ groupChar: '.' }, '1.234,0', '1234'],
    [{ groupChar: '.' }, '12.000', '12000'],
    [{ groupChar: ',' }, '1,234.0', '1234'],
    [{ groupChar: ',' }, '12.000', undefined],
    [{ bareNumber: false }, '12.0 kg', '12'],
    [{ negative: 'trailing' }, '12.0-', '-12'],
    [{ zeroFraction: false }, '12.0', undefined],
  ])('%j: %s', (field, text, value) =>
    expect(compile({ type: 'integer', zeroFraction: true, ...field }).read(text)).toBe(value),
  );
});

describe('digits of other scripts', () => {
  const ZEROS = '٠۰߀०০੦૦୦௦౦೦൦๐໐༠၀០᠐０𑁦';
  it.each([...ZEROS])('%s and those behind it', (zero) => {
    const digits = [...Array(10).keys()].map((value) => String.fromCodePoint(zero.codePointAt(0)! + value));
    const { read } = compile({ type: 'integer', normalize: ['digits'] });
    expect(read(`1${digits[2]}`)).toBeUndefined();
    expect(read(digits.slice(1).join('') + digits[0]!)).toBe('1234567890');
    expect(compile({ type: 'integer' }).read(digits[1]!)).toBeUndefined();
  });

  it('are those of numbers, dates and times alike', () => {
    const read = (field: Partial<Field>, text: string) =>
      compile({ normalize: ['digits'], ...field }).read(text);
    expect(read({ decimalChar: '٫', groupChar: '٬' }, '-١٬٢٣٤٫٥')).toBe('-1234.5');
    expect(read({ type: 'date', format: '%d/%m/%Y' }, '३१/०१/२०२४')).toBe('2024-01-31');
    expect(read({ type: 'time', format: 'any' }, '๙:๓๐')).toBe('09:30:00');
    expect(read({ type: 'year' }, '٢٠٢٤')).toBe('2024');
    expect(read({}, '𝟏𝟐')).toBe('12');
    for (const text of ['𝟏𝟚', '١۲', '²', '①', '½', '十', 'Ⅻ', '1２'])
      expect(read({}, text), text).toBeUndefined();
  });
});

describe('a text kept from Excel', () => {
  it.each<[string, string]>([
    ['="00123"', '00123'],
    ["'00123", '00123'],
    ["'-5", '-5'],
    ["'=A1", '=A1'],
    ['="a ""b"""', 'a "b"'],
    ['=00123', '=00123'],
    ['="a"b"', '="a"b"'],
    ["'tis", "'tis"],
    ['00123', '00123'],
  ])('%s is %s', (text, value) =>
    expect(compile({ type: 'string', normalize: ['excelText'] }).read(text)).toBe(value),
  );
});

describe('lenient values', () => {
  const field: Partial<Field> = {
    type: 'boolean',
    trueValues: ['Ja'],
    falseValues: ['Nein'],
    lenientValues: true,
  };
  it('are known in any case, and with blanks around them', () => {
    const { read } = compile({ ...field, missingValues: ['', 'k.A.'] });
    expect(['JA', ' ja ', 'nein\u00a0', 'K.a. ', '  '].map(read)).toEqual(['t', 't', 'f', null, null]);
    expect(read('j a')).toBeUndefined();
  });

  it('are those of all fields where the schema says it, unless a field says otherwise', () => {
    const of = (own: Partial<Field>) => {
      const whole: Field = { name: 'f', type: 'string', ...own };
      return compileField(whole, { fields: [whole], missingValues: ['', 'N/A'], lenientValues: true });
    };
    expect([' n/a', 'N/A', 'x '].map(of({}).read)).toEqual([null, null, 'x ']);
    expect(of({ lenientValues: false }).read('n/a')).toBe('n/a');
    expect(of({ type: 'boolean' }).read(' True')).toBe('t');
    expect(of({ constraints: { required: true } }).read(' n/a')).toBeUndefined();
  });
});

describe('a message', () => {
  it.each<[Partial<Field>, string, string]>([
    [{}, '1\u00a0234', 'expects a number like 1234.5, got "1\u00a0234" (character 2 is U+00A0)'],
    [{ type: 'boolean' }, 'true\u200b', 'got "true\u200b" (character 5 is U+200B)'],
    [
      { type: 'string', constraints: { enum: ['a-b'] } },
      'a‐b',
      'expects one of a-b, got "a‐b" (character 2 is U+2010)',
    ],
    [{ type: 'string', constraints: { enum: ['é'] } }, 'e\u0301', 'got "e\u0301" (character 2 is U+0301)'],
    [{ type: 'date' }, '\ufeff2024-01-31', '(character 1 is U+FEFF)'],
    [{ type: 'date' }, '𠮷\u2009', '(character 2 is U+2009)'],
  ])('names what looks like another character: %j %j', (field, text, message) =>
    expect(compile(field).explain(text)[0]!.message).toContain(message),
  );

  it.each<[Partial<Field>, string]>([
    [{}, '−5'],
    [{}, 'n/a'],
    [{ type: 'boolean' }, 'हाँ'],
    [{ type: 'date' }, ' 2024-01-31'],
  ])('names nothing else, and nothing twice: %j %j', (field, text) =>
    expect(compile(field).explain(text)[0]!.message).not.toMatch(/\(character/),
  );

  it.each<[Partial<Field>, string, string]>([
    [{ type: 'integer' }, '12.0', 'declare zeroFraction'],
    [{ type: 'integer' }, '="00123"', 'declare "excelText" in normalize'],
    [{ type: 'number' }, "'5", 'declare "excelText" in normalize'],
    [{ type: 'number' }, '٥', 'declare "digits" in normalize'],
    [{ type: 'number' }, '(5)', 'declare negative=parentheses to read it as -5'],
    [{ type: 'boolean' }, 'TRUE ', 'declare lenientValues'],
    [{ type: 'date', format: 'any' }, '平成2年12月31日', 'declare the calendar "japanese"'],
  ])('says which declaration would take a cell: %j %s', (field, text, advice) =>
    expect(compile(field).explain(text)[0]!.message).toContain(advice),
  );

  it('speaks of 1000 digits only where there are so many', () => {
    const { explain } = compile({ groupChar: ' ', decimalChar: ',' });
    for (const text of ['1 23', '1\u00a0234,5x', '1e5', '12 345 67', '1,5,5'])
      expect(explain(text)[0]?.message ?? '').not.toContain('1000 digits');
    expect(explain('9'.repeat(1001))[0]!.message).toContain('more than 1000 digits');
    expect(compile({}).explain('1e-1001')[0]!.message).toContain('more than 1000 digits');
  });
});

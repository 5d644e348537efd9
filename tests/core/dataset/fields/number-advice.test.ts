// What the message of a number says that is written in another notation, and that the advice is true.
import { describe, expect, it } from 'vitest';
import { compileField } from '../../../../src/core/dataset/fields/compile-field.ts';
import type { Field } from '../../../../src/core/dataset/types.ts';

type Declared = Partial<Field>;

function compile(declared: Declared) {
  return compileField({ name: 'f', type: 'number', ...declared }, { fields: [] });
}

const adviceFor = (declared: Declared, text: string): string => compile(declared).explain(text)[0]!.message;

/** What `a=b, c=d and e=f to read it as 5` declares. */
function declaredBy(way: string): Declared {
  const names = way.replaceAll(' (in the dataset)', '').split(' and ');
  return Object.fromEntries(
    names.map((part) => {
      const [name = '', value = ''] = part.split(/=(.*)/s);
      const list = name === 'negative' ? value.split(',') : value;
      if (value === 'true' || value === 'false') return [name, value === 'true'];
      return [name, value === 'space' ? ' ' : list];
    }),
  );
}

const BANK: [Declared, string, string][] = [
  [{}, '1.234,56', 'declare decimalChar=, and groupChar=. to read it as 1234.56'],
  [{}, '-12,30', 'declare decimalChar=, to read it as -12.30'],
  [{}, '1.234.567', 'declare decimalChar=, and groupChar=. to read it as 1234567'],
  [{}, '1,23,456.78', 'declare groupChar=, to read it as 123456.78'],
  [
    { negative: 'drcr' },
    '1,22,956.78 CR',
    'which is in another notation; declare groupChar=, to read it as 122956.78',
  ],
  [{}, '500.00 Dr.', 'in which "Dr" may be a sign; declare negative=drcr to read it as -500.00'],
  [{ negative: 'drcr' }, '(5.00)', 'declare negative=drcr,parentheses to read it as -5.00'],
  [
    {},
    '−12\u00a0908,91',
    'declare decimalChar=, and groupChar=space and negative=unicode-minus to read it as -12908.91',
  ],
  [
    { decimalChar: ',' },
    '49\u202f900,00',
    '(character 3 is U+202F), which is in another notation; declare groupChar=space to read it as 49900.00',
  ],
  [{}, '12’345.50', "declare groupChar=' to read it as 12345.50"],
  [
    {},
    '△355,430',
    'declare groupChar=, and negative=triangle to read it as -355430, or decimalChar=, and negative=triangle to read it as -355.430',
  ],
  [{}, '1,234', 'declare groupChar=, to read it as 1234, or decimalChar=, to read it as 1.234'],
  [{ type: 'integer' }, '1,234', 'declare groupChar=, to read it as 1234'],
  [{ type: 'integer' }, '1.234', 'declare decimalChar=, and groupChar=. to read it as 1234'],
  [{ decimalChar: ',', groupChar: '.' }, '(5)', 'declare negative=parentheses to read it as -5'],
  [{ decimalChar: ',' }, '1.234', 'declare groupChar=. to read it as 1234'],
  [{ groupChar: ',' }, '(1,234)', 'declare negative=parentheses to read it as -1234, or write'],
  [{}, '7,50 €', 'declare decimalChar=, and bareNumber=false (in the dataset) to read it as 7.50'],
  [{ type: 'integer' }, '12.0', 'declare zeroFraction=true (in the dataset) to read it as 12'],
  [
    { type: 'integer' },
    '12,00',
    'declare decimalChar=, and zeroFraction=true (in the dataset) to read it as 12',
  ],
  [{ type: 'integer' }, '1,000', 'declare groupChar=, to read it as 1000'],
  [{ type: 'integer' }, '1.000', 'declare decimalChar=, and groupChar=. to read it as 1000'],
  [
    { type: 'integer', decimalChar: ',', groupChar: '.' },
    '1.000,0',
    'declare zeroFraction=true (in the dataset) to read it as 1000',
  ],
];

describe('a number in another notation', () => {
  it.each(BANK)('%j %s: %s', (declared, text, advice) => {
    expect(adviceFor(declared, text)).toContain(advice);
  });

  it.each(BANK)('is read as the message says when that is declared: %j %s', (declared, text) => {
    const ways = adviceFor(declared, text).split('; declare ')[1]!.split(', or write a negative')[0]!;
    for (const way of ways.split(', or ')) {
      const [said = '', value = ''] = way.split(' to read it as ');
      expect(compile({ ...declared, ...declaredBy(said) }).read(text)).toBe(value);
    }
  });

  it.each<[Declared, string]>([
    [{}, 'n/a'],
    [{}, '12 kg'],
    [{}, 'ABC123'],
    [{}, '31.12.2024'],
    [{}, '12:30'],
    [{}, '1,2.3,4'],
    [{}, '0.500.000'],
    [{}, '１,234'],
    [{}, '+-5'],
    [{ type: 'integer' }, '1,5'],
    [{ decimalChar: ',', groupChar: '.' }, '1,234.56'],
    [{ decimalChar: '.' }, '1,5'],
    [{ groupChar: ',' }, '12,34'],
    [{ groupChar: ['.', ' '], decimalChar: ',' }, '1,2,3'],
  ])('gets no such advice where no declaration would read it: %j %s', (declared, text) => {
    expect(adviceFor(declared, text)).not.toMatch(/to read it as/);
  });
});

// A JSON array as lines, however its bytes come: each element is what JSON.parse makes of it, on the line where it stands in the file.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonArrayText } from '../../../../src/core/csv/text/json-array.ts';
import { runs } from '../../../support/random.ts';

function through(pieces: readonly Buffer[], isDeclared = false): { text: string; isArray: boolean } {
  const array = new JsonArrayText(isDeclared, () => true);
  const given = pieces.map((piece) => Buffer.from(array.push(piece)));
  return { text: Buffer.concat([...given, array.end()]).toString(), isArray: array.isArray };
}

const whole = (text: string, isDeclared = false) => through([Buffer.from(text)], isDeclared);

/** Cut in two at each byte, and into single bytes. */
function cuts(text: string): Buffer[][] {
  const bytes = Buffer.from(text);
  const pairs = [...bytes.keys()].map((at) => [bytes.subarray(0, at), bytes.subarray(at)]);
  return [...pairs, [...bytes.keys()].map((at) => bytes.subarray(at, at + 1))];
}

const ARRAYS: [string, string][] = [
  ['[{"a":1},{"a":2}]', '{"a":1}\n{"a":2}\n'],
  ['[\n{"a":1},\n{"a":2}\n]\n', '\n{"a":1}\n{"a":2}\n'],
  [
    '[\r\n  {\r\n    "a": 1,\r\n    "b": [\r\n 2 ]\r\n  },\r\n  {}\r\n]',
    '\n{    "a": 1,    "b": [ 2 ]  }\n\n\n\n\n{}\n',
  ],
  [' [ {"a]":"\\"}],[{","é":"\\\\"} , {"b":null} ] ', '{"a]":"\\"}],[{","é":"\\\\"}\n{"b":null}\n'],
  ['[{"n":-1.5e3},12,null,"x, ]",[1]]', '{"n":-1.5e3}\n12\nnull\n"x, ]"\n[1]\n'],
  ['[]', ''],
  ['[ \n ]', ''],
];

describe('a list of objects', () => {
  it.each(ARRAYS)('%j', (text, lines) => {
    for (const pieces of cuts(text)) expect(through(pieces)).toEqual({ text: lines, isArray: true });
  });

  it('of any objects is one line for each', () => {
    const element = fc.dictionary(
      fc.string({ maxLength: 3 }),
      fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 5 }),
        fc.double(),
        fc.constant(null),
        fc.array(fc.string()),
      ),
    );
    fc.assert(
      fc.property(
        fc.array(element, { minLength: 1 }),
        fc.constantFrom(0, 1, '\t'),
        fc.nat(),
        (list, space, at) => {
          const bytes = Buffer.from(JSON.stringify(list, null, space));
          const { text } = through([bytes.subarray(0, at % bytes.length), bytes.subarray(at % bytes.length)]);
          const lines = text.split('\n').filter((line) => line !== '');
          expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(JSON.parse(bytes.toString()));
        },
      ),
      { numRuns: runs(200) },
    );
  });
});

describe('any other text stays as it is', () => {
  it.each([
    'a,b\n1,2\n',
    '{"a":1}\n{"a":2}\n',
    '[id],[name]\n1,2\n',
    '[1,2]',
    '[["a"]]',
    '["a"]',
    '[{a,b}],c\n',
    '[',
    '[ {',
    ' \n',
    '',
  ])('%j', (text) => {
    for (const pieces of cuts(text)) expect(through(pieces)).toEqual({ text, isArray: false });
  });

  it('also where it may be no list', () => {
    const array = new JsonArrayText(false, () => false);
    expect([array.push(Buffer.from('[{"a":1}]')).toString(), array.isArray]).toEqual(['[{"a":1}]', false]);
  });
});

describe('what is no list of objects is refused with its line', () => {
  it.each([
    ['[{"a":1},\n{"a":2}', 2, 'does not end'],
    ['[{"a":1},\n', 2, 'does not end'],
    ['[{"a":1\n', 2, 'does not end'],
    ['[{"a":"b', 1, 'does not end'],
    ['[{"a":1},]', 1, 'an element should stand before "]"'],
    ['[{"a":1},,{}]', 1, 'an element should stand before ","'],
    ['[{"a":1}\n{"a":2}]', 2, 'a "," or "]" should stand'],
    ['[{"a":1}]\n[{"a":2}]', 2, 'something follows'],
    ['[{"a":"b\nc"}]', 1, 'a control character (0a)'],
    ['[{"a":"b\\\nc"}]', 1, 'a control character (0a)'],
  ])('%j', (text, line, why) => {
    for (const pieces of cuts(text)) {
      let thrown: unknown;
      try {
        through(pieces);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({
        code: 'FILE_JSON',
        params: { line },
        message: expect.stringContaining(why),
      });
    }
  });

  it('when it is said to be one', () => {
    expect(() => whole('{"a":1}', true)).toThrow('a list should begin with "["');
    expect(() => whole('', true)).not.toThrow();
    expect(() => whole(' ', true)).toThrow('there is no list');
  });
});

// NDJSON against JSON.parse: what a line says is what its cells are, in any chunks; what is no object is refused and named.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAll, NULL_CELL } from '../../../../src/core/csv/records/cell-places.ts';
import { readKeys } from '../../../../src/core/csv/records/read-json-places.ts';
import { readPlaces } from '../../../../src/core/csv/records/read-places.ts';
import { wellFormedStretches } from '../../../../src/core/csv/records/records.ts';
import type { Dialect, JsonLines } from '../../../../src/core/csv/types.ts';
import { planPieces } from '../reading.ts';
import { runs } from '../../../support/random.ts';

const KEYS = ['a', 'é', 'n"'];
const JSON_LINES: JsonLines = {
  keys: KEYS.map((name) => ({ name, takesNested: name === 'é' })),
  ignoresOthers: false,
};

type Read = (string | null)[] | string;

function read(text: string, json: JsonLines = JSON_LINES, chunkBytes = 1000): Read[] {
  const bytes = Buffer.from(text);
  const dialect: Dialect = { delimiter: ',', quote: null, json };
  const chunks = planPieces([bytes], { columns: 1, dialect, chunkBytes });
  expect(chunks.flatMap(({ broken }) => broken)).toEqual([]);
  const records: Read[] = [];
  for (const stretch of chunks.flatMap(wellFormedStretches)) {
    const own = Buffer.from(bytes.subarray(stretch.startByte, stretch.endByte));
    readPlaces(own, stretch, dialect, (cells, _row, line) =>
      records.push(
        cells.refusal === null
          ? decodeAll(own, cells).map((cell) => (cell === NULL_CELL ? null : cell))
          : `${line}: ${cells.refusal.code} ${cells.refusal.columnIndex}: ${cells.refusal.message}`,
      ),
    );
  }
  return records;
}

const scalar = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', '"', '\\', '\n', '\t', ',', '{', ']', 'é', '漢', '😀', '\u0001', ' '),
  }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const nested = fc.oneof(
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('x', 'y"'), scalar),
);
const object = fc.record({ a: scalar, é: fc.oneof(scalar, nested), 'n"': scalar }, { requiredKeys: [] });

/** As `JSON.stringify` writes it, or with every character of texts escaped, or with blanks. */
function write(value: object, style: 'plain' | 'escaped' | 'spaced'): string {
  if (style === 'spaced') return ` ${JSON.stringify(value, null, 1).replaceAll('\n', '\t')} `;
  const text = JSON.stringify(value);
  if (style === 'plain') return text;
  return text.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function asCell(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isNested(object: Readonly<Record<string, unknown>> | undefined, column: number): boolean {
  const value = object?.[KEYS[column]!];
  return typeof value === 'object' && value !== null;
}

describe('NDJSON', () => {
  it('is read as JSON.parse reads it, in any chunks', () => {
    fc.assert(
      fc.property(
        fc.array(object, { maxLength: 5 }),
        fc.constantFrom('plain', 'escaped', 'spaced'),
        fc.constantFrom(1, 9, 1000),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        (objects, style, chunkBytes, end) => {
          const text = objects.map((each) => write(each, style) + end).join('');
          const expected = objects.map((each: Readonly<Record<string, unknown>>) =>
            KEYS.map((key) => asCell(each[key])),
          );
          // Nested values stay as they are written, blanks and escapes included.
          const found = read(text, JSON_LINES, chunkBytes).map((record, at) =>
            typeof record === 'string'
              ? record
              : record.map((cell, column) =>
                  isNested(objects[at], column) ? JSON.stringify(JSON.parse(cell!)) : cell,
                ),
          );
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: runs(1000) },
    );
  });

  it.each([
    [
      'a list',
      '[1,2]',
      '1: json-error 0: The line is no JSON object: at character 1 an object should begin with "{"',
    ],
    ['a text that does not end', '{"a":"x', 'at character 6 a text begins and does not end'],
    ['a bare word', '{"a":nil}', '"nil" stands for no value'],
    ['NaN', '{"a":NaN}', '"NaN" stands for no value'],
    ['a leading zero', '{"a":007}', '"007" stands for no value'],
    ['single quotes', "{'a':1}", 'a key in quotes should stand'],
    ['a comma too many', '{"a":1,}', 'at character 8 a key in quotes should stand'],
    ['two objects', '{"a":1}{"a":2}', 'at character 8 something follows the object'],
    ['a cut object', '{"é":"x","a":1', 'at character 15 a "," or "}" should stand'],
    ['a control character', '{"a":"x\ty"}', 'a control character (09)'],
    ['an unknown escape', '{"a":"\\x41"}', 'an escape that JSON does not have'],
    ['a nested value that is no JSON', '{"é":[1,]}', 'a nested value is no JSON'],
    ['a key twice', '{"a":1,"a":2}', '1: json-error 1: The object has the key "a" twice'],
    ['a key twice, escaped', '{"a":1,"\\u0061":2}', '1: json-error 1: The object has the key "a" twice'],
    ['a key of no column', '{"a":1,"b":2}', '1: extra-cell 0: The object has the key "b"'],
    ['a NUL', '{"a":"x\\u0000"}', '1: encoding-error 1:'],
    ['half of a pair', '{"a":"x\\ud800"}', '1: encoding-error 1:'],
    ['an object for a field of one value', '{"a":{"b":1}}', '1: type-error 1: The value of "a" is an object'],
  ])('refuses %s', (_name, line, message) => {
    const [refused, next] = read(`${line}\n{"a":"sound"}\n`);
    expect(refused).toContain(message);
    expect(next).toEqual(['sound', null, null]);
  });

  it('passes over other keys when asked to', () => {
    expect(read('{"b":[1,{"c":"}"}],"a":"x"}\n', { ...JSON_LINES, ignoresOthers: true })).toEqual([
      ['x', null, null],
    ]);
  });

  it('writes a number as its field does, and leaves texts alone', () => {
    const keys = [{ name: 'a', takesNested: false, decimalChar: ',' }];
    expect(read('{"a":-1234.5e2}\n{"a":"1.234,5"}\n{"a":7}\n', { keys, ignoresOthers: false })).toEqual([
      ['-1234,5e2'],
      ['1.234,5'],
      ['7'],
    ]);
  });

  it('has keys in the order in which they stand', () => {
    expect(readKeys(Buffer.from('{"b":{"x":1},"\\u0061":"}", "c" : null}'))).toEqual(['b', 'a', 'c']);
  });
});

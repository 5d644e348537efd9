// The published schema and the check say the same of a document, as far as a schema can say it.
import { readFileSync } from 'node:fs';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { datasetJsonSchema } from '../../../../src/core/dataset/document/json-schema.ts';
import { parseDataset } from '../../../../src/core/dataset/document/parse-dataset.ts';
import { TYPE_PROPERTIES } from '../../../../src/core/dataset/document/type-properties.ts';
import { FIELD_TYPES } from '../../../../src/core/dataset/types.ts';

const schema = Compile(datasetJsonSchema() as never);

const isSound = (document: unknown): boolean => {
  try {
    parseDataset(document, 'd.json');
    return true;
  } catch {
    return false;
  }
};
const withField = (field: object): object => ({
  name: 'd',
  schema: { fields: [{ name: 'f', ...field }] },
  target: { table: 't' },
});

test('a shipped document fits', () => {
  const document: unknown = JSON.parse(readFileSync('datasets/customers.json', 'utf8'));
  expect([...schema.Errors(document)]).toEqual([]);
});

test.each<[unknown, boolean]>([
  [{ files: 7, rowErrors: 'P1Y', imports: 'forever', exports: 'PT12H' }, true],
  [{ files: 0 }, false],
  [{ files: 'P0D' }, false],
  [{ exports: 'forever' }, false],
  [{ other: 1 }, false],
])('of retention %j the schema and the check say the same', (retention, fits) => {
  const document = { ...withField({}), retention };
  expect([schema.Check(document), isSound(document)]).toEqual([fits, fits]);
});

/** Values that each property takes, and values that it does not. */
const VALUES: Record<string, readonly [takes: unknown, refuses: unknown]> = {
  decimalChar: [',', '1'],
  groupChar: [[' ', "'"], []],
  bareNumber: [true, 'yes'],
  negative: [['trailing'], 'minus'],
  nonFinite: [true, 'NaN'],
  zeroFraction: [true, 1],
  repeated: [true, 'a'],
  lenientValues: [false, 0],
  sensitive: [true, 'secret'],
  trueValues: [['ja'], 'ja'],
  falseValues: [['nein'], [1]],
  locale: ['de', 1],
  calendar: ['japanese', 'mayan'],
  pivotYear: [1950, '50'],
  hour24: [true, 'on'],
  cutFraction: [true, null],
  timeZone: ['UTC', 9],
  timeZoneOverlap: ['later', 'latest'],
};

describe.each(Object.keys(TYPE_PROPERTIES))('%s', (name) => {
  const [takes, refuses] = VALUES[name]!;
  test.each(FIELD_TYPES)('of a %s', (type) => {
    const suits = TYPE_PROPERTIES[name]!.types.includes(type);
    const format = name === 'locale' ? { format: '%d %B %Y' } : {};
    const good = withField({ type, ...(['date', 'datetime'].includes(type) ? format : {}), [name]: takes });
    expect([schema.Check(good), !suits && isSound(good)]).toEqual([suits, false]);
    const bad = withField({ type, [name]: refuses });
    expect([schema.Check(bad), isSound(bad)]).toEqual([false, false]);
  });
});

test.each<[string, unknown]>([
  ['no object', []],
  ['no target', { name: 'd', schema: { fields: [{ name: 'a' }] } }],
  ['an unknown property', { ...withField({}), more: 1 }],
  ['a name with quotes', withField({ name: 'a"b' })],
  ['a name that is too long', withField({ name: 'a'.repeat(64) })],
  ['no field', { name: 'd', schema: { fields: [] }, target: { table: 't' } }],
  ['a type that there is not', withField({ type: 'text' })],
  ['a constraint of another type', withField({ type: 'boolean', constraints: { minimum: 1 } })],
  ['a length of a string that has no type', withField({ constraints: { minimum: 1 } })],
  ['a length that is none', withField({ constraints: { maxLength: 0 } })],
  [
    'a link without fields',
    { ...withField({}), target: { table: 't', links: [{ table: 'l', column: 'l_id', fields: [] }] } },
  ],
  ['a pad without lengths', withField({ normalize: [{ padStart: { length: 11 } }] })],
])('both refuse %s', (_, document) => {
  expect([schema.Check(document), isSound(document)]).toEqual([false, false]);
});

const over = (more: object, schema?: object): object => ({
  name: 'd',
  target: { table: 'Order "lines"', existing: true, ...more },
  ...(schema === undefined ? {} : { schema }),
});

test.each<[string, unknown, boolean]>([
  ['no fields', over({}), true],
  ['names of others', over({ schema: 'Shop' }, { fields: [{ name: 'Order No' }, { name: 'id' }] }), true],
  ['a lookup', over({}, { fields: [{ name: 'a', lookup: { in: 't', by: 'b' } }] }), true],
  ['a lookup by nothing', over({}, { fields: [{ name: 'a', lookup: { in: 't' } }] }), false],
  ['links', over({ links: [] }), false],
  ['a table with its schema', { name: 'd', target: { table: 'Shop.orders' } }, true],
  [
    'a table with its schema, and fields',
    { name: 'd', schema: { fields: [{ name: 'Order No' }] }, target: { table: 'Shop.orders' } },
    true,
  ],
  ['a table alone', { name: 'd', target: { table: 'orders' } }, true],
  [
    'a table alone that is said not to exist',
    { name: 'd', target: { table: 'orders', existing: false } },
    false,
  ],
  ['two points', { name: 'd', target: { table: 'a.b.c' } }, false],
  ['a table that Sluice makes, and a lookup', withField({ lookup: { in: 'u', by: 'b', takes: 'c' } }), true],
  [
    'what a foreign key says',
    over({}, { fields: [{ name: 'a', lookup: { in: 'u', by: 'b', takes: 'c' } }] }),
    false,
  ],
  ['a step that replaces', withField({ normalize: [{ replace: { text: 'a', with: '' } }] }), true],
  ['a step that replaces nothing', withField({ normalize: [{ replace: { text: '', with: 'a' } }] }), false],
])('of a table that exists, and of steps, both say the same: %s', (_, document, isGood) => {
  expect([schema.Check(document), isSound(document)]).toEqual([isGood, isGood]);
});

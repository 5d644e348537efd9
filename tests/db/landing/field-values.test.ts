// What a field reader puts out, Postgres takes, and reads as the same value. The readers promise it; this is the proof.
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileField } from '../../../src/core/dataset/fields/compile-field.ts';
import { compileRows } from '../../../src/core/dataset/rows/compile-rows.ts';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import { postgresType } from '../../../src/core/dataset/tables/table-plan.ts';
import type { Field } from '../../../src/core/dataset/types.ts';
import { haveTypes } from '../../../src/db/landing/column-types.ts';
import { copyInto } from '../../../src/db/landing/copy.ts';
import { qualifiedName } from '../../../src/db/identifiers.ts';
import { binaryUuidV7Block } from '../../../src/core/uuid.ts';
import { applyTables } from '../../../src/db/datasets/dataset-tables.ts';
import { addCells, AT, countedIds, IMPORT_ID } from '../../core/dataset/customers.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { databaseOn } from '../../../src/db/transaction.ts';
import { transactionOn } from '../../support/transaction.ts';
import { isBefore } from '../../support/other-postgres.ts';
import { runs } from '../../support/random.ts';

let database: TestDatabase;
let client: pg.PoolClient;
beforeAll(async () => {
  database = await createDatabase();
  client = await database.pool.connect();
  await client.query(`SET timezone = 'UTC'; SET datestyle = 'ISO'`);
});
afterAll(async () => {
  client.release();
  await database.drop();
});

/** Each field with cells and what Postgres shows (`::text`) once they have landed. */
const LANDED: readonly [Omit<Field, 'name'>, Record<string, string>][] = [
  [
    { type: 'string' },
    {
      "a\\b\tc\r\nd'\u0001": "a\\b\tc\r\nd'\u0001",
      '\\N': '\\N',
      '\\.': '\\.',
      '𠮷👨‍👩‍👧': '𠮷👨‍👩‍👧',
      '\uFFFD': '\uFFFD',
    },
  ],
  [
    { type: 'string', constraints: { maxLength: 3 } },
    { 𠮷𠮷𠮷: '𠮷𠮷𠮷', 'a  ': 'a  ' },
  ],
  [
    { type: 'string', format: 'uuid' },
    { '0190A6C2-7B1E-7C3D-9F00-1234567890AB': '0190a6c2-7b1e-7c3d-9f00-1234567890ab' },
  ],
  [
    { type: 'integer', groupChar: ',' },
    {
      '9223372036854775807': '9223372036854775807',
      '-9,223,372,036,854,775,808': '-9223372036854775808',
      '+007': '7',
      '-0': '0',
    },
  ],
  [
    { type: 'number', groupChar: ',' },
    {
      '9007199254740993.10': '9007199254740993.10',
      '1,234.5': '1234.5',
      '.5': '0.5',
      '5.': '5',
      '1e3': '1000',
      '-1E-3': '-0.001',
    },
  ],
  [{ type: 'boolean' }, { TRUE: 'true', '0': 'false' }],
  [
    { type: 'date', format: 'any' },
    { '2024/2/29': '2024-02-29', '0001-01-01': '0001-01-01', '9999-12-31': '9999-12-31' },
  ],
  [
    { type: 'datetime' },
    {
      '2024-12-31T15:30:59': '2024-12-31 15:30:59+00',
      '2024-12-31T00:00:00.123456+09:00': '2024-12-30 15:00:00.123456+00',
      '0001-01-01T00:00:00Z': '0001-01-01 00:00:00+00',
    },
  ],
  [
    { type: 'datetime', format: 'any', timeZone: 'Europe/Berlin' },
    {
      '2024-07-31 13:45': '2024-07-31 11:45:00+00',
      '2024-01-31 13:45': '2024-01-31 12:45:00+00',
      '1890-01-01 12:00': '1890-01-01 11:06:32+00',
    },
  ],
  [
    { type: 'time', format: 'any' },
    { '9:30': '09:30:00', '23:59:59.999999': '23:59:59.999999' },
  ],
  [{ type: 'year' }, { '0001': '1', '2024': '2024' }],
  [{ type: 'yearmonth' }, { '2024-12': '2024-12' }],
  [
    { type: 'object' },
    {
      '{"b": "\\\\ \\u00e9\\n", "a": 123456789012345678901234567890.10}':
        '{"a": 123456789012345678901234567890.10, "b": "\\\\ é\\n"}',
    },
  ],
  [{ type: 'array' }, { '[1, {"x": null}]': '[1, {"x": null}]' }],
  [{ type: 'any' }, { 'x\\y': 'x\\y' }],
];

test.each([false, true])('values land as they are meant, through COPY (binary: %s)', async (binary) => {
  const fields = LANDED.map(([field], index): Field => ({ name: `f${index}`, ...field }));
  const height = Math.max(...LANDED.map(([, cells]) => Object.keys(cells).length));
  const records = Array.from({ length: height }, (_, row) =>
    LANDED.map(([, cells]) => Object.keys(cells)[row] ?? ''),
  );
  const rows = await landedRows(`landed_${binary}`, fields, records, binary);
  for (const [index, [field, cells]] of LANDED.entries())
    expect(
      rows.map((row) => row[index]).filter((value) => value !== null),
      JSON.stringify(field),
    ).toEqual(Object.values(cells));
});

/** Lands records, all of which must be acceptable. @returns the values that Postgres shows */
async function landedRows(
  name: string,
  fields: readonly Field[],
  records: readonly (readonly string[])[],
  binary: boolean,
): Promise<(string | null)[][]> {
  const dataset = parseDataset({ name: 'd', schema: { fields }, target: { table: name } }, 'test');
  await applyTables(databaseOn(client), dataset);
  const columns = fields.map(({ name: header }, fieldIndex) => ({ header, fieldIndex }));
  const compiler = compileRows(dataset, columns, {
    importId: IMPORT_ID,
    createdBy: null,
    at: AT,
    binary,
    nextId: binary ? binaryUuidV7Block(0, (bytes) => bytes.fill(7)) : countedIds(),
    takesNullSign: true,
  });
  const table = compiler.tables[0]!;
  for (const [row, cells] of records.entries())
    expect(addCells(compiler, cells, { row, line: row })).toBeNull();
  expect(await haveTypes(transactionOn(client), [{ ...table, types: table.types ?? [] }])).toBe(true);
  await copyInto(transactionOn(client), qualifiedName(table), table, compiler.take()[0]!);
  const shown = fields.map(({ name: column }) => `${column}::text`).join(', ');
  const { rows } = await client.query<(string | null)[]>({
    text: `SELECT ${shown} FROM public.${name} ORDER BY import_row`,
    rowMode: 'array',
  });
  const { rows: system } = await client.query(
    `SELECT DISTINCT created_at = $1 AND updated_at = $1 AND created_by IS NULL AND import_id = $2 AS own FROM public.${name}`,
    [AT, IMPORT_ID],
  );
  expect(system).toEqual([{ own: true }]);
  return rows;
}

const digit = fc.constantFrom(...'0123456789');
const text = (characters: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), maxLength });
const two = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
const four = fc.integer({ min: 0, max: 9999 }).map((n) => String(n).padStart(4, '0'));
const date = fc.tuple(four, two(13), two(32)).map((parts) => parts.join('-'));
const fraction = fc.oneof(
  fc.constant(''),
  fc.string({ unit: digit, maxLength: 8 }).map((digits) => `.${digits}`),
);
const time = fc
  .tuple(
    fc.tuple(two(25), two(60), two(60)).map((parts) => parts.join(':')),
    fraction,
  )
  .map((parts) => parts.join(''));
const offset = fc.oneof(
  fc.constantFrom('', 'Z'),
  fc.tuple(fc.constantFrom('+', '-'), two(15), fc.constant(':'), two(60)).map((parts) => parts.join('')),
);

/** Texts near the border of each type: many are taken, many refused. */
const NEAR: readonly [Omit<Field, 'name'>, fc.Arbitrary<string>][] = [
  [{ type: 'integer' }, fc.oneof(text('0123456789', 21), text('+-012 _e.x', 6))],
  [{ type: 'number' }, fc.oneof(text('0123456789.', 40), text('+-0123.e_E', 9))],
  [{ type: 'number', decimalChar: ',', groupChar: '.', bareNumber: false }, text('-0123.,€ ', 9)],
  [{ type: 'date' }, date],
  [
    { type: 'date', format: 'any' },
    fc
      .tuple(date, fc.constantFrom('/', '.', '-'))
      .map(([day, mark]) => day.replaceAll('-', mark).replace(/(\D)0/, '$1')),
  ],
  [{ type: 'time' }, time],
  [{ type: 'time', format: 'any' }, time],
  [{ type: 'datetime' }, fc.tuple(date, time, offset).map(([day, hour, zone]) => `${day}T${hour}${zone}`)],
  [
    { type: 'datetime', format: 'any' },
    fc.tuple(date, fc.constantFrom('T', ' '), time, offset).map((parts) => parts.join('')),
  ],
  [
    { type: 'datetime', format: 'any', timeZone: 'Asia/Manila', timeZoneOverlap: 'later' },
    fc.tuple(date, time).map((parts) => parts.join(' ')),
  ],
  [{ type: 'year' }, text('0129', 5)],
  [{ type: 'yearmonth' }, date.map((day) => day.slice(0, 7))],
  [{ type: 'string', format: 'uuid' }, fc.oneof(fc.uuid(), text('0a-{}', 36))],
  [
    { type: 'object' },
    fc.oneof(
      fc.json(),
      text('{}[]":,1e\\u0a ', 12),
      fc.json().map((json) => `{"a":${json}}`),
    ),
  ],
  [
    { type: 'array' },
    fc.oneof(
      fc.json().map((json) => `[${json}]`),
      text('[]",1e-\\u0d8', 12),
    ),
  ],
];

describe('Postgres takes every value that a reader gives', () => {
  test.skipIf(isBefore(16)).each(NEAR)('%j', async (kind, arbitrary) => {
    const field: Field = { name: 'f', ...kind };
    const { read } = compileField(field, { fields: [field] });
    const values = fc.sample(arbitrary, { numRuns: runs(1500), seed: 20240401 }).map(read);
    const taken = values.filter((value) => typeof value === 'string');
    expect(taken.length).toBeGreaterThan(20);
    const { rows } = await client.query<{ value: string }>(
      'SELECT value FROM unnest($1::text[]) AS value WHERE NOT pg_input_is_valid(value, $2)',
      [taken, postgresType(field)],
    );
    expect(rows).toEqual([]);
  });

  test.each(NEAR)('lands as the same from binary rows as from text: %j', async (kind, arbitrary) => {
    const field: Field = { name: 'f', ...kind };
    const { read } = compileField(field, { fields: [field] });
    const texts = fc
      .sample(arbitrary, { numRuns: runs(1500), seed: 20261128 })
      .filter((text) => typeof read(text) === 'string')
      .map((text) => [text]);
    expect(texts.length).toBeGreaterThan(20);
    const name = `near_${NEAR.findIndex((each) => each[0] === kind)}`;
    const fromText = await landedRows(`${name}_text`, [field], texts, false);
    expect(await landedRows(`${name}_binary`, [field], texts, true)).toEqual(fromText);
  });

  test.each(['1e999', '-1e-1000', '9'.repeat(1000), `0.${'1'.repeat(1000)}`])(
    'numbers of the greatest size: %#',
    async (number) => {
      const field: Field = { name: 'f', type: 'number' };
      expect(compileField(field, { fields: [field] }).read(number)).toBe(number);
      await client.query('SELECT $1::numeric', [number]);
      const name = `greatest_${number.length}_${number.slice(0, 1).replace('-', 'x')}`;
      const fromText = await landedRows(`${name}_text`, [field], [[number]], false);
      expect(await landedRows(`${name}_binary`, [field], [[number]], true)).toEqual(fromText);
    },
  );

  test('JSON of the greatest depth', async () => {
    const field: Field = { name: 'f', type: 'array' };
    const deep = '['.repeat(512) + ']'.repeat(512);
    expect(compileField(field, { fields: [field] }).read(deep)).toBe(deep);
    await client.query('SELECT $1::jsonb', [deep]);
  });
});

test('order and equality of our values are Postgres’', async () => {
  const kinds: [Omit<Field, 'name'>, string[]][] = [
    [
      { type: 'number' },
      [
        '0',
        '-0.0',
        '1',
        '1.0',
        '-1',
        '1e3',
        '1000.0000000001',
        '9007199254740993',
        '9007199254740992',
        '.5',
        '5e-1',
        '-1e-9',
      ],
    ],
    [
      { type: 'datetime' },
      [
        '2024-01-01T00:00:00Z',
        '2024-01-01T09:00:00+09:00',
        '2023-12-31T23:59:59.999999Z',
        '2024-01-01T00:00:00.10Z',
        '2024-01-01T00:00:00.1Z',
        '0001-03-01T00:00:00Z',
        '2000-02-29T00:00:00-14:00',
      ],
    ],
    [{ type: 'time' }, ['00:00:00', '00:00:00.5', '00:00:00.50', '23:59:59']],
    [{ type: 'date' }, ['0001-01-01', '1999-12-31', '2000-01-01']],
  ];
  for (const [kind, values] of kinds)
    for (const limit of values) {
      const field: Field = { name: 'f', ...kind, constraints: { minimum: limit } };
      const sameAs: Field = { name: 'f', ...kind, constraints: { enum: [limit] } };
      const { rows } = await client.query<{ value: string; atLeast: boolean; equal: boolean }>(
        `SELECT value, value::${postgresType(field)} >= $2::${postgresType(field)} AS "atLeast",
                value::${postgresType(field)} = $2::${postgresType(field)} AS equal FROM unnest($1::text[]) AS value`,
        [values, limit],
      );
      for (const { value, atLeast, equal } of rows) {
        expect(
          compileField(field, { fields: [field] }).read(value) !== undefined,
          `${value} >= ${limit}`,
        ).toBe(atLeast);
        expect(
          compileField(sameAs, { fields: [sameAs] }).read(value) !== undefined,
          `${value} = ${limit}`,
        ).toBe(equal);
      }
    }
});

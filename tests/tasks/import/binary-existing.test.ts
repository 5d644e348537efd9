// Rows for a table that exists go to Postgres in COPY's binary form too. What lands, and what is refused, is what text would have given.
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import { applyTables } from '../../../src/db/datasets/dataset-tables.ts';
import { completeDataset } from '../../../src/db/datasets/complete-dataset.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import type { RawUploadOptions } from '../../../src/intake/upload-options.ts';
import { freshSlot, type FreshSlot } from '../../support/fresh-slot.ts';
import '../../support/seed.ts';
import { addImport, runImport } from '../../support/slot.ts';
import { countsOf } from '../../support/staged.ts';

/** By column: its type, cells that are taken, and some that are not. */
const COLUMNS: Readonly<Record<string, readonly [type: string, ...cells: string[]]>> = {
  name: ['varchar(4)', 'a', 'b', 'ü\t\\', 'd', 'long one', 'trail '],
  fixed: ['char(3)', '', 'x', 'x  ', 'xyz', 'four'],
  big: ['bigint', '', '0', '-9223372036854775808', '9223372036854775807', '9223372036854775808'],
  whole: ['integer', '', '+7', '-2147483648', '2147483647', '2147483648', '12345'],
  small: ['smallint', '', '-32768', '32767', '32768', '7', '-0'],
  amount: ['numeric(8,2)', '', '1.50', '-0.00', '1.505', '123456.00', '1234567', '1e3', '.5'],
  money: ['money2', '', '10.25', '-0.5', '10.255', '-1'],
  loose: ['numeric', '', '12345678901234567890.000010', '1e-7', '-0'],
  approx: ['double precision', '', '0.1', '-0', '1e308', '1e309', '4.9e-324', '123456789012345678', '1e-400'],
  ok: ['boolean', '', 'true', 'no', '2'],
  day: ['date', '', '2024-02-29', '1999/12/31', '2023-02-29', '0001-01-01'],
  at: ['timestamptz', '', '2024-01-31 13:45', '1600-01-01T00:00:00.000001+05:45', '9999-12-31T23:59:59Z'],
  clock: ['time(0)', '', '9:30', '23:59:59', '23:59:59.5'],
  ref: ['uuid', '', '0190A6C2-7B1E-7C3D-9F00-1234567890AB', '0190'],
  doc: ['jsonb', '', '{"b":[1.10,"é"],"a":null}', '{'],
  raw: ['json', '', '{"b" : 1, "b": 2}', '{"b" : 1}'],
  state: ['mood', '', 'sad', `it's, "ok"`, 'glad'],
  code: ['short', '', 'abc', 'abcd', 'no'],
};
const NAMES = Object.keys(COLUMNS);
/** Out of range: with one of these a chunk goes as text, since Postgres tells that better. */
const OUTSIDE = ['9223372036854775808', '2147483648', '32768', '1e309', '4.9e-324', '1e-400'];

/** Columns whose values only Postgres reads, or reads as the nearest. */
const TEXT_COLUMNS: Readonly<Record<string, readonly [type: string, ...cells: string[]]>> = {
  nearly: ['real', '0.1', '16777217', '1e39'],
  moment: ['timestamp', '2024-01-31 13:45', '2024-01-31T13:45:00+09:00'],
  span: ['interval', '1 day', '2 h', 'x'],
  tags: ['text[]', '{a,"b c"}', '{'],
  net: ['inet', '10.0.0.1', '10.0.0.256'],
};

const made = (columns: typeof COLUMNS): string => `
  CREATE TYPE mood AS ENUM ('sad', 'it''s, "ok"');
  CREATE DOMAIN money2 AS numeric(6,2) CHECK (VALUE >= -0.5);
  CREATE DOMAIN short AS varchar(3) CHECK (VALUE <> 'no');
  CREATE TABLE items (key int PRIMARY KEY, ${Object.entries(columns)
    .map(([name, [type]]) => `${name} ${type}`)
    .join(', ')})`;

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
const ONE_PART_OF_A_CHUNK = 64 * 1024 * 1024;

async function land(
  { slot, database }: FreshSlot,
  columns: typeof COLUMNS,
  records: readonly (readonly string[])[],
  chunkBytes: number,
  options: RawUploadOptions,
) {
  await database.pool.query('TRUNCATE items; INSERT INTO items (key) VALUES (3), (5)');
  const target = { table: 'items', existing: true };
  const document = parseDataset({ name: 'items', target, schema: schemaOf(columns) }, 'the test');
  const dataset = await completeDataset(slot.db, document);
  await applyTables(slot.db, dataset);
  const sized = { ...slot, settings: { ...slot.settings, chunkBytes } };
  const sent = vi.spyOn(slot.client, 'query');
  const lines = records.map((cells, at) => [at, ...cells.map(quoted)].join(','));
  const file = [`key,${Object.keys(columns).join(',')}`, ...lines, ''].join('\n');
  const id = await addImport(slot, dataset, file, options);
  await runImport(sized, id);
  const texts = sent.mock.calls.map(([query]) => (query as unknown as { text?: string }).text ?? '');
  sent.mockRestore();
  const shown = Object.keys(columns).map((name) => `${name}::text`);
  const { rows } = await database.pool.query(
    `SELECT key, ${shown.join(', ')}, p.import_row FROM items LEFT JOIN sluice_provenance.rows_1 p ON p.key_1 = key AND p.import_id = $1 ORDER BY key`,
    [id],
  );
  const { errors } = await listRowErrors(slot.db, id, {}, { limit: 1000 });
  return {
    rows: rows as unknown[],
    counts: await countsOf(slot, id),
    errors,
    isBinary: texts.some((text) => text.includes('FORMAT binary')),
  };
}

/** Wider than the columns, so that Postgres is the one who refuses. */
function schemaOf(columns: typeof COLUMNS): object {
  const types: Record<string, object> = {
    big: { type: 'integer' },
    ok: { type: 'boolean' },
    day: { type: 'date', format: 'any' },
    at: { type: 'datetime', format: 'any', timeZone: 'Asia/Tokyo' },
    moment: { type: 'datetime', format: 'any', timeZone: 'Asia/Tokyo' },
    clock: { type: 'time', format: 'any' },
    ref: { type: 'string', format: 'uuid' },
    doc: { type: 'object' },
    raw: { type: 'object' },
    whole: { type: 'integer' },
    small: { type: 'integer' },
  };
  const numbers = ['amount', 'money', 'loose', 'approx', 'nearly'];
  const of = (name: string): object =>
    types[name] ?? (numbers.includes(name) ? { type: 'number' } : { type: 'string' });
  return {
    fields: [
      { name: 'key', type: 'integer' },
      ...Object.keys(columns).map((name) => ({ name, ...of(name) })),
    ],
    primaryKey: ['key'],
  };
}

it.each<[RawUploadOptions]>([[{}], [{ mode: 'upsert' }], [{ mode: 'replace' }], [{ dryRun: 'true' }]])(
  'with %j rows land as from text, and the same are refused',
  async (options) => {
    const fresh = await freshSlot([]);
    try {
      await fresh.database.pool.query(made(COLUMNS));
      const plain = NAMES.map((name) => COLUMNS[name]![1]!);
      const record = fc
        .tuple(fc.array(fc.tuple(fc.nat({ max: NAMES.length - 1 }), fc.nat()), { maxLength: 8 }))
        .map(([changes]) => {
          const cells = [...plain];
          for (const [at, which] of changes) {
            const values = COLUMNS[NAMES[at]!]!.slice(1).filter((value) => !OUTSIDE.includes(value));
            cells[at] = values[which % values.length]!;
          }
          return cells;
        });
      const records = fc.sample(record, { numRuns: 80, seed: 20261129 });
      // Each value at least once.
      for (const [at, name] of NAMES.entries())
        for (const value of COLUMNS[name]!.slice(1)) records.push(plain.with(at, value));
      const asText = await land(fresh, COLUMNS, records, ONE_PART_OF_A_CHUNK, options);
      expect([asText.isBinary, asText.errors.length > 20]).toEqual([false, true]);
      const { isBinary, ...rest } = await land(fresh, COLUMNS, records, 4000, options);
      expect({ ...rest, isBinary: false }).toEqual(asText);
      expect(isBinary).toBe(true);
    } finally {
      await fresh.close();
    }
  },
);

it.each(Object.entries(TEXT_COLUMNS))(
  'of a table with such a column rows go as text: %s',
  async (name, column) => {
    const fresh = await freshSlot([]);
    try {
      const columns = { [name]: column };
      await fresh.database.pool.query(made(columns));
      const records = Array.from({ length: 60 }, (_, at) => [column[1 + (at % (column.length - 1))]!]);
      const { isBinary, rows } = await land(fresh, columns, records, 300, {});
      expect([isBinary, rows.length > 20]).toEqual([false, true]);
    } finally {
      await fresh.close();
    }
  },
);

// An import under the dataset that was inferred from its file gives back the text of every cell, or its exact value, out of Postgres.
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { formatCsvRecord } from '../../../src/core/csv/records/writer.ts';
import { inferUpload } from '../../../src/intake/infer/infer-upload.ts';
import { openWorkbooks } from '../../../src/intake/excel/workbooks.ts';
import { readLooseOptions } from '../../../src/intake/upload-options.ts';
import { keptKey } from '../../../src/storage/keys.ts';
import { freshSlot, type FreshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport } from '../../support/slot.ts';
import { countsOf } from '../../support/staged.ts';
import { addDataset } from '../../support/uploads.ts';
import { cell, row, workbook } from '../../support/workbook.ts';

let fresh: FreshSlot;

beforeAll(async () => {
  fresh = await freshSlot([]);
});
afterAll(() => fresh.close());

async function inferred(name: string, content: Buffer) {
  const { slot, folder } = fresh;
  const config = { ...readConfig({}), storageDir: folder };
  const workbooks = openWorkbooks(config, pino({ level: 'silent' }));
  const id = randomUUID();
  await slot.storage.write(keptKey(id), Readable.from([content]));
  try {
    return await inferUpload(
      { config, storage: slot.storage, workbooks },
      { id, bytes: content.length, packing: null },
      readLooseOptions({}),
      { name, types: 'detect' },
    );
  } finally {
    await workbooks.close();
  }
}

/** Columns as the file has them. */
const COLUMNS: Record<string, readonly string[]> = {
  id: Array.from({ length: 12 }, (_, at) => String(at + 1)),
  'big id': Array.from({ length: 12 }, (_, at) => `${9007199254740993n + BigInt(at)}`),
  'bigger id': Array.from({ length: 12 }, (_, at) => `${90071992547409930000n + BigInt(at)}`),
  Code: Array.from({ length: 12 }, (_, at) => `00${at}`),
  電話: Array.from({ length: 12 }, (_, at) => `0901234567${at % 10}`),
  price: [
    '1.50',
    '2',
    '0.10',
    '-3.000',
    '1.50',
    '2',
    '0.10',
    '-3.000',
    '12345678901234567890.5',
    '',
    '7',
    '8.0',
  ],
  exponent: Array.from({ length: 12 }, () => '1E5'),
  day: Array.from({ length: 12 }, (_, at) => `2024-02-${at + 10}`),
  'odd day': Array.from({ length: 12 }, () => '03-04-2020'),
  group: Array.from({ length: 12 }, () => '1,234'),
  note: ['a"b', ' x ', 'n/a', 'NULL', 'nil', 'line\nbreak', 'tab\there', '𠮷', '-', '', 'TRUE', '0'],
  ok: Array.from({ length: 12 }, (_, at) => String(at % 2 === 0)),
  at: Array.from({ length: 12 }, (_, at) => `2024-01-31 09:00:${at + 10}`),
};

it('of a CSV file', async () => {
  const names = Object.keys(COLUMNS);
  const records = Array.from({ length: 12 }, (_, at) => names.map((name) => COLUMNS[name]![at]!));
  const content = Buffer.from([names, ...records].map((record) => formatCsvRecord(record)).join(''));
  const { dataset: document, mapping, records: looked } = await inferred('mixed', content);
  expect([looked, mapping, document.schema.primaryKey]).toEqual([12, undefined, ['id_2']]);
  const { slot, database } = fresh;
  const dataset = await addDataset(database.pool, document);
  const id = await addImport(slot, dataset, content);
  await runImport(slot, id);
  expect(await countsOf(slot, id)).toEqual({ records: 12, inserted: 12, loaded: 12 });
  const texts = dataset.schema.fields.map(({ name, type }) => {
    if (type === 'datetime') return `to_char("${name}" AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')`;
    return `coalesce("${name}"::text, '')`;
  });
  const { rows } = await database.pool.query<string[]>({
    text: `SELECT ${texts.join(', ')} FROM mixed ORDER BY import_row`,
    rowMode: 'array',
  });
  expect(rows).toEqual(records);
  expect(dataset.schema.fields.map(({ type }) => type).join(' ')).toBe(
    'integer integer string string string number string date string string string boolean datetime',
  );
});

it('of a workbook: numbers and days are what they are, whatever the sheet shows', async () => {
  const content = workbook({
    // 1: a day; 2: two decimals.
    formats: [14, 2],
    sheets: [
      {
        name: 'Goods',
        rows: [
          row(1, cell('A1', 'Code'), cell('B1', 'Price'), cell('C1', 'Day'), cell('D1', 'Sold')),
          row(2, cell('A2', '007'), cell('B2', 1.234, 2), cell('C2', 45_323, 1), cell('D2', true)),
          row(3, cell('A3', '12'), cell('B3', 5, 2), cell('C3', 45_324, 1), cell('D3', false)),
        ].join(''),
      },
    ],
  });
  const { dataset: document } = await inferred('sheet', content);
  const { slot, database } = fresh;
  const dataset = await addDataset(database.pool, document);
  const id = await addImport(slot, dataset, content);
  await runImport(slot, id);
  const { rows } = await database.pool.query({
    text: 'SELECT code, price::text, day::text, sold FROM sheet ORDER BY import_row',
    rowMode: 'array',
  });
  expect(rows).toEqual([
    ['007', '1.234', '2024-02-01', true],
    ['12', '5', '2024-02-02', false],
  ]);
});

// An Excel file with wrong cells: each is named, mended, sent back, and lands; also a file with more texts than fit into memory.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { spawnSluice } from '../support/processes.ts';
import { readZip } from '../support/read-zip.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { cell, row, table, workbook } from '../support/workbook.ts';
import { zip } from '../support/zip.ts';

const ORDERS: Dataset = {
  name: 'orders',
  title: 'Orders / Bestellungen',
  schema: {
    fields: [
      { name: 'number', type: 'string', title: 'Nummer', constraints: { required: true }, example: '00042' },
      { name: 'price', type: 'number', decimalChar: ',', groupChar: '.' },
      { name: 'ordered', type: 'date', format: '%d.%m.%Y', description: 'The day of the order.' },
      { name: 'sent', type: 'datetime', format: '%d.%m.%Y %H:%M' },
      { name: 'status', type: 'string', constraints: { enum: ['open', 'a, "b"', 'done'] } },
      { name: 'note', type: 'string' },
    ],
  },
  target: { table: 'orders' },
};
const TEXTS: Dataset = {
  name: 'texts',
  schema: {
    fields: [
      { name: 'text', type: 'string' },
      { name: 'count', type: 'integer' },
    ],
  },
  target: { table: 'texts' },
};
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({ datasets: [ORDERS, TEXTS], env: { SLUICE_WORKBOOK_STRING_BYTES: '1048576' } });
  await sluice.startWorker();
});
afterAll(() => sluice.stop());

interface Sent {
  readonly id: string;
  readonly [more: string]: unknown;
}

async function send(path: string, content: Buffer | string, type = XLSX): Promise<Sent> {
  const response = await sluice.fetch(path, {
    method: 'POST',
    headers: { 'content-type': type },
    body: content,
  });
  const body = (await response.json()) as Sent;
  expect(response.status, JSON.stringify(body)).toBe(202);
  return body;
}

async function download(path: string): Promise<Buffer> {
  const response = await sluice.fetch(path);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** The header is in row 3 from B on: titles stand above it. Styles: 1 a day, 2 a day with a time. */
const BOOK = workbook({
  formats: [14, 22],
  sheets: [
    { name: 'Notes', rows: table([['Orders of 2024']]) },
    {
      name: 'Orders',
      rows: [
        row(
          3,
          ...['number', 'price', 'ordered', 'sent', 'status', 'note'].map((name, at) =>
            cell(`${'BCDEFG'[at]}3`, name),
          ),
        ),
        row(
          4,
          cell('B4', '00001'),
          cell('C4', 1.234),
          cell('D4', 45322, 1),
          cell('E4', 45322.5, 2),
          cell('F4', 'open'),
        ),
        row(
          6,
          cell('B6', 2),
          cell('C6', 1.234),
          cell('D6', 45323, 1),
          cell('E6', 45323.25, 2),
          cell('F6', 'lost'),
          cell('G6', '=1+1'),
        ),
        `<row r="7">${cell('B7', '00003')}<c r="C7" t="e"><v>#DIV/0!</v></c>${cell('D7', 60, 1)}${cell('F7', 'done')}${cell('G7', 'two\nlines, "quoted"')}</row>`,
        row(8, cell('B8', '00004'), cell('C8', '1.234'), cell('D8', '05.02.2024'), cell('F8', 'done')),
      ].join(''),
    },
  ],
});

const rows = async () =>
  (
    await sluice.database.pool.query(
      `SELECT number, price::text, ordered::text, (sent AT TIME ZONE 'UTC')::text AS sent, status, note FROM orders ORDER BY number`,
    )
  ).rows;

describe('an Excel file with wrong cells', () => {
  const landed = [
    {
      number: '00001',
      price: '1.234',
      ordered: '2024-01-31',
      sent: '2024-01-31 12:00:00',
      status: 'open',
      note: null,
    },
    { number: '00004', price: '1234', ordered: '2024-02-05', sent: null, status: 'done', note: null },
  ];
  const mended = [
    {
      number: '00003',
      price: '9.5',
      ordered: '2024-02-03',
      sent: null,
      status: 'done',
      note: 'two\nlines, "quoted"',
    },
    {
      number: '2',
      price: '1.234',
      ordered: '2024-02-01',
      sent: '2024-02-01 06:00:00',
      status: 'done',
      note: '=1+1',
    },
  ];

  async function importOnce(): Promise<string> {
    await sluice.database.pool.query('TRUNCATE orders');
    const { id } = await send('/v1/imports?dataset=orders&skipLines=2', BOOK);
    expect(await sluice.ended(id)).toMatchObject({ status: 'succeeded', result: { loaded: 2, rejected: 2 } });
    expect(await rows()).toEqual(landed);
    return id;
  }

  it('each is named by its cell, in the API, the command and the reject file', async () => {
    const id = await importOnce();
    const { data } = (await (await sluice.fetch(`/v1/imports/${id}/errors`)).json()) as { data: unknown[] };
    expect(data).toMatchObject([
      { row: 2, line: 6, cell: 'F6', code: 'constraint-error', value: 'lost' },
      { row: 3, line: 7, cell: 'C7', code: 'cell-error', value: '#DIV/0!' },
      {
        row: 3,
        line: 7,
        cell: 'D7',
        code: 'cell-error',
        message: expect.stringContaining('29 February 1900'),
      },
    ]);
    const imp = (await (await sluice.fetch(`/v1/imports/${id}`)).json()) as Record<string, unknown>;
    expect(imp).toMatchObject({
      firstError: { cell: 'F6' },
      dialect: { sheet: { name: 'Orders', firstColumn: 'B' } },
    });
    const command = spawnSluice(['errors', id], {
      env: { SLUICE_URL: sluice.url, SLUICE_API_KEY: sluice.key },
    });
    expect((await command.exited).code, command.output()).toBe(0);
    expect(command.output()).toContain('cell C7 (record 3)');
    expect((await download(`/v1/imports/${id}/rejects.csv`)).toString()).toContain('cell F6: Column');
  });

  it('rejects.csv has each cell in the notation of its field, and lands when it is mended', async () => {
    const id = await importOnce();
    const csv = (await download(`/v1/imports/${id}/rejects.csv`)).toString();
    expect(csv).toContain(',2,"1,234",01.02.2024,01.02.2024 06:00,lost,');
    const unmended = await send(`/v1/imports/${id}/retries`, csv, 'text/csv');
    expect(await sluice.ended(unmended.id)).toMatchObject({ result: { loaded: 0, rejected: 2 } });
    const fixed = csv
      .replace(',lost,', ',done,')
      .replace(',#DIV/0!,', ',"9,5",')
      .replace(/,#60,/, ',03.02.2024,');
    const retry = await send(`/v1/imports/${unmended.id}/retries`, fixed, 'text/csv');
    expect(await sluice.ended(retry.id)).toMatchObject({ result: { loaded: 2, rejected: 0 } });
    expect(await rows()).toEqual([landed[0], ...mended.slice(0, 1), landed[1], ...mended.slice(1)]);
  });

  it('rejects.xlsx too', async () => {
    const id = await importOnce();
    const path = join(sluice.folder, `${id}.xlsx`);
    const env = { SLUICE_URL: sluice.url, SLUICE_API_KEY: sluice.key };
    const saved = spawnSluice(['rejects', id, '-o', path], { env });
    expect((await saved.exited).code, saved.output()).toBe(0);
    const parts = await readZip(await download(`/v1/imports/${id}/rejects.xlsx`));
    const sheet = parts.get('xl/worksheets/sheet1.xml')!;
    expect(sheet).toContain('<c r="A2"><v>2</v></c>');
    parts.set(
      'xl/worksheets/sheet1.xml',
      sheet.replace('>lost<', '>done<').replace('>#DIV/0!<', '>9,5<').replace('>#60<', '>03.02.2024<'),
    );
    await writeFile(path, zip([...parts].map(([name, content]) => ({ name, content }))));
    const retry = spawnSluice(['retry', id, path, '--watch'], { env });
    expect((await retry.exited).code, retry.output()).toBe(0);
    expect(await rows()).toEqual([landed[0], ...mended.slice(0, 1), landed[1], ...mended.slice(1)]);
  });
});

it('what an import that failed has left comes as CSV, each cell in the notation of its field', async () => {
  await sluice.database.pool.query('TRUNCATE orders');
  const { id } = await send('/v1/imports?dataset=orders&skipLines=2&onError=abort', BOOK);
  expect(await sluice.ended(id)).toMatchObject({ status: 'failed' });
  const csv = (await download(`/v1/imports/${id}/unprocessed.csv`)).toString();
  expect(csv).toContain('00001,"1,234",31.01.2024,31.01.2024 12:00,open,');
});

it('the template is a workbook that is read as it is, with a list to choose from and required columns marked', async () => {
  const template = await download('/v1/datasets/orders/template.xlsx');
  const parts = await readZip(template);
  const sheet = parts.get('xl/worksheets/sheet1.xml')!;
  expect(sheet).toContain('<c r="A1" s="6" t="inlineStr"><is><t xml:space="preserve">Nummer</t>');
  expect(sheet).toContain('<formula1>Lists!$A$1:$A$3</formula1>');
  expect(parts.get('xl/worksheets/sheet2.xml')).toContain('a, &quot;b&quot;');
  expect(parts.get('xl/workbook.xml')).toContain('name="Orders   Bestellungen"');
  await sluice.database.pool.query('TRUNCATE orders');
  const { id } = await send('/v1/imports?dataset=orders', template);
  expect(await sluice.ended(id)).toMatchObject({ status: 'succeeded', result: { loaded: 1, rejected: 0 } });
  expect(await rows()).toMatchObject([{ number: '00042' }]);
});

it('texts beyond the memory for them are read from the disk, in whatever order', async () => {
  const texts = Array.from({ length: 60_000 }, (_, at) => `text ${at} ${'x'.repeat(at % 60)}`);
  const order = texts.map((_, at) => (at * 7919) % texts.length);
  const book = workbook({
    strings: [
      ...texts.map((text) => `<si><t>${text}</t></si>`),
      '<si><t>text</t></si>',
      '<si><t>count</t></si>',
    ],
    sheets: [
      {
        name: 'S',
        rows: `<row><c t="s"><v>${texts.length}</v></c><c t="s"><v>${texts.length + 1}</v></c></row>${order.map((at) => `<row><c t="s"><v>${at}</v></c><c><v>${at}</v></c></row>`).join('')}`,
      },
    ],
  });
  const { id } = await send('/v1/imports?dataset=texts', book);
  expect(await sluice.ended(id)).toMatchObject({ result: { loaded: texts.length } });
  const { rows: found } = await sluice.database.pool.query(
    `SELECT count(*)::int AS rows FROM texts WHERE text = 'text ' || count || ' ' || repeat('x', (count % 60)::int) OR count % 60 = 0 AND text = 'text ' || count`,
  );
  expect(found).toEqual([{ rows: texts.length }]);
});

// Rejects of a file that has NULL beside the empty text: sent back, mended in another column, each is what it was.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { readZip } from '../support/read-zip.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { zip } from '../support/zip.ts';

const NOTES: Dataset = {
  name: 'notes',
  schema: {
    fields: [
      { name: 'key', type: 'integer', constraints: { required: true } },
      { name: 'text', type: 'string', missingValues: [] },
      { name: 'flag', type: 'boolean', trueValues: ['yes'], falseValues: ['no'] },
    ],
  },
  target: { table: 'notes' },
};

let sluice: Sluice;
beforeAll(async () => {
  sluice = await startSluice({ datasets: [NOTES] });
  await sluice.startWorker();
});
afterAll(() => sluice.stop());

type Answer = { readonly id: string };
const TEXTS = [null, '', '""', '"', '""""', "'", ' ', 'a"b', '\\N', 'Total'];

const asCsv = (text: string | null): string => (text === null ? '' : `"${text.replaceAll('"', '""')}"`);
const asEscaped = (text: string | null): string => (text === null ? '\\N' : text.replaceAll('\\', '\\\\'));

const FILES = [
  {
    by: 'Postgres as CSV',
    query: '&dialect=postgres-csv',
    text: `key,text,flag\n${TEXTS.map((text, at) => `x${at},${asCsv(text)},t\n`).join('')}`,
  },
  {
    by: 'Postgres as text',
    query: '&dialect=postgres-text',
    text: `key\ttext\tflag\n${TEXTS.map((text, at) => `x${at}\t${asEscaped(text)}\tt\n`).join('')}`,
  },
  {
    by: 'MySQL',
    query: '&dialect=mysql&skipFooter=0',
    text: `key\ttext\tflag\n${TEXTS.map((text, at) => `x${at}\t${asEscaped(text)}\tyes\n`).join('')}`,
  },
  {
    by: 'NDJSON',
    query: '&skipFooter=0',
    text: TEXTS.map((text, at) => `${JSON.stringify({ key: `x${at}`, text, flag: 'yes' })}\n`).join(''),
  },
];

/** The rejects of the file, all of them. */
async function rejected({ text, query }: { text: string; query: string }): Promise<string> {
  await sluice.database.pool.query('TRUNCATE notes');
  const answer = await sluice.send('notes', text, `&ifDuplicate=allow${query}`);
  const { id } = (await answer.json()) as Answer;
  expect(await sluice.ended(id)).toMatchObject({ result: { loaded: 0, rejected: TEXTS.length } });
  return id;
}

async function retry(id: string, body: string | Buffer, type: string): Promise<string> {
  const sent = await sluice.fetch(`/v1/imports/${id}/retries`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });
  const told = (await sent.json()) as Answer;
  expect([sent.status, told]).toEqual([202, expect.anything()]);
  await sluice.ended(told.id);
  return told.id;
}

const download = async (path: string): Promise<Buffer> =>
  Buffer.from(await (await sluice.fetch(path)).arrayBuffer());

async function landed(): Promise<unknown[]> {
  const { rows } = await sluice.database.pool.query<{ text: unknown; flag: boolean }>(
    'SELECT text, flag FROM notes ORDER BY key',
  );
  expect(new Set(rows.map(({ flag }) => flag))).toEqual(new Set([true]));
  return rows.map(({ text }) => text);
}

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

async function mendedWorkbook(id: string, mend: (sheet: string) => string): Promise<Buffer> {
  const parts = await readZip(await download(`/v1/imports/${id}/rejects.xlsx`));
  const name = 'xl/worksheets/sheet1.xml';
  parts.set(name, mend(parts.get(name)!));
  return zip([...parts].map(([part, content]) => ({ name: part, content })));
}

it.each(FILES)('of $by: rejects.csv', async (file) => {
  const id = await rejected(file);
  const csv = (await download(`/v1/imports/${id}/rejects.csv`)).toString();
  await retry(id, csv.replaceAll(/,x(\d)/g, ',$1'), 'text/csv');
  expect(await landed()).toEqual(TEXTS);
});

it.each(FILES)('of $by: rejects.xlsx, also the rejects of a retry', async (file) => {
  const id = await rejected(file);
  // A few are mended, and the others twice.
  const some = await mendedWorkbook(id, (sheet) => sheet.replaceAll(/>x([0-4])</g, '>$1<'));
  const again = await retry(id, some, XLSX);
  expect(await landed()).toEqual(TEXTS.slice(0, 5));
  const rest = await mendedWorkbook(again, (sheet) => sheet.replaceAll(/>x(\d)</g, '>$1<'));
  await retry(again, rest, XLSX);
  expect(await landed()).toEqual(TEXTS);
});

it('of Postgres: rejects.csv of the retry of a workbook', async () => {
  const id = await rejected(FILES[0]!);
  const again = await retry(id, await download(`/v1/imports/${id}/rejects.xlsx`), XLSX);
  const csv = (await download(`/v1/imports/${again}/rejects.csv`)).toString();
  await retry(again, csv.replaceAll(/,x(\d)/g, ',$1'), 'text/csv');
  expect(await landed()).toEqual(TEXTS);
});

it('of a CSV file, which has no NULL, empty cells and cells of two quotes stay texts', async () => {
  const id = await rejected({
    text: `key,text,flag\n${TEXTS.map((text, at) => `x${at},${asCsv(text ?? '')},yes\n`).join('')}`,
    query: '&skipFooter=0&dialect=csv',
  });
  await retry(id, await mendedWorkbook(id, (sheet) => sheet.replaceAll(/>x(\d)</g, '>$1<')), XLSX);
  expect(await landed()).toEqual(TEXTS.map((text) => text ?? ''));
});

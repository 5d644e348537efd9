// POST /v1/imports with an Excel workbook: which sheet, what is refused, and what the answer says.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import type { TestApi } from '../../support/api.ts';
import { kept, listeningApi, upload, type Answer } from '../../support/uploads.ts';
import { cell, row, table, workbook, type SheetParts } from '../../support/workbook.ts';
import { zip } from '../../support/zip.ts';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const PEOPLE_ROWS = table([
  ['name', 'age'],
  ['Ann', 7],
]);

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi({ env: { SLUICE_MAX_INFLATE_RATIO: '50', SLUICE_MAX_MERGED_RANGES: '2' } });
});
afterAll(() => api.close());

const send = (body: Buffer, query = '', type = XLSX): Promise<Answer> =>
  upload(api, { query: `?dataset=people${query}`, headers: { 'content-type': type }, body });

const sheets = (...parts: (SheetParts | string)[]): Buffer =>
  workbook({
    sheets: parts.map((part) => (typeof part === 'string' ? { name: part, rows: PEOPLE_ROWS } : part)),
  });

const sheetOf = (answer: Answer): Readonly<Record<string, unknown>> =>
  (answer.json()['dialect'] as { sheet: Record<string, unknown> }).sheet;

describe('which sheet', () => {
  const notes: SheetParts = { name: 'Notes', rows: table([['read me'], ['please']]) };
  const empty: SheetParts = { name: 'Sheet3', rows: '' };
  const hidden: SheetParts = { name: 'Lists', state: 'hidden', rows: PEOPLE_ROWS };

  it.each([
    ['the only one', sheets('One'), '', 'One'],
    ['the only one with rows', sheets(empty, 'Two', empty), '', 'Two'],
    ['the only one that fits', sheets(notes, 'Data', empty), '', 'Data'],
    ['the only one that is not hidden', sheets(hidden, 'Data'), '', 'Data'],
    ['a hidden one by name', sheets(hidden, 'Data'), '&sheet=Lists', 'Lists'],
    ['by number, hidden ones not counted', sheets(hidden, 'A', 'B'), '&sheet=2', 'B'],
    ['by name before number', sheets('2', 'B'), '&sheet=2', '2'],
    ['by name in other case', sheets('Data', 'B'), '&sheet=data', 'Data'],
  ])('%s', async (_what, body, query, name) => {
    const answer = await send(body, query);
    expect(answer.status).toBe(202);
    expect(sheetOf(answer)).toMatchObject({ name, firstColumn: 'A' });
  });

  it('asks when several fit, and shows how they begin', async () => {
    const answer = await send(sheets('North', 'South', notes));
    expect(answer.json()).toMatchObject({
      status: 422,
      code: 'FILE_SHEET',
      sheets: ['North', 'South', 'Notes'],
      candidates: [
        { options: { sheet: 'North' }, header: ['name', 'age'] },
        { options: { sheet: 'South' }, header: ['name', 'age'] },
      ],
    });
    expect((await send(sheets('North', 'South', notes), '&sheet=South')).status).toBe(202);
  });
  it('asks when none fits', async () => {
    const answer = await send(sheets(notes, { ...notes, name: 'More' }));
    expect(answer.json()).toMatchObject({ code: 'FILE_SHEET', candidates: [{}, {}] });
  });
  it('says which there are when there is no such sheet', async () => {
    const answer = await send(sheets('Data', hidden), '&sheet=Nope');
    expect(answer.json()).toMatchObject({
      code: 'FILE_SHEET',
      detail: expect.stringContaining('"Lists" (hidden)'),
    });
  });
  it('a text file has no sheets', async () => {
    expect((await send(Buffer.from('name\nx\n'), '&sheet=1', 'text/csv')).json()).toMatchObject({
      code: 'INVALID_REQUEST',
      option: 'sheet',
    });
  });
  it('options about texts do not go with a workbook', async () => {
    expect((await send(sheets('A'), '&dialect=mysql')).json()).toMatchObject({ option: 'dialect' });
    expect((await send(sheets('A'), '&delimiter=;')).json()).toMatchObject({
      code: 'INVALID_REQUEST',
      option: 'delimiter',
    });
  });
});

it('the answer tells what Excel does not show, and speaks of the file as it was sent', async () => {
  const body = workbook({
    sheets: [
      {
        name: 'Data',
        before: '<cols><col min="2" max="3" hidden="1"/></cols>',
        rows: `${row(2, cell('B2', 'name'), cell('C2', 'age'))}<row r="3" hidden="1">${cell('B3', 'x')}</row>${row(4, cell('B4', 'y'))}`,
        after: '<mergeCells><mergeCell ref="B3:C3"/></mergeCells>',
      },
      { name: 'Old', rows: '' },
    ],
  });
  const answer = await send(body);
  expect(answer.json()).toMatchObject({ bytes: body.length, encoding: 'utf-8' });
  expect(sheetOf(answer)).toEqual({
    name: 'Data',
    isHidden: false,
    firstColumn: 'B',
    hiddenRows: 1,
    hiddenColumns: 2,
    mergedCells: ['B3:C3'],
    otherSheets: ['Old'],
  });
});

it('titles above the header are told with their number', async () => {
  const rows =
    row(1, cell('B1', 'People 2024')) +
    row(3, cell('A3', 'name'), cell('B3', 'age')) +
    row(4, cell('A4', 'x'));
  const body = workbook({ sheets: [{ name: 'S', rows }] });
  expect((await send(body)).json()).toMatchObject({ code: 'HEADER_MISMATCH', headerLine: 3 });
  expect((await send(body, '&skipLines=2')).status).toBe(202);
});

it('a header that is a number or a date is known by what it shows', async () => {
  const rows = `${row(1, cell('A1', 'name'), cell('B1', 2024))}${row(2, cell('A2', 'x'), cell('B2', 5))}`;
  const answer = await send(
    workbook({ sheets: [{ name: 'S', rows }] }),
    `&mapping=${encodeURIComponent('{"2024":"age"}')}`,
  );
  expect(answer.json()).toMatchObject({ columns: [{ field: 'name' }, { header: '2024', field: 'age' }] });
});

describe('is refused, and nothing is kept', () => {
  const compound = (name: string): Buffer =>
    Buffer.concat([
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      Buffer.alloc(2000),
      Buffer.from(name, 'utf16le'),
      Buffer.alloc(100),
    ]);
  const withSheet = (xml: string): Buffer => workbook({ sheets: [{ name: 'S', rows: '', xml }] });
  const sound = sheets('A');
  const cut = Buffer.from(sound);
  cut[cut.indexOf('sheet1.xml') + 20]! ^= 0xff;

  it.each([
    ['an old workbook', compound('Workbook\0'), 422, 'old kind (.xls), which'],
    ['one with a password', compound('EncryptedPackage'), 422, 'with a password'],
    [
      'a DTD',
      withSheet('<!DOCTYPE x [<!ENTITY a "aaa">]><worksheet><sheetData/></worksheet>'),
      422,
      'document type',
    ],
    [
      'an entity',
      withSheet(
        `<worksheet><sheetData>${row(1, '<c r="A1" t="str"><v>&lol;</v></c>')}</sheetData></worksheet>`,
      ),
      422,
      '&lol;',
    ],
    ['XML that is cut off', withSheet(`<worksheet><sheetData>${PEOPLE_ROWS}`), 422, 'ends early'],
    [
      'elements that do not nest',
      withSheet('<worksheet><sheetData></worksheet></sheetData>'),
      422,
      'not open',
    ],
    ['UTF-16', withSheet('<?xml version="1.0" encoding="UTF-16"?><worksheet/>'), 422, 'only UTF-8'],
    [
      'a row that comes twice',
      withSheet(`<worksheet><sheetData>${row(2)}${row(2)}</sheetData></worksheet>`),
      422,
      'comes after row 2',
    ],
    [
      'a row too far down',
      withSheet('<worksheet><sheetData><row r="1048577"/></sheetData></worksheet>'),
      422,
      '1048576 rows',
    ],
    [
      'a column too far out',
      withSheet(`<worksheet><sheetData>${row(1, cell('XFE1', 1))}</sheetData></worksheet>`),
      422,
      '16384 columns',
    ],
    [
      'a text that is not there',
      withSheet(`<worksheet><sheetData>${row(1, '<c r="A1" t="s"><v>7</v></c>')}</sheetData></worksheet>`),
      422,
      'refers to a text',
    ],
    [
      'a sheet that is not there',
      workbook({
        sheets: [{ name: 'S', rows: '' }],
        instead: { 'xl/_rels/workbook.xml.rels': '<Relationships/>' },
      }),
      422,
      'no sheet with cells',
    ],
    ['an empty sheet', sheets({ name: 'S', rows: '' }), 422, 'The file is empty'],
    ['a header alone', sheets({ name: 'S', rows: row(1, cell('A1', 'name')) }), 422, 'no records below'],
    [
      'many merged cells',
      sheets({ name: 'S', rows: PEOPLE_ROWS, after: '<mergeCell ref="A2:A3"/>'.repeat(3) }),
      422,
      'SLUICE_MAX_MERGED_RANGES',
    ],
    ['damaged bytes', cut, 422, ''],
    [
      'a part that is packed by another method',
      zip([
        { name: '[Content_Types].xml', content: '<Types/>' },
        { name: 'xl/workbook.xml', content: '<workbook/>' },
        { name: '_rels/.rels', content: '<Relationships/>', method: 93 },
      ]),
      422,
      'method 93',
    ],
    ['a workbook in gzip', gzipSync(sound), 422, 'packed twice'],
  ])('%s', async (_what, body, status, says) => {
    const before = await kept(api);
    const answer = await send(body, '', body[0] === 0x50 ? XLSX : 'text/csv');
    expect(answer.json()).toMatchObject({ status, detail: expect.stringContaining(says) });
    expect(await kept(api)).toEqual(before);
  });

  it.each([
    ['in its XML', `<worksheet><!--${' '.repeat(30_000_000)}--><sheetData/></worksheet>`, []],
    [
      'in what it becomes',
      `<worksheet><sheetData>${row(1, cell('A1', 'name'))}${'<row><c t="s"><v>0</v></c></row>'.repeat(5000)}</sheetData></worksheet>`,
      [`<si><t>${'x'.repeat(30_000)}</t></si>`],
    ],
  ])('a bomb %s', async (_where, xml, strings) => {
    const before = await kept(api);
    const answer = await send(workbook({ sheets: [{ name: 'S', rows: '', xml }], strings }));
    expect(answer.json()['code']).toMatch(/^(UPLOAD_INFLATES_TOO_FAR|FILE_WORKBOOK)$/);
    expect(await kept(api)).toEqual(before);
  });
});

describe('the XML that programs write', () => {
  const strict = 'http://purl.oclc.org/ooxml';
  it.each([
    [
      'prefixes and the strict namespace',
      `<x:worksheet xmlns:x="${strict}/spreadsheetml/main"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>name</x:t></x:is></x:c></x:row><x:row r="2"><x:c r="A2" t="str"><x:v>Ann</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
    ],
    [
      'a BOM, comments, CDATA and quotes of both kinds',
      `\ufeff<?xml version='1.0'?><!-- x --><worksheet><sheetData><row r='1'><c r='A1' t='str'><v><![CDATA[name]]></v></c></row><row r='2'><c r='A2' t='str'><v>An<!-- y -->n</v></c></row></sheetData></worksheet>`,
    ],
    [
      'blanks and line ends between elements',
      `<?xml version="1.0" encoding="utf-8"?>\r\n<worksheet>\r\n <sheetData>\r\n  <row r="1" spans="1:1">\r\n   <c  r = "A1"\r\n t="str" ><v>name</v ></c>\r\n</row><row r="2"><c r="A2" t="str"><v>Ann</v></c></row>\r\n </sheetData>\r\n</worksheet>`,
    ],
  ])('%s', async (_what, xml) => {
    const answer = await send(workbook({ sheets: [{ name: 'S', rows: '', xml }] }));
    expect(answer.json()).toMatchObject({ columns: [{ header: 'name', field: 'name' }] });
  });
});

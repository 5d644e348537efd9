// POST /v1/imports with a spreadsheet of LibreOffice: which sheet, what is refused, and what the answer says.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApi } from '../../support/api.ts';
import { contentXml, ODS, ods, odsFile, odsRow, typedCell, type OdsSheetParts } from '../../support/ods.ts';
import { kept, listeningApi, upload, type Answer } from '../../support/uploads.ts';

const PEOPLE_ROWS = odsRow('name', 'age') + odsRow('Ann', 7);
const PLAIN = { name: 'S', rows: PEOPLE_ROWS };

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi({ env: { SLUICE_MAX_INFLATE_RATIO: '50', SLUICE_MAX_MERGED_RANGES: '2' } });
});
afterAll(() => api.close());

const send = (body: Buffer, query = '', type = ODS): Promise<Answer> =>
  upload(api, { query: `?dataset=people${query}`, headers: { 'content-type': type }, body });

describe('which sheet', () => {
  const hidden: OdsSheetParts = { name: 'Lists', style: 'hidden', rows: PEOPLE_ROWS };
  const notes: OdsSheetParts = { name: 'Notes', rows: odsRow('read me') };
  const empty: OdsSheetParts = { name: 'Sheet3', rows: '' };

  it.each([
    ['the only one', [PLAIN], '', 'S'],
    ['the only one that fits', [notes, PLAIN, empty], '', 'S'],
    ['the only one that is not hidden', [hidden, PLAIN], '', 'S'],
    ['a hidden one by name', [PLAIN, hidden], '&sheet=Lists', 'Lists'],
    ['by number', [PLAIN, { ...PLAIN, name: 'Two' }], '&sheet=2', 'Two'],
  ])('%s', async (_what, sheets, query, name) => {
    const answer = await send(ods(...sheets), query);
    expect(answer.json()).toMatchObject({ encoding: 'utf-8', dialect: { sheet: { name } } });
  });
  it('asks when several fit', async () => {
    const answer = await send(ods(PLAIN, { ...PLAIN, name: 'South' }, notes));
    expect(answer.json()).toMatchObject({
      status: 422,
      code: 'FILE_SHEET',
      candidates: [{ options: { sheet: 'S' } }, { options: { sheet: 'South' }, header: ['name', 'age'] }],
    });
  });
});

it('the answer tells what is hidden or merged, as for .xlsx', async () => {
  const merged = typedCell('office:value-type="string" table:number-columns-spanned="2"', 'y');
  const rows = `<table:table-column table:visibility="collapse"/>${odsRow('name', 'age')}<table:table-row table:visibility="collapse">${typedCell('office:value-type="string"', 'x')}</table:table-row>${odsRow(merged, '<table:covered-table-cell/>')}`;
  expect((await send(ods({ name: 'S', rows }))).json()).toMatchObject({
    dialect: { sheet: { hiddenRows: 1, hiddenColumns: 1, mergedCells: ['A3:B3'] } },
  });
});

it('is known by its bytes, without mimetype, and a template is read alike', async () => {
  const content = contentXml([PLAIN]);
  for (const body of [odsFile({ content, mimetype: `${ODS}-template` }), ods(PLAIN)])
    expect((await send(body, '', 'application/zip')).status).toBe(202);
});

describe('is refused, and nothing is kept', () => {
  const other = (mimetype: string): Buffer => odsFile({ mimetype, content: contentXml([PLAIN]) });
  const alike = (attributes: string): string =>
    `${odsRow('name')}<table:table-row table:number-rows-repeated="1048570">${typedCell(`office:value-type="string" ${attributes}`, 'x'.repeat(1000))}</table:table-row>`;
  const password = '<manifest:encryption-data manifest:checksum="x"/>';

  it.each([
    ['a text document', other('application/vnd.oasis.opendocument.text'), 'text document of LibreOffice'],
    ['a presentation', other('application/vnd.oasis.opendocument.presentation'), '(.odp)'],
    ['one of OpenOffice 1', other('application/vnd.sun.xml.calc'), '(.sxc)'],
    ['a password', odsFile({ content: 'x8s7', encryption: password }), 'with a password'],
    [
      'a password over all of it',
      odsFile({ more: [{ name: 'encrypted-package', content: 'x8' }] }),
      'with a password',
    ],
    ['XML that is cut off', odsFile({ content: contentXml([PLAIN]).slice(0, -300) }), 'ends early'],
    ['a DTD', odsFile({ content: '<!DOCTYPE x><x/>' }), 'document type'],
    ['no sheet', ods(), 'no sheet with cells'],
    ['an empty sheet', ods({ name: 'S', rows: '' }), 'The file is empty'],
    ['more rows than a sheet has', ods({ name: 'S', rows: alike('').replace('70', '77') }), '1048576 rows'],
    ['rows without end', ods({ name: 'S', rows: alike('') }), 'SLUICE_MAX_INFLATE_RATIO'],
    [
      'cells without end',
      ods({ name: 'S', rows: alike('table:number-columns-repeated="16384"') }),
      'SLUICE_MAX_INFLATE_RATIO',
    ],
    [
      'one in flat XML',
      Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n\n<office:document xmlns:office="x"/>'),
      'save it as .ods or .xlsx',
    ],
  ])('%s', async (_what, body, says) => {
    const before = await kept(api);
    const answer = await send(body, '', body[0] === 0x50 ? ODS : 'text/csv');
    expect(answer.json()).toMatchObject({ detail: expect.stringContaining(says) });
    expect([413, 422]).toContain(answer.status);
    expect(await kept(api)).toEqual(before);
  });
});

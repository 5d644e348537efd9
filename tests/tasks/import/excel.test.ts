// Workbooks as files: what lands of each kind of cell, and what is rejected by the name of its cell.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { withPlace } from '../../../src/core/imports/error-place.ts';
import { findImport } from '../../../src/db/imports/imports.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import type { RawUploadOptions } from '../../../src/intake/upload-options.ts';
import { freshSlot, type FreshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport } from '../../support/slot.ts';
import { cell, row, table, workbook, type SheetParts, type WorkbookParts } from '../../support/workbook.ts';

const VALUES: Dataset = {
  name: 'values',
  schema: {
    fields: [
      { name: 'code', type: 'string' },
      { name: 'text', type: 'string', missingValues: ['', '#N/A'] },
      { name: 'amount', type: 'number', decimalChar: ',', groupChar: '.' },
      { name: 'count', type: 'integer' },
      { name: 'day', type: 'date', format: '%d.%m.%Y' },
      { name: 'moment', type: 'datetime' },
      { name: 'clock', type: 'time' },
      { name: 'yes', type: 'boolean', trueValues: ['ja'], falseValues: ['nein'] },
    ],
  },
  target: { table: 'values_of_sheets' },
};
const HEADER = VALUES.schema.fields.map(({ name }) => name);
const FORMATS = [14, 22, 21, '[h]:mm:ss', '00000', '0.00%', 'yyyy\\-mm\\-dd;@', '#,##0.00 "Std"'];

let fresh: FreshSlot;

beforeAll(async () => {
  fresh = await freshSlot([VALUES]);
});
afterAll(() => fresh.close());
beforeEach(() => fresh.database.pool.query('TRUNCATE values_of_sheets'));

interface Landed {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly errors: readonly { readonly cell?: string; readonly code: string; readonly message: string }[];
}

async function land(content: Buffer, options: RawUploadOptions = {}): Promise<Landed> {
  const { slot, database } = fresh;
  const id = await addImport(slot, VALUES, content, options);
  await runImport(slot, id);
  const imp = await findImport(slot.db, id);
  const { errors } = await listRowErrors(slot.db, id, {}, { limit: 100 });
  const { rows } = await database.pool.query<Record<string, unknown>>(
    `SELECT code, text, amount::text, count, day::text, (moment AT TIME ZONE 'UTC')::text AS moment, clock::text, yes
      FROM values_of_sheets ORDER BY import_row`,
  );
  return { rows, errors: errors.map((error) => withPlace(error, imp!.dialect)) };
}

function book(rows: string, parts: Partial<WorkbookParts> = {}, sheet: Partial<SheetParts> = {}): Buffer {
  return workbook({
    formats: FORMATS,
    ...parts,
    sheets: [{ name: 'Data', rows: table([HEADER]) + rows, ...sheet }],
  });
}

/** The value that one cell lands as. */
async function value(column: string, xml: string, parts: Partial<WorkbookParts> = {}): Promise<unknown> {
  await fresh.database.pool.query('TRUNCATE values_of_sheets');
  const { rows, errors } = await land(book(`<row r="2"><c r="A2"><v>1</v></c>${xml}</row>`, parts));
  if (errors.length > 0) return errors[0];
  return rows[0]?.[column];
}

describe('numbers', () => {
  it.each([
    ['0.30000000000000004', '0.3'],
    ['1234.5', '1234.5'],
    ['1.5E3', '1500'],
    ['-0', '0'],
    ['100', '100'],
    ['12.0', '12'],
    ['1E+21', '1000000000000000000000'],
    ['1.234', '1.234'],
    ['0.1', '0.1'],
    ['-7', '-7'],
  ])('%s is %s, whatever notation the texts of the field have', async (raw, landed) => {
    expect(await value('amount', `<c r="C2"><v>${raw}</v></c>`)).toBe(landed);
  });
  it('a text in the field’s notation is read in it', async () => {
    expect(await value('amount', cell('C2', '1.234,5'))).toBe('1234.5');
  });
  it('a number lands in a text as Excel shows it', async () => {
    expect(await value('text', '<c r="B2"><v>12345</v></c>')).toBe('12345');
    expect(await value('text', '<c r="B2"><v>1E+21</v></c>')).toBe('1E+21');
    expect(await value('text', '<c r="B2"><v>9.9999999999999995E-8</v></c>')).toBe('1E-07');
    expect(await value('text', '<c r="B2"><v>-1.5e-100</v></c>')).toBe('-1.5E-100');
    expect(await value('text', '<c r="B2" s="5"><v>42</v></c>')).toBe('00042');
    expect(await value('text', '<c r="B2" s="6"><v>0.125</v></c>')).toBe('12.5%');
    expect(await value('amount', '<c r="C2" s="6"><v>0.125</v></c>')).toBe('0.125');
    expect(await value('amount', '<c r="C2" s="8"><v>7.5</v></c>')).toBe('7.5');
  });
  it('more than 15 digits are an error, because Excel shows others', async () => {
    expect(await value('text', '<c r="B2"><v>12345678901234567</v></c>')).toMatchObject({
      cell: 'B2',
      code: 'cell-error',
    });
  });
  it('a decimal is no integer', async () => {
    expect(await value('count', '<c r="D2"><v>1.5</v></c>')).toMatchObject({
      cell: 'D2',
      code: 'type-error',
    });
    expect(await value('count', '<c r="D2"><v>3</v></c>')).toBe('3');
  });
});

describe('dates', () => {
  it.each([
    ['day', 'E2', 1, '45322', '2024-01-31'],
    ['day', 'E2', 7, '45322', '2024-01-31'],
    ['day', 'E2', 1, '59', '1900-02-28'],
    ['day', 'E2', 1, '1', '1900-01-01'],
    ['day', 'E2', 1, '61', '1900-03-01'],
    ['moment', 'F2', 2, '45322.572916666664', '2024-01-31 13:45:00'],
    ['moment', 'F2', 1, '45322', '2024-01-31 00:00:00'],
    ['day', 'E2', 2, '45322', '2024-01-31'],
    ['clock', 'G2', 3, '0.572916666666667', '13:45:00'],
    ['text', 'B2', 4, '1.0625', '25:30:00'],
    ['text', 'B2', 1, '45322', '2024-01-31'],
  ])('%s %s with style %s: %s is %s', async (column, name, style, raw, landed) => {
    expect(await value(column, `<c r="${name}" s="${style}"><v>${raw}</v></c>`)).toBe(landed);
  });
  it.each([
    ['day', 'E2', 1, '60'],
    ['day', 'E2', 1, '-1'],
    ['day', 'E2', 1, '2958466'],
    ['day', 'E2', 2, '45322.5'],
    ['day', 'E2', 0, '45322'],
    ['clock', 'G2', 3, '45322.5'],
    ['clock', 'G2', 4, '1.0625'],
    ['day', 'E2', 1, '0.5'],
  ])('%s %s with style %s: %s is an error', async (_column, name, style, raw) => {
    expect(await value('code', `<c r="${name}" s="${style}"><v>${raw}</v></c>`)).toMatchObject({
      cell: name,
    });
  });
  it('the system of 1904 begins later', async () => {
    expect(await value('day', '<c r="E2" s="1"><v>43860</v></c>', { date1904: true })).toBe('2024-01-31');
    expect(await value('day', '<c r="E2" s="1"><v>60</v></c>', { date1904: true })).toBe('1904-03-01');
  });
  it('cells of type d hold ISO 8601', async () => {
    expect(await value('day', '<c r="E2" t="d"><v>2024-01-31</v></c>')).toBe('2024-01-31');
    expect(await value('moment', '<c r="F2" t="d"><v>2024-01-31T13:45:00</v></c>')).toBe(
      '2024-01-31 13:45:00',
    );
    expect(await value('moment', '<c r="F2" t="d"><v>2024-01-31T13:45:00.000Z</v></c>')).toBe(
      '2024-01-31 13:45:00',
    );
    expect(await value('day', '<c r="E2" t="d"><v>2024-01-31T00:00:00.000Z</v></c>')).toBe('2024-01-31');
  });
  it('a text in the field’s format is read in it', async () => {
    expect(await value('day', cell('E2', '31.01.2024'))).toBe('2024-01-31');
  });
});

describe('texts', () => {
  const strings = [
    '<si><t>plain</t></si>',
    '<si><r><rPr><b/></rPr><t xml:space="preserve">rich </t></r><r><t>text</t></r></si>',
    '<si><t>課きく</t><rPh sb="0" eb="1"><t>カ</t></rPh><phoneticPr fontId="1"/></si>',
    '<si><t>two_x000D_\nlines</t></si>',
    '<si><t>_x005F_x0041_</t></si>',
    '<si><t xml:space="preserve"> kept </t></si>',
    '<si><t> not kept </t></si>',
    '<si><t>a &amp; "b", c;&#x9;d</t></si>',
    '<si><t><![CDATA[<c>]]></t></si>',
    '<si/>',
  ];
  it.each([
    [0, 'plain'],
    [1, 'rich text'],
    [2, '課きく'],
    [3, 'two\r\nlines'],
    [4, '_x0041_'],
    [5, ' kept '],
    [6, 'not kept'],
    [7, 'a & "b", c;\td'],
    [8, '<c>'],
    [9, null],
  ])('string %i is %j', async (index, landed) => {
    expect(await value('text', `<c r="B2" t="s"><v>${index}</v></c>`, { strings })).toBe(landed);
  });
  it.each([
    ['<c r="B2" t="inlineStr"><is><t>00123</t></is></c>', '00123'],
    [
      '<c r="B2" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh sb="0" eb="1"><t>x</t></rPh></is></c>',
      'ab',
    ],
    ['<c r="B2" t="str"><f>A1&amp;"x"</f><v>00x</v></c>', '00x'],
    ['<c r="B2" t="b"><v>1</v></c>', 'TRUE'],
    ['<c r="B2" t="str"><f>""</f><v></v></c>', null],
    ['<c r="B2"/>', null],
    ['<c r="B2" t="e"><v>#N/A</v></c>', null],
  ])('%s is %j', async (xml, landed) => {
    expect(await value('text', xml)).toBe(landed);
  });
  it('truths are truths, whatever words the field has for its texts', async () => {
    expect(await value('yes', '<c r="H2" t="b"><v>1</v></c>')).toBe(true);
    expect(await value('yes', cell('H2', 'nein'))).toBe(false);
  });
});

describe('cells without a value of their own', () => {
  it.each([
    ['<c r="B2" t="e"><v>#DIV/0!</v></c>', '#DIV/0!'],
    ['<c r="B2"><f>SUM(A1)</f><v></v></c>', 'formula without a result'],
    ['<c r="B2"><f>SUM(A1)</f></c>', 'formula without a result'],
    ['<c r="B2"><v>x</v></c>', 'cannot be read'],
    ['<c r="B2"><v>1"\n,2</v></c>', 'cannot be read'],
    ['<c r="B2" t="e"><v>#A"\n"B</v></c>', 'holds the error'],
    ['<c r="B2" t="q&quot;"><v>1</v></c>', 'of a kind that'],
    ['<c r="B2" t="inlineStr"><is><t>a_x0000_b</t></is></c>', 'NUL'],
    ['<c r="B2"><v>1</v></c><c r="B2"><v>2</v></c>', 'two values'],
  ])('%s is an error that names the cell', async (xml, says) => {
    const error = await value('text', xml);
    expect(error).toMatchObject({ cell: 'B2', code: 'cell-error', message: expect.stringContaining(says) });
  });
  it('a 0 that a program wrote for a formula it did not calculate is an error', async () => {
    const zero = '<c r="B2"><f>SUM(A1)</f><v>0</v></c>';
    expect(await value('text', zero, { uncalculated: true })).toMatchObject({
      cell: 'B2',
      code: 'cell-error',
    });
    expect(await value('text', zero)).toBe('0');
    const others = { '<c r="B2"><f>SUM(A1)</f><v>3</v></c>': '3', '<c r="B2"><v>0</v></c>': '0' };
    for (const [xml, landed] of Object.entries(others))
      expect(await value('text', xml, { uncalculated: true })).toBe(landed);
  });
  it('a merged cell rejects the records that lack its value', async () => {
    const { rows, errors } = await land(
      book(
        row(2, cell('A2', 'a'), cell('B2', 'x')) + row(3, cell('A3', 'b')) + row(4, cell('A4', 'c')),
        {},
        {
          after: '<mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>',
        },
      ),
    );
    expect(rows.map(({ code }) => code)).toEqual(['a', 'c']);
    expect(errors).toMatchObject([
      { cell: 'B3', code: 'cell-error', message: expect.stringContaining('B2:B3') },
    ]);
  });
});

describe('what the texts of a sheet leave open', () => {
  it('is asked; its numbers and dates leave nothing open', async () => {
    const open: Dataset = {
      ...VALUES,
      schema: {
        fields: [
          { name: 'code', type: 'date', format: 'any' },
          { name: 'amount', type: 'number' },
        ],
      },
    };
    const send = (...cells: string[]) =>
      addImport(
        fresh.slot,
        open,
        workbook({
          formats: FORMATS,
          sheets: [{ name: 'S', rows: row(1, cell('A1', 'code'), cell('B1', 'amount')) + row(2, ...cells) }],
        }),
      );
    await expect(send(cell('A2', 45322, 1), cell('B2', 1.234))).resolves.toBeDefined();
    await expect(send(cell('A2', '01/02/2024'), cell('B2', 1.234))).rejects.toMatchObject({
      code: 'DATE_ORDER_AMBIGUOUS',
    });
    // A text in another notation is a row error; beside one that could be either it is a question.
    await expect(send(cell('A2', 45322, 1), cell('B2', '1.234,5'))).resolves.toBeDefined();
    const two = `${cell('B2', '1.234,5')}</row><row r="3">${cell('B3', '1.234')}`;
    await expect(send(two)).rejects.toMatchObject({ code: 'NUMBER_NOTATION_AMBIGUOUS' });
  });
});

describe('where cells are', () => {
  it('without a header the columns are the fields in order, wherever the first record begins', async () => {
    const { rows, errors } = await land(
      workbook({
        sheets: [
          {
            name: 'S',
            rows:
              row(2, cell('C2', 'a'), cell('E2', 5)) +
              row(3, cell('C3', 'b'), cell('D3', 'x'), cell('K3', 1)),
          },
        ],
      }),
      { header: 'false' },
    );
    expect(rows).toMatchObject([{ code: 'a', text: null, amount: '5' }]);
    expect(errors).toMatchObject([{ line: 3, cell: 'K3', code: 'extra-cell', value: '1' }]);
  });
  it('a header of two rows, notes below it, and a total at the end are read as the options say', async () => {
    const rows = [
      row(1, cell('B1', 'code'), cell('C1', 'te')),
      row(2, cell('C2', 'xt')),
      row(3, cell('B3', 'note')),
      row(5, cell('B5', 'a'), cell('C5', 'x')),
      row(7, cell('B7', 'Total'), cell('C7', 5)),
    ].join('');
    const options = { headerRows: '2', skipAfterHeader: '1', mapping: '{"te xt":"text"}' };
    const send = () => workbook({ sheets: [{ name: 'S', rows }] });
    const { rows: landed, errors } = await land(send(), options);
    expect(landed).toMatchObject([{ code: 'a', text: 'x' }]);
    expect(errors).toMatchObject([{ line: 7, code: 'table-error' }]);
    await fresh.database.pool.query('TRUNCATE values_of_sheets');
    expect((await land(send(), { ...options, skipFooter: '1' })).errors).toEqual([]);
  });
  it('the header on each page of a report is left out where the sender says so', async () => {
    const page = (at: number): string =>
      row(at, cell(`A${at}`, 'code'), cell(`B${at}`, 'text')) +
      row(at + 1, cell(`A${at + 1}`, `c${at}`), cell(`B${at + 1}`, 'x'));
    const file = workbook({ sheets: [{ name: 'S', rows: [page(1), page(4), page(6)].join('') }] });
    const { rows: landed, errors } = await land(file, { repeatedHeader: 'skip' });
    expect(errors).toEqual([]);
    expect(landed.map(({ code }) => code)).toEqual(['c1', 'c4', 'c6']);
  });
  it('a value beside the table is named, also far down and far out', async () => {
    const rows = Array.from({ length: 300 }, (_, at) => row(at + 2, cell(`A${at + 2}`, at))).join('');
    const { errors } = await land(
      book(`${rows}${row(400, cell('A400', 'x'), cell('XFD400', 'a\nb'), cell('Z400', 45322, 1))}`),
    );
    expect(errors).toMatchObject([{ line: 400, cell: 'Z400', code: 'extra-cell', value: '2024-01-31' }]);
  });
  it('anchors of controls are no rows', async () => {
    const { rows } = await land(
      book(
        row(2, cell('A2', 'a')),
        {},
        {
          after:
            '<controls><control><anchor><from><xdr:col>1</xdr:col><xdr:row>3</xdr:row></from></anchor></control></controls>',
        },
      ),
    );
    expect(rows).toHaveLength(1);
  });
  it('without names, out of order, below blank rows, in a sheet that begins at B3', async () => {
    const unnamed =
      '<row><c t="inlineStr"><is><t>code</t></is></c><c t="inlineStr"><is><t>text</t></is></c></row><row><c><v>1</v></c><c><v>2</v></c></row>';
    expect((await land(workbook({ sheets: [{ name: 'S', rows: unnamed }] }))).rows).toMatchObject([
      { code: '1', text: '2' },
    ]);
    await fresh.database.pool.query('TRUNCATE values_of_sheets');
    const moved = `${row(3, cell('C3', 'text'), cell('B3', 'code'))}<row r="4"/>${row(6, cell('C6', 'x'), cell('B6', 5))}${row(9, cell('B9', 6), cell('E9', 'beyond'))}${row(10, cell('A10', 'before'), cell('B10', 7))}`;
    const { rows, errors } = await land(workbook({ sheets: [{ name: 'S', rows: moved }] }));
    expect(rows).toMatchObject([{ code: '5', text: 'x' }]);
    expect(errors).toMatchObject([
      { row: 2, line: 9, cell: 'E9', code: 'extra-cell', value: 'beyond' },
      { row: 3, line: 10, cell: 'B10', code: 'cell-error', message: expect.stringContaining('A10') },
    ]);
  });
});

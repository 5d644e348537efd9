// Cells and rows of OpenDocument spreadsheets, as the text of a sheet has them.
import { describe, expect, it } from 'vitest';
import { OdsReader } from '../../../src/core/excel/ods/sheet-reader.ts';
import { OdsStyles } from '../../../src/core/excel/ods/styles.ts';
import type { RowCells } from '../../../src/core/excel/row-cells.ts';
import { readSheetCell } from '../../../src/core/excel/sheet-cell.ts';
import type { MergedRange } from '../../../src/core/excel/sheet-parts.ts';
import { contentXml, odsRow, typedCell } from '../../support/ods.ts';

interface Read {
  /** `A1: text`, `B2: number 1 (shown)`. */
  readonly cells: readonly string[];
  readonly hiddenRows: readonly number[];
  readonly hiddenColumns: readonly (readonly number[])[];
  readonly merged: readonly MergedRange[];
}

/** @param pieceBytes the XML comes in pieces of so many bytes */
function read(content: string, pieceBytes = Infinity, wanted = 0): Read {
  const cells: string[] = [];
  const hiddenRows: number[] = [];
  const hiddenColumns: number[][] = [];
  const merged: MergedRange[] = [];
  const receiver = {
    row(row: number, { columns, bytes, starts, ends }: RowCells, isHidden: boolean): void {
      if (isHidden) hiddenRows.push(row);
      for (const column of columns) {
        const { kind, value, shown } = readSheetCell(bytes.toString('utf8', starts[column], ends[column]));
        const name = `${String.fromCharCode(64 + column)}${row}`;
        cells.push(`${name}: ${kind} ${value}${shown === value ? '' : ` (${shown})`}`);
      }
    },
    hiddenColumns: (...range: number[]) => void hiddenColumns.push(range),
    merged: (range: MergedRange) => void merged.push(range),
  };
  const reader = new OdsReader(new OdsStyles(), (sheet) => (sheet === wanted ? receiver : undefined));
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    reader.push(bytes.subarray(at, Math.min(bytes.length, at + pieceBytes)));
    while (reader.run());
  }
  reader.push(null);
  while (reader.run());
  return { cells, hiddenRows, hiddenColumns, merged };
}
const readRows = (rows: string): readonly string[] => read(contentXml([{ name: 'S', rows }])).cells;
const number = (value: string, more = ''): string =>
  `office:value-type="float" office:value="${value}"${more}`;
const date = (value: string, style = 'day'): string =>
  `table:style-name="${style}" office:value-type="date" office:date-value="${value}"`;
const time = (value: string, style = 'clock'): string =>
  `table:style-name="${style}" office:value-type="time" office:time-value="${value}"`;
const paragraphs = (...texts: string[]): string =>
  `<table:table-cell office:value-type="string">${texts.map((text) => `<text:p>${text}</text:p>`).join('')}</table:table-cell>`;
const FORMULA = ' table:formula="of:=X"';

describe('a cell of an .ods file', () => {
  it.each([
    ['a number', typedCell(number('1234.5'), '1.234,50'), 'number 1234.5'],
    ['a number as it is shown', typedCell(number('0.30000000000000004')), 'number 0.3'],
    ['a large number', typedCell(number('1E+021'), '1E+21'), 'number 1E+21'],
    ['too many digits', typedCell(number('1234567890123456')), 'error #1234567890123456'],
    ['leading zeros', typedCell(number('42', ' table:style-name="zeros"'), '00042'), 'number 42 (00042)'],
    ['a currency', typedCell('office:value-type="currency" office:value="-3"', '-3 €'), 'number -3'],
    [
      'a percentage',
      typedCell('office:value-type="percentage" office:value="0.125"'),
      'number 0.125 (12.5%)',
    ],
    ['a number without one', typedCell('office:value-type="float"', '7'), 'error #VALUE'],
    ['a day', typedCell(date('2024-01-31'), '31.01.24'), 'date 2024-01-31'],
    ['a day before 1900', typedCell(date('1850-05-06')), 'date 1850-05-06'],
    ['a day at midnight', typedCell(date('2024-01-31', 'moment')), 'date 2024-01-31T00:00:00'],
    ['a moment', typedCell(date('2024-01-31T13:45:07')), 'date 2024-01-31T13:45:07'],
    ['a moment rounded', typedCell(date('2024-01-31T23:59:59.9999')), 'date 2024-02-01'],
    ['milliseconds', typedCell(date('2024-01-31T13:45:07.125')), 'date 2024-01-31T13:45:07.125'],
    ['a month', typedCell(date('2024-03-01', 'month'), 'Mar 24'), 'date 2024-03-01 (2024-03)'],
    ['a day that is none', typedCell(date('2024-02-30')), 'error #2024-02-30'],
    ['a day before Christ', typedCell(date('-0044-03-15')), 'error #-0044-03-15'],
    ['a time', typedCell(time('PT13H45M00S')), 'date 13:45:00'],
    ['a part of a second', typedCell(time('PT13H45M00.500000000S')), 'date 13:45:00.500'],
    ['a duration', typedCell(time('PT25H30M00S', 'elapsed')), 'date 25:30:00'],
    ['a duration of days', typedCell(time('P1DT1H')), 'date 25:00:00'],
    ['a time below zero', typedCell(time('-PT01H00M00S')), 'error #-PT01H00M00S'],
    ['true', typedCell('office:value-type="boolean" office:boolean-value="true"', 'WAHR'), 'boolean TRUE'],
    ['true by formula', typedCell(number('1', FORMULA), 'TRUE'), 'boolean TRUE'],
    ['a text of digits', paragraphs('00123'), 'text 00123'],
    ['paragraphs', paragraphs('a', '', 'b'), 'text a\n\nb'],
    ['a line break', paragraphs('a<text:line-break/>b<text:tab/>c'), 'text a\nb\tc'],
    ['blanks', paragraphs('<text:s text:c="2"/>a <text:s/>b '), 'text   a  b '],
    ['blanks that LibreOffice writes as they are', paragraphs('a ', ' b&#xd;'), 'text a \n b\r'],
    ['runs and links', paragraphs('a<text:span>b<text:a>c</text:a></text:span>d'), 'text abcd'],
    [
      'furigana',
      paragraphs(
        '<text:ruby><text:ruby-base>東</text:ruby-base><text:ruby-text>ひがし</text:ruby-text></text:ruby>',
      ),
      'text 東',
    ],
    ['a text in an attribute', typedCell('office:value-type="string" office:string-value="a"'), 'text a'],
    ['no type', typedCell('', 'a'), 'text a'],
    [
      'an error that LibreOffice says',
      typedCell(
        `${FORMULA} office:value-type="string" office:string-value="" calcext:value-type="error"`,
        'Err:502',
      ),
      'error #Err:502',
    ],
    ['an error as others write it', typedCell(number('0', FORMULA), '#DIV/0!'), 'error #DIV/0!'],
    ['an error in German', typedCell(number('0', FORMULA), '#WERT!'), 'error #WERT!'],
    ['a text like an error', paragraphs('#N/A'), 'text #N/A'],
    ['a formula without a result', `<table:table-cell${FORMULA}/>`, 'error #FORMULA'],
    ['a kind that nobody knows', typedCell('office:value-type="colour"'), 'error #TYPE'],
  ])('%s', (_what, xml, expected) => {
    expect(readRows(odsRow(xml, 'next'))).toEqual([`A1: ${expected}`, 'B1: text next']);
  });

  it.each([
    ['an empty text by formula', `<table:table-cell${FORMULA}><text:p/></table:table-cell>`],
    [
      'a comment alone',
      '<table:table-cell><office:annotation><text:p>no</text:p></office:annotation></table:table-cell>',
    ],
    [
      'a drawing',
      '<table:table-cell><draw:frame><draw:text-box><text:p>no</text:p></draw:text-box></draw:frame></table:table-cell>',
    ],
  ])('%s is empty', (_what, xml) => {
    expect(readRows(odsRow(xml, 'next'))).toEqual(['B1: text next']);
  });
  it('a comment is no part of its text', () => {
    const xml = `<table:table-cell office:value-type="string"><office:annotation><text:p>no</text:p></office:annotation><text:p>a</text:p></table:table-cell>`;
    expect(readRows(odsRow(xml))).toEqual(['A1: text a']);
  });
  it('has the style of its column, and its row before that', () => {
    const columns =
      '<table:table-column table:number-columns-repeated="2" table:default-cell-style-name="moment"/>';
    const plain = '<table:table-cell office:value-type="date" office:date-value="2024-01-31"/>';
    const rows = `${columns}${odsRow('a', plain)}<table:table-row table:default-cell-style-name="day">${plain}</table:table-row>`;
    expect(readRows(rows)).toEqual(['A1: text a', 'B1: date 2024-01-31T00:00:00', 'A2: date 2024-01-31']);
  });
});

describe('rows of an .ods file', () => {
  const repeated = (count: number, what: string): string => ` table:number-${what}-repeated="${count}"`;
  const empty = (rows: number, columns: number): string =>
    `<table:table-row${repeated(rows, 'rows')}><table:table-cell${repeated(columns, 'columns')}/></table:table-row>`;

  it('that are empty cost nothing, however many', () => {
    const rows = `${empty(3, 16_384)}<table:table-row><table:table-cell${repeated(2, 'columns')}/>${typedCell(number('1'))}<table:table-cell${repeated(16_381, 'columns')}/></table:table-row>${empty(1_048_572, 16_384)}`;
    expect(readRows(rows)).toEqual(['C4: number 1']);
  });
  it('and cells that are alike are as many as they are', () => {
    const cell = typedCell(number('7', repeated(2, 'columns')));
    expect(
      readRows(`<table:table-row${repeated(2, 'rows')}>${cell}</table:table-row>${odsRow('end')}`),
    ).toEqual(['A1: number 7', 'B1: number 7', 'A2: number 7', 'B2: number 7', 'A3: text end']);
  });
  it.each([
    ['rows', `<table:table-row${repeated(1_048_577, 'rows')}>${typedCell(number('1'))}</table:table-row>`],
    ['columns', odsRow(typedCell(number('1', repeated(16_385, 'columns'))))],
    [
      'bytes',
      odsRow(typedCell(`office:value-type="string"${repeated(16_384, 'columns')}`, 'x'.repeat(30_000))),
    ],
  ])('are refused when they have too many %s', (what, rows) => {
    expect(() => readRows(rows)).toThrow(what);
  });
  it('pause when many are alike, so that they can be taken', () => {
    const rows = `<table:table-row${repeated(5000, 'rows')}>${typedCell(number('1'))}</table:table-row>`;
    let given = 0;
    const receiver = { row: () => void given++, hiddenColumns: () => undefined, merged: () => undefined };
    const reader = new OdsReader(new OdsStyles(), () => receiver);
    reader.push(Buffer.from(contentXml([{ name: 'S', rows }])));
    expect(reader.run()).toBe(true);
    expect(given).toBeLessThan(5000);
    while (reader.run());
    expect(given).toBe(5000);
  });
  it('in groups, and hidden or merged', () => {
    const rows = `<table:table-column/><table:table-column table:visibility="collapse"${repeated(2, 'columns')}/>
      <table:table-header-rows>${odsRow('a')}</table:table-header-rows>
      <table:table-row-group><table:table-row table:visibility="filter"><table:table-cell/>${typedCell('office:value-type="string" table:number-columns-spanned="2" table:number-rows-spanned="2"', 'm')}<table:covered-table-cell/></table:table-row></table:table-row-group>`;
    expect(read(contentXml([{ name: 'S', rows }]))).toEqual({
      cells: ['A1: text a', 'B2: text m'],
      hiddenRows: [2],
      hiddenColumns: [[2, 3]],
      merged: [{ firstRow: 2, firstColumn: 2, lastRow: 3, lastColumn: 3 }],
    });
  });
});

it('what is read does not depend on where the XML is cut', () => {
  const sheets = [
    {
      name: 'First',
      rows: `${odsRow('no')}<!-- </table:table> --><table:shapes><![CDATA[</table:table>]]><table:table table:name="x"/></table:shapes>`,
    },
    { name: 'S', rows: odsRow(typedCell(date('2024-01-31')), paragraphs('a é', 'b'), 5) },
    { name: 'Last', rows: odsRow('no') },
  ];
  const content = contentXml(sheets);
  const expected = ['A1: date 2024-01-31', 'B1: text a é\nb', 'C1: number 5'];
  for (let bytes = 1; bytes < 80; bytes++) expect(read(content, bytes, 1).cells).toEqual(expected);
});

it('prefixes of its own are refused: its cells would be passed over', () => {
  const own = contentXml([{ name: 'S', rows: odsRow('a') }]).replaceAll('table:', 'tab:');
  expect(() => read(own)).toThrow('xmlns:table:1.0');
});

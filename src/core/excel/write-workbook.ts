// The parts of a workbook that we give out, but for the rows of its sheets.
import { columnLetters } from './cell-name.ts';
import { escapeXml } from './write-cell.ts';

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships';
const CONTENT = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

export const WORKBOOK_TYPE = `${CONTENT}.sheet`;

export interface WrittenSheet {
  readonly name: string;
  readonly isHidden?: boolean;
}

/** What a cell may look like: the place is its style. */
export const STYLES = {
  plain: 0,
  text: 1,
  date: 2,
  moment: 3,
  time: 4,
  header: 5,
  required: 6,
  /** Of an empty text: it begins with an apostrophe that Excel does not show. */
  emptyText: 7,
} as const;

/** All parts except the sheets, which are `sheetPart(0)`, `sheetPart(1)`, … */
export function workbookParts(sheets: readonly WrittenSheet[]): [name: string, xml: string][] {
  const relation = (id: string, type: string, target: string): string =>
    `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`;
  const override = (part: string, type: string): string =>
    `<Override PartName="/${part}" ContentType="${CONTENT}.${type}+xml"/>`;
  return [
    [
      '[Content_Types].xml',
      `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${override('xl/workbook.xml', 'sheet.main')}${sheets.map((_, at) => override(sheetPart(at), 'worksheet')).join('')}${override('xl/styles.xml', 'styles')}</Types>`,
    ],
    [
      '_rels/.rels',
      `${HEAD}<Relationships xmlns="${PACKAGE}">${relation('rId1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    ],
    [
      'xl/workbook.xml',
      `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${sheets
        .map(
          ({ name, isHidden = false }, at) =>
            `<sheet name="${escapeXml(sheetName(name))}" sheetId="${at + 1}"${isHidden ? ' state="hidden"' : ''} r:id="rId${at + 1}"/>`,
        )
        .join('')}</sheets></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `${HEAD}<Relationships xmlns="${PACKAGE}">${sheets
        .map((_, at) => relation(`rId${at + 1}`, 'worksheet', sheetPart(at).replace('xl/', '')))
        .join('')}${relation('rIdStyles', 'styles', 'styles.xml')}</Relationships>`,
    ],
    ['xl/styles.xml', stylesXml()],
  ];
}

export function sheetPart(at: number): string {
  return `xl/worksheets/sheet${at + 1}.xml`;
}

/** What a sheet begins with: the first row stays in sight. @param widths of the columns, in characters */
export function sheetHead(columns: readonly { readonly width: number; readonly style: number }[]): string {
  const cols = columns.map(
    ({ width, style }, at) =>
      `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"${style === 0 ? '' : ` style="${style}"`}/>`,
  );
  return `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>${cols.length === 0 ? '' : `<cols>${cols.join('')}</cols>`}<sheetData>`;
}

/** @param more what may stand behind the rows, such as `dataValidations` */
export function sheetTail(more = ''): string {
  return `</sheetData>${more}</worksheet>`;
}

/** Excel takes 31 characters, and not all of them. */
export function sheetName(name: string): string {
  const clean = name
    .replace(/[\][:*?/\\]/g, ' ')
    .replace(/^'+|'+$/g, '')
    .trim();
  return clean === '' ? 'Sheet1' : [...clean].slice(0, 31).join('');
}

/** A range below the header, to the end of the sheet. */
export function belowHeader(column: number): string {
  const letters = columnLetters(column);
  return `${letters}2:${letters}1048576`;
}

function stylesXml(): string {
  const xf = (format: number, font = 0, fill = 0): string =>
    `<xf numFmtId="${format}" fontId="${font}" fillId="${fill}" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"/>`;
  return `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFFFE699"/><bgColor indexed="64"/></patternFill></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="8">${[xf(0), xf(49), xf(164), xf(165), xf(21), xf(49, 1), xf(49, 1, 2), xf(49).replace('<xf ', '<xf quotePrefix="1" ')].join('')}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;
}

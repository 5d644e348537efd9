// Workbooks as programs write them: each test says the XML that matters to it, the rest is what Excel writes.
import { zip, type ZipEntry } from './zip.ts';

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

export interface SheetParts {
  readonly name: string;
  readonly state?: 'hidden' | 'veryHidden';
  /** Inside of `<sheetData>`. */
  readonly rows: string;
  /** Before and after it. */
  readonly before?: string;
  readonly after?: string;
  /** All of the sheet's XML, in the place of the above. */
  readonly xml?: string;
}

export interface WorkbookParts {
  readonly sheets: readonly SheetParts[];
  /** The `<si>` elements. */
  readonly strings?: readonly string[];
  /** Number formats by style: the number of a built-in one, or a code. */
  readonly formats?: readonly (number | string)[];
  readonly date1904?: boolean;
  /** Formulas are to be calculated when the workbook is opened. */
  readonly uncalculated?: boolean;
  readonly more?: readonly ZipEntry[];
  /** In the place of parts of the same name. */
  readonly instead?: Readonly<Record<string, string>>;
}

export function workbook({
  sheets,
  strings,
  formats = [],
  date1904 = false,
  uncalculated = false,
  more = [],
  instead = {},
}: WorkbookParts): Buffer {
  const relation = (id: string, type: string, target: string): string =>
    `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`;
  const parts: Record<string, string> = {
    '[Content_Types].xml': `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
    '_rels/.rels': `${HEAD}<Relationships xmlns="${PACKAGE}">${relation('rId1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    'xl/workbook.xml': `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}">${date1904 ? '<workbookPr date1904="1"/>' : ''}<sheets>${sheets
      .map(
        ({ name, state }, at) =>
          `<sheet name="${name}" sheetId="${at + 1}"${state === undefined ? '' : ` state="${state}"`} r:id="rId${at + 1}"/>`,
      )
      .join('')}</sheets>${uncalculated ? '<calcPr calcId="124519" fullCalcOnLoad="1"/>' : ''}</workbook>`,
    'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="${PACKAGE}">${[
      ...sheets.map((_, at) => relation(`rId${at + 1}`, 'worksheet', `worksheets/sheet${at + 1}.xml`)),
      relation('rIdS', 'styles', 'styles.xml'),
      ...(strings === undefined ? [] : [relation('rIdT', 'sharedStrings', 'sharedStrings.xml')]),
    ].join('')}</Relationships>`,
    'xl/styles.xml': stylesXml(formats),
    ...(strings === undefined
      ? {}
      : { 'xl/sharedStrings.xml': `${HEAD}<sst xmlns="${MAIN}">${strings.join('')}</sst>` }),
    ...Object.fromEntries(
      sheets.map(({ rows, before = '', after = '', xml }, at) => [
        `xl/worksheets/sheet${at + 1}.xml`,
        xml ??
          `${HEAD}<worksheet xmlns="${MAIN}" xmlns:r="${RELATIONS}">${before}<sheetData>${rows}</sheetData>${after}</worksheet>`,
      ]),
    ),
    ...instead,
  };
  return zip([...Object.entries(parts).map(([name, content]) => ({ name, content })), ...more]);
}

function stylesXml(formats: readonly (number | string)[]): string {
  const codes = formats.flatMap((format, at) =>
    typeof format === 'string'
      ? [
          `<numFmt numFmtId="${164 + at}" formatCode="${format.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"/>`,
        ]
      : [],
  );
  const xfs = formats.map(
    (format, at) => `<xf numFmtId="${typeof format === 'string' ? 164 + at : format}"/>`,
  );
  return `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${xfs.join('')}</cellXfs></styleSheet>`;
}

/** A cell: a text becomes an inline string, a number a number; style 1 is the first of the formats. */
export function cell(name: string, value: string | number | boolean, style = 0): string {
  const s = style === 0 ? '' : ` s="${style}"`;
  if (typeof value === 'number') return `<c r="${name}"${s}><v>${value}</v></c>`;
  if (typeof value === 'boolean') return `<c r="${name}"${s} t="b"><v>${Number(value)}</v></c>`;
  return `<c r="${name}"${s} t="inlineStr"><is><t xml:space="preserve">${escapeXml(value)}</t></is></c>`;
}

export function row(number: number, ...cells: string[]): string {
  return `<row r="${number}">${cells.join('')}</row>`;
}

/** Rows of plain values from A1 on. */
export function table(rows: readonly (readonly (string | number | boolean)[])[]): string {
  return rows
    .map((values, at) =>
      row(
        at + 1,
        ...values.map((value, column) => cell(`${String.fromCharCode(65 + column)}${at + 1}`, value)),
      ),
    )
    .join('');
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

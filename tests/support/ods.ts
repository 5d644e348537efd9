// OpenDocument spreadsheets as LibreOffice writes them: each test says the XML that matters to it.
import { zip, type ZipEntry } from './zip.ts';

export const ODS = 'application/vnd.oasis.opendocument.spreadsheet';
const NAMES = ['office', 'table', 'text', 'style', 'draw']
  .map((name) => `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`)
  .concat(
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"',
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"',
  )
  .join(' ');
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

const STYLES: Readonly<Record<string, string>> = {
  day: '<number:date-style style:name="N1"><number:year/><number:text>-</number:text><number:month/><number:day/></number:date-style>',
  moment:
    '<number:date-style style:name="N2"><number:day/><number:month/><number:year/><number:hours/><number:minutes/></number:date-style>',
  month: '<number:date-style style:name="N3"><number:month/><number:year/></number:date-style>',
  clock: '<number:time-style style:name="N4"><number:hours/><number:minutes/></number:time-style>',
  elapsed:
    '<number:time-style style:name="N5" number:truncate-on-overflow="false"><number:hours/><number:minutes/></number:time-style>',
  zeros:
    '<number:number-style style:name="N6"><number:number number:decimal-places="0" number:min-integer-digits="5"/></number:number-style>',
};
const CELL_STYLES = Object.keys(STYLES)
  .map(
    (name, at) =>
      `<style:style style:name="${name}" style:family="table-cell" style:data-style-name="N${at + 1}"/>`,
  )
  .join('');

/** The styles `day`, `moment`, `month`, `clock`, `elapsed`, `zeros`, and the sheet style `hidden`. */
const AUTOMATIC = `<office:automatic-styles>${Object.values(STYLES).join('')}${CELL_STYLES}<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>`;

export interface OdsSheetParts {
  readonly name: string;
  readonly style?: string;
  /** Rows, and columns before them. */
  readonly rows: string;
}

export function contentXml(sheets: readonly OdsSheetParts[], names = NAMES): string {
  const tables = sheets.map(
    ({ name, style, rows }) =>
      `<table:table table:name="${name}"${style === undefined ? '' : ` table:style-name="${style}"`}>${rows}</table:table>`,
  );
  return `${HEAD}<office:document-content ${names}>${AUTOMATIC}<office:body><office:spreadsheet><table:calculation-settings/>${tables.join('')}<table:named-expressions/></office:spreadsheet></office:body></office:document-content>`;
}

export interface OdsParts {
  readonly mimetype?: string;
  readonly content?: string;
  /** Inside of the manifest's entry of content.xml. */
  readonly encryption?: string;
  readonly more?: readonly ZipEntry[];
}

export function odsFile({ mimetype = ODS, content, encryption = '', more = [] }: OdsParts): Buffer {
  const manifest = `${HEAD}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="${mimetype}"/><manifest:file-entry manifest:full-path="content.xml">${encryption}</manifest:file-entry></manifest:manifest>`;
  return zip([
    { name: 'mimetype', content: mimetype, method: 0 },
    ...(content === undefined ? [] : [{ name: 'content.xml', content }]),
    { name: 'META-INF/manifest.xml', content: manifest },
    ...more,
  ]);
}

export function ods(...sheets: OdsSheetParts[]): Buffer {
  return odsFile({ content: contentXml(sheets) });
}

export function odsRow(...cells: (string | number)[]): string {
  return `<table:table-row>${cells.map(odsCell).join('')}</table:table-row>`;
}

/** A text, a number, or the XML of a cell. */
function odsCell(value: string | number): string {
  if (typeof value === 'number')
    return `<table:table-cell office:value-type="float" office:value="${value}"><text:p>${value}</text:p></table:table-cell>`;
  if (value.startsWith('<')) return value;
  return `<table:table-cell office:value-type="string"><text:p>${value}</text:p></table:table-cell>`;
}

/** A cell with these attributes that shows a text. */
export function typedCell(attributes: string, shown = ''): string {
  return `<table:table-cell ${attributes}><text:p>${shown}</text:p></table:table-cell>`;
}

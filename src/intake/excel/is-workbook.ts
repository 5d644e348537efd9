import { AppError } from '../../errors.ts';

/** What the threads read: Excel's workbooks (.xlsx, .xlsm), and OpenDocument spreadsheets (.ods). */
export type WorkbookKind = 'xlsx' | 'ods';

/**
 * Which workbook an archive with these entries is; undefined: none. One of OpenDocument may turn out to be another document.
 * @throws AppError FILE_FORMAT for a workbook of another kind
 */
export function workbookKind(names: readonly string[]): WorkbookKind | undefined {
  const has = (pattern: RegExp): boolean => names.some((name) => pattern.test(name.replaceAll('\\', '/')));
  if (has(/^xl\/workbook\.bin$/i)) throw otherKind('a binary Excel workbook (.xlsb)');
  if (has(/^xl\/workbook\.xml$/i) || (has(/^\[Content_Types\]\.xml$/i) && has(/(^|\/)workbook\d*\.xml$/i)))
    return 'xlsx';
  const isOpenDocument =
    has(/^(?:content\.xml|encrypted-package)$/i) && has(/^(?:mimetype|META-INF\/manifest\.xml)$/i);
  return isOpenDocument ? 'ods' : undefined;
}

const SPREADSHEET = /^application\/vnd\.oasis\.opendocument\.spreadsheet(?:-template)?$/;

const DOCUMENTS: readonly [RegExp, string][] = [
  [/opendocument\.text/, 'a text document of LibreOffice or OpenOffice (.odt)'],
  [/opendocument\.presentation/, 'a presentation of LibreOffice or OpenOffice (.odp)'],
  [/opendocument\.(?:base|database)/, 'a database of LibreOffice or OpenOffice (.odb)'],
  [/sun\.xml\.calc/, 'a workbook of OpenOffice 1 (.sxc)'],
];

/** What an OpenDocument file of this media type is, for a sentence; undefined: a spreadsheet. */
export function documentOf(mediaType: string): string | undefined {
  if (SPREADSHEET.test(mediaType)) return undefined;
  return (
    DOCUMENTS.find(([pattern]) => pattern.test(mediaType))?.[1] ??
    'an OpenDocument file that is no spreadsheet'
  );
}

export function otherKind(what: string): AppError {
  return new AppError(
    'FILE_FORMAT',
    `The file is ${what}, which Sluice does not read. Save it as .xlsx or .ods, or its sheet as CSV (in Excel: "CSV UTF-8"), and send that; nothing was kept.`,
  );
}

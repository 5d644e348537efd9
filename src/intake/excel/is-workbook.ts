import { AppError } from '../../errors.ts';

/**
 * Whether an archive with these entries is an Excel workbook (.xlsx, .xlsm).
 * @throws AppError FILE_FORMAT for a workbook of another kind
 */
export function isWorkbook(names: readonly string[]): boolean {
  const has = (pattern: RegExp): boolean => names.some((name) => pattern.test(name.replaceAll('\\', '/')));
  if (has(/^xl\/workbook\.bin$/i)) throw otherKind('a binary Excel workbook (.xlsb)');
  if (names.includes('content.xml') && names.includes('mimetype'))
    throw otherKind('a workbook of LibreOffice or OpenOffice (.ods)');
  return has(/^xl\/workbook\.xml$/i) || (has(/^\[Content_Types\]\.xml$/i) && has(/(^|\/)workbook\d*\.xml$/i));
}

export function otherKind(what: string): AppError {
  return new AppError(
    'FILE_FORMAT',
    `The file is ${what}, which Sluice does not read. Save it as .xlsx (Excel Workbook), or its sheet as CSV (in Excel: "CSV UTF-8"), and send that; nothing was kept.`,
  );
}

// Compound files: what Excel wrote before 2007 (.xls), and how it writes a workbook with a password today.
import { otherKind } from './is-workbook.ts';
import { AppError } from '../../errors.ts';

const MAGIC = Buffer.from('d0cf11e0a1b11ae1', 'hex');

const ENCRYPTED = Buffer.from('EncryptedPackage', 'utf16le');
const OLD_WORKBOOKS = ['Workbook', 'Book'].map((name) => Buffer.from(`${name}\0`, 'utf16le'));

/** Whether a file that begins so may be one. */
export function isCompound(head: Buffer): boolean {
  const length = Math.min(head.length, MAGIC.length);
  return length > 0 && head.subarray(0, length).equals(MAGIC.subarray(0, length));
}

/** @throws AppError FILE_FORMAT for a file that begins as a compound file, as far as its first bytes tell which */
export function refuseOldExcel(head: Buffer): void {
  if (head.length < MAGIC.length || !isCompound(head)) return;
  if (head.includes(ENCRYPTED))
    throw new AppError(
      'FILE_FORMAT',
      'The file is an Excel workbook with a password. Save it without one (in Excel: File, Info, Protect Workbook, Encrypt with Password; empty the field) and send that; nothing was kept.',
    );
  throw otherKind(
    OLD_WORKBOOKS.some((name) => head.includes(name))
      ? 'an Excel workbook of the old kind (.xls)'
      : 'an Excel workbook of the old kind (.xls), or one with a password',
  );
}

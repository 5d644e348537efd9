// Files that are no table in text, known by their first bytes. Read as text they would be declined too, with a reason that helps nobody.
import { AppError } from '../errors.ts';

/** The farthest sign, that of a tar archive, stands here. */
export const FOREIGN_BYTES = 262;

const SAVE_AS_CSV = 'Open it in a spreadsheet program and save its sheet as CSV (in Excel: "CSV UTF-8")';
const EXPORT_AS_CSV = 'Export its table as CSV';
const TAKE_OUT = 'Take the CSV file out of it (a CSV file may be packed with gzip or in a ZIP archive)';

interface Format {
  /** Ends the sentence "The file is …". */
  readonly is: string;
  readonly advice: string;
  /** Bytes as Latin-1. */
  readonly begins: RegExp;
}

const FORMATS: readonly Format[] = [
  {
    // The newer kinds of it, and those with a password: excel/old-excel.ts.
    is: 'an Excel workbook of the oldest kind (.xls)',
    advice: SAVE_AS_CSV,
    begins: /^\x09\x08\x10\0\0\x06/,
  },
  {
    // Its second and third lines are records too, so that a CSV file with columns "ID" and "P…" is none.
    is: 'a SYLK file (.slk), as Multiplan and old spreadsheets write it',
    advice: SAVE_AS_CSV,
    begins:
      /^ID;P[^\r\n]{0,40}(?:\r\n|\r|\n)(?:(?:P;[A-Z]|B;[XY]\d|F;[A-Z]|O;[A-Z]|C;[XYK]|NN;|NE;|NU;|NV;|W[;E])[^\r\n]*(?:[\r\n]+|$)){2}/,
  },
  {
    is: 'a DIF file (.dif), an old form of spreadsheets',
    advice: SAVE_AS_CSV,
    begins: /^TABLE[ \t]*(?:\r\n|\r|\n)0,1[ \t]*(?:\r\n|\r|\n)"[^"\r\n]*"?[ \t]*[\r\n]/,
  },
  {
    // The version, the date of its last change, how many records, how long the head and a record are, and zeros.
    is: 'a dBase table (.dbf)',
    advice: SAVE_AS_CSV,
    begins:
      /^[\x02-\x05\x30-\x32\x43\x63\x83\x8b\x8c\x8e\xcb\xf5\xfb][^](?:\0|[\x01-\x0c])[\0-\x1f][^]{4}[^][\0-\x7f][^]{2}\0\0/,
  },
  {
    is: 'a Lotus 1-2-3 or Quattro Pro file',
    advice: SAVE_AS_CSV,
    begins: /^\0\0(?:\x02\0[\x04-\x06\x20\x21]|\x1a\0[\0-\x05]\x10)/,
  },
  { is: 'an Access database', advice: EXPORT_AS_CSV, begins: /^\0\x01\0\0Standard (?:Jet|ACE) DB/ },
  { is: 'an SPSS file (.sav)', advice: EXPORT_AS_CSV, begins: /^\$FL[23]@\(#\)/ },
  { is: 'a Stata file (.dta)', advice: EXPORT_AS_CSV, begins: /^<stata_dta>/ },
  { is: 'an HDF5 file', advice: EXPORT_AS_CSV, begins: /^\x89HDF\r\n/ },
  { is: 'a backup of Postgres (pg_dump)', advice: EXPORT_AS_CSV, begins: /^PGDMP/ },
  { is: 'a calendar (.ics)', advice: EXPORT_AS_CSV, begins: /^BEGIN:VCALENDAR\s/i },
  { is: 'a file of contacts (.vcf)', advice: EXPORT_AS_CSV, begins: /^BEGIN:VCARD\s/i },
  { is: 'a PDF document', advice: EXPORT_AS_CSV, begins: /^%PDF-/ },
  {
    is: 'a web page (HTML), as some programs write it under the name .xls, and as a login page is',
    advice: `Look at it in an editor. If it holds your table: ${SAVE_AS_CSV}`,
    begins: /^\s*<(?:!doctype\s+html|html|head|body|table)[\s>]/i,
  },
  {
    is: 'a document of LibreOffice in one piece of XML (.fods)',
    advice: 'Open it in LibreOffice and save it as .ods or .xlsx',
    begins: /^\s*<\?xml\s[^>]*>\s*<office:document\s/i,
  },
  {
    is: 'XML',
    advice: `If it is from Excel: ${SAVE_AS_CSV}. Else: ${EXPORT_AS_CSV}`,
    begins: /^\s*<\?xml\s/i,
  },
  { is: 'a text document (RTF)', advice: EXPORT_AS_CSV, begins: /^\{\\rtf/ },
  { is: 'a Parquet file', advice: EXPORT_AS_CSV, begins: /^PAR[1E]/ },
  { is: 'an Avro file', advice: EXPORT_AS_CSV, begins: /^Obj\x01/ },
  { is: 'an ORC file', advice: EXPORT_AS_CSV, begins: /^ORC[\0-\x1f]/ },
  { is: 'an Arrow or Feather file', advice: EXPORT_AS_CSV, begins: /^(?:ARROW1\0|FEA1)/ },
  { is: 'an SQLite database', advice: EXPORT_AS_CSV, begins: /^SQLite format 3\0/ },
  { is: 'a 7-Zip archive', advice: TAKE_OUT, begins: /^7z\xbc\xaf\x27\x1c/ },
  { is: 'a RAR archive', advice: TAKE_OUT, begins: /^Rar!\x1a\x07/ },
  { is: 'a cabinet archive (.cab)', advice: TAKE_OUT, begins: /^MSCF\0/ },
  { is: 'packed with bzip2', advice: TAKE_OUT, begins: /^BZh[1-9](?:1AY&SY|\x17rE8P\x90)/ },
  { is: 'packed with xz', advice: TAKE_OUT, begins: /^\xfd7zXZ\0/ },
  { is: 'packed with zstd', advice: TAKE_OUT, begins: /^[\x22-\x28]\xb5\x2f\xfd/ },
  { is: 'packed with lz4', advice: TAKE_OUT, begins: /^\x04\x22\x4d\x18/ },
  { is: 'packed with compress (.Z)', advice: TAKE_OUT, begins: /^\x1f[\x9d\xa0]/ },
  { is: 'a tar archive', advice: TAKE_OUT, begins: /^[^]{257}ustar/ },
  { is: 'an image', advice: 'Send the table as CSV', begins: /^(?:\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a)/ },
];

const UTF8_BOM = /^\xef\xbb\xbf/;

/** @param first bytes of the file, without packing @throws AppError FILE_FORMAT */
export function refuseForeign(first: Buffer): void {
  const text = first.toString('latin1', 0, FOREIGN_BYTES).replace(UTF8_BOM, '');
  const format = FORMATS.find(({ begins }) => begins.test(text));
  if (format !== undefined) throw foreign(format.is, format.advice);
}

/**
 * What the first text of a file is that fits no dataset; undefined: it may be a table, or NDJSON. A header is none of this, but the texts of
 * a file without one may be JSON.
 */
export function findJson(head: Buffer): AppError | undefined {
  const [line = ''] = head
    .toString('utf8')
    .trimStart()
    .split(/\r?\n|\r/, 1);
  if (!/^(?:\{\s*(?:"|$)|\[\s*(?:[[{"]|$))/.test(line)) return undefined;
  if (line.startsWith('{') && isObject(line)) return undefined;
  return foreign(
    'JSON, but no list of objects',
    'Send the list alone ([{"name":"value"}, …]), or write each object on a line of its own (NDJSON)',
  );
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

/** Archives that programs keep their documents in. */
const DOCUMENTS: readonly (Omit<Format, 'begins'> & { readonly entry: RegExp })[] = [
  {
    is: 'a spreadsheet of Apple Numbers',
    advice: 'Export it from Numbers as CSV',
    entry: /^Index\/(?:Document|Tables\/.*)\.iwa$|^Index\.zip$/,
  },
  {
    is: 'a Word document (.docx)',
    advice: 'Copy its table into a spreadsheet, and save that as CSV',
    entry: /^word\/document\.xml$/,
  },
  {
    is: 'a presentation (.pptx)',
    advice: 'Copy its table into a spreadsheet, and save that as CSV',
    entry: /^ppt\/presentation\.xml$/,
  },
];

/** @param names of the entries of a ZIP archive @throws AppError FILE_FORMAT */
export function refuseDocument(names: readonly string[]): void {
  const found = DOCUMENTS.find(({ entry }) => names.some((name) => entry.test(name)));
  if (found !== undefined) throw foreign(found.is, found.advice);
}

function foreign(is: string, advice: string): AppError {
  return new AppError(
    'FILE_FORMAT',
    `The file is ${is}. Sluice reads CSV, NDJSON, JSON lists of objects and workbooks (.xlsx, .ods). ${advice}, and send that. Nothing was kept.`,
  );
}

// Options that say how the file is written: its dialect and encoding.
import { Type } from 'typebox';
import {
  parseComment,
  parseDelimiter,
  parseEscape,
  parseQuote,
} from '../../core/csv/dialect/dialect-options.ts';
import { findEncoding, type TextEncoding } from '../../core/csv/text/encodings.ts';
import { cleanFileName } from '../file-name.ts';
import {
  choice,
  choiceOrNone,
  count,
  countOrNone,
  flag,
  flagOrNone,
  text,
  wrong,
  type UploadOption,
} from './option.ts';

const MAX_SKIPPED_LINES = 1000;
const MAX_HEADER_ROWS = 5;

export const FILE_OPTIONS = {
  format: choiceOrNone(['csv', 'ndjson', 'json'], {
    doc: 'What the file is: `csv`; `ndjson`, a JSON object on each line (also called JSON Lines); or `json`, a list of such objects.',
    more: 'In JSON the keys are the columns, and options that say how cells are separated have no meaning. `null` and a key that is missing are null; an object or a list needs a field of type `object`, `array` or `any`.',
    without:
      'NDJSON when the file begins with a JSON object, JSON when it begins with a list of objects, else CSV',
    flag: { flags: '--format <name>' },
    retry: 'own',
  }),
  dialect: choiceOrNone(['csv', 'mysql', 'postgres-text', 'postgres-csv'], {
    doc: 'What wrote the file: `mysql` for `SELECT … INTO OUTFILE` and `mysqldump --tab`, `postgres-text` for `COPY … TO` in its text format and `pg_dump`, `postgres-csv` for `COPY … TO … (FORMAT csv)`.',
    more: 'With `mysql` and `postgres-text` a backslash escapes in every cell (`\\t`, `\\n`, `\\\\`), a cell `\\N` is NULL, and tabs separate cells unless `delimiter` says otherwise; of `mysql`, `quote` may say what optionally encloses cells. With `postgres-csv` an empty cell is NULL, and `""` the empty text. With both of Postgres, dates, times, numbers and booleans are read as Postgres writes them (`t`, `infinity`, `2024-01-31 13:45:00+02`), whatever notation the dataset declares. `csv`: backslashes and `\\N` are text.',
    without: 'CSV; a file whose cells show `\\N` or such escapes is asked for',
    flag: { flags: '--dialect <name>' },
    retry: 'own',
  }),
  delimiter: text(parseDelimiter, {
    schema: Type.String({ minLength: 1, maxLength: 9 }),
    doc: 'What separates two cells: one character such as `;`, or two that differ, such as a comma and a space.',
    more: 'Names are taken too: `comma`, `semicolon`, `pipe`, `colon`, `tab`, `space`. A letter, digit, quote or backslash is not taken.',
    without: 'as Excel’s first line `sep=;` says, or detected from the head of the file',
    flag: { flags: '--delimiter <character>' },
    retry: 'own',
  }),
  quote: text(parseQuote, {
    schema: Type.Enum(['"', "'", 'none'], { type: 'string' }),
    doc: 'The quote that may be around a cell.',
    without: '`"`, unless the file shows another',
    takesOthers: true,
    flag: { flags: '--quote <character>' },
    retry: 'own',
  }),
  escape: text(parseEscape, {
    schema: Type.Enum(['doubled', 'backslash'], { type: 'string' }),
    doc: 'How a quote is written inside a quoted cell: twice, or after a backslash.',
    without: '`doubled`, unless the file shows the other',
    takesOthers: true,
    flag: { flags: '--escape <how>' },
    retry: 'own',
  }),
  comment: {
    schema: Type.String({ pattern: '^([!#$%&*/;@^~|]|none)$', default: 'none' }),
    doc: 'Skips lines that begin with this character where a record could begin.',
    more: '`none`: there are no such lines.',
    read: (said) => (said === undefined ? null : parseComment(said)),
    flag: { flags: '--comment <character>' },
    retry: 'own',
  } as UploadOption<string | null>,
  skipInitialSpace: flagOrNone({
    doc: 'Whether blanks behind a delimiter are left out (`true`) or part of the cell (`false`).',
    more: 'With `true` a quote behind a blank opens a quoted cell: `1, "a, b"`.',
    without:
      'they are part of the cell; if nearly every cell has one, and a text would keep it, the answer is 422',
    flag: { flags: '--skip-initial-space <boolean>' },
    retry: 'own',
  }),
  header: flag(true, {
    doc: 'Whether the file has a header.',
    more: 'Without one (`false`), the columns are the fields of the dataset in order, all of them, or what `mapping` says.',
    flag: {
      flags: '--no-header',
      help: 'The file has no header: its columns are the fields of the dataset in order.',
    },
    retry: 'own',
  }),
  skipLines: count(MAX_SKIPPED_LINES, 0, {
    doc: 'How many physical lines to skip above the header, or above the first record.',
    more: 'A first line `sep=;` is always passed over, and counts as one of them.',
    flag: { flags: '--skip-lines <n>' },
    retry: 'own',
  }),
  emptyFile: choice(['refuse', 'accept'], {
    default: 'refuse',
    doc: 'What happens to a file that has a header and no records: it is refused (422), or it is an import of 0 records.',
    more: 'An export that runs each night may be empty. With `mode=replace` such an import fails with `nothing-to-load`, so that the table keeps its rows.',
    flag: { flags: '--empty-file <what>' },
    retry: 'own',
  }),
  headerRows: count(MAX_HEADER_ROWS, 1, {
    min: 1,
    doc: 'Of how many records the header is; a column’s name is theirs, joined with a blank.',
    more: 'An upper cell that is empty belongs to the group on its left, as in merged cells: `Address,` above `street,city` gives `Address street` and `Address city`.',
    flag: { flags: '--header-rows <n>' },
    retry: 'own',
  }),
  skipAfterHeader: countOrNone(MAX_SKIPPED_LINES, {
    doc: 'How many lines right below the header to skip, such as units or the questions of a survey.',
    more: 'Blank lines do not count, and a record of several lines is one. Without a header it skips nothing.',
    without:
      'none; if text stands there in columns that hold numbers below, and would land, the answer is 422',
    flag: { flags: '--skip-after-header <n>' },
    retry: 'own',
  }),
  skipFooter: countOrNone(MAX_SKIPPED_LINES, {
    doc: 'How many lines to skip at the end of the file (with `entry=all`, of each file), such as totals; blank lines do not count, nor records without a value (`,,,`) below them.',
    without:
      'none is skipped, and a record at the end that begins like a total (`Total`, `合計`) is rejected with `table-error`; with `0` it is a record like any other',
    flag: { flags: '--skip-footer <n>' },
    retry: 'own',
  }),
  repeatedHeader: choice(['table', 'skip'], {
    default: 'table',
    doc: 'What the header is that comes again further down: the start of another table, which is rejected, or, with `skip`, the top of another page of a report, which is left out and is no record.',
    more: 'The import’s `dialect.repeatedHeaders` says how often it was left out. `skip` is for a header of one record, and not for NDJSON.',
    flag: { flags: '--repeated-header <what>' },
    retry: 'own',
  }),
  emptyRecords: choice(['skip', 'keep'], {
    default: 'skip',
    doc: 'What happens to records that have no value in any cell (`,,,`), as spreadsheets write rows that are empty: they are left out, as blank lines are, or they are records like others.',
    more: 'The import’s `dialect.skippedEmptyRecords` says how many were left out. A record that has a blank or a pair of quotes in a cell (`"",""`) is a record in any case; so are all of a database’s text.',
    flag: { flags: '--empty-records <what>' },
    retry: 'own',
  }),
  shortRecords: choice(['reject', 'null'], {
    default: 'reject',
    doc: 'What happens to a record that has fewer cells than the header: it is rejected, or what it lacks is null.',
    flag: { flags: '--short-records <what>' },
    retry: 'own',
  }),
  encoding: text(readEncoding, {
    schema: Type.String({ minLength: 1 }),
    doc: 'The encoding of the file, by any label of the WHATWG Encoding Standard except ISO-2022-JP, or a code page of DOS.',
    more: 'Such as `shift_jis` (CP932, as Excel writes it in Japan), `euc-jp`, `gb18030`, `big5`, `euc-kr`, `windows-1252`, `iso-8859-2` or `utf-16le`; or `cp437`, `cp850`, `cp852`, `cp858` and the other code pages of DOS (737, 775, 855, 857, 860 to 863, 865, 866, 869), also as `ibm850`. A record with undecodable bytes is rejected with `encoding-error`, and the others land; a file with more such lines than `maxUndecodableLines` of the dataset’s limits is refused.',
    without: 'by the BOM; with no BOM, the whole file must be UTF-8',
    flag: { flags: '--encoding <label>' },
    retry: 'own',
  }),
  forceEncoding: flag(false, {
    doc: 'Read the file in the declared encoding, whatever its bytes look like.',
    more: 'Without it a file is refused (422) whose bytes are UTF-8 but that was declared to be in another encoding, or the other way round: its values would land as others.',
    flag: { flags: '--force-encoding' },
    retry: 'own',
  }),
  entry: text((said) => said, {
    schema: Type.String({ minLength: 1 }),
    doc: 'The file in a ZIP archive that has several, by its name there; `all`: all CSV files as one table.',
    more: 'With `all` the files must have the same header. They are read in the order of their names (`part2` before `part10`), and errors name the file and its own line.',
    without: 'the only CSV, or the only file; else the answer is 422',
    flag: { flags: '--entry <name>' },
    retry: 'own',
  }),
  sheet: text((said) => said, {
    schema: Type.String({ minLength: 1 }),
    doc: 'The sheet of a workbook (Excel, .ods), by its name or by its number among the sheets that are not hidden, from 1.',
    more: 'A name wins over a number. Hidden sheets are taken by name.',
    without:
      'the only sheet that is not hidden or empty, or the only one of several whose header fits the dataset; else the answer is 422',
    flag: { flags: '--sheet <name>' },
    retry: 'own',
  }),
  fileName: {
    schema: Type.String(),
    doc: 'The name of the file, as people see it.',
    without: 'the name of the file that is sent; a raw body has none',
    read: cleanFileName,
    flag: { flags: '--file-name <name>' },
    retry: 'own',
  } as UploadOption<string | null>,
};

function readEncoding(label: string, name: string): TextEncoding {
  const encoding = findEncoding(label);
  if (encoding === undefined)
    throw wrong(
      name,
      `must be a label of the WHATWG Encoding Standard, such as utf-8, shift_jis, euc-jp, gb18030, big5, euc-kr, windows-1252 or utf-16le, and not ISO-2022-JP, or a code page of DOS such as cp850; ${JSON.stringify(label.slice(0, 40))} is not known`,
    );
  return encoding;
}

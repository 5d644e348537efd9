// The options of an upload, whether they came as multipart fields or in the query.
import {
  checkTogether,
  type GivenDialect,
  parseComment,
  parseDelimiter,
  parseEscape,
  parseQuote,
} from '../core/csv/dialect/dialect-options.ts';
import { findEncoding, type TextEncoding } from '../core/csv/text/encodings.ts';
import {
  IF_DUPLICATES,
  IMPORT_MODES,
  ON_ERRORS,
  type IfDuplicate,
  type ImportMode,
  type OnError,
} from '../core/imports/import-mode.ts';
import { isMaxErrors } from '../core/imports/max-errors.ts';
import { parseMapping, type ColumnMapping } from '../core/dataset/header/mapping.ts';
import type { DateOrder, Notation } from '../core/dataset/types.ts';
import { AppError } from '../errors.ts';
import type { Packing } from './unpack.ts';

/** What an upload may say besides the file. */
export const UPLOAD_OPTIONS = {
  dataset: 'The dataset the records belong to (required).',
  delimiter:
    'How cells are separated: one character (`,` `;` `|` `:` `tab` `space` …, no letter, digit or quote), or two that differ, such as a comma and a space. Without it, as Excel’s first line `sep=;` says, else detected from the head of the file.',
  quote:
    'What may stand around a cell: `"`, `\'` or `none`. Without it: `"`, unless the file says otherwise.',
  escape:
    'How a quote stands inside a quoted cell: `"` or `doubled`, or `\\` (`backslash`). Without it: doubled, unless the file says otherwise.',
  comment:
    'A character such as `#`: lines that begin with it, where a record could begin, are passed over. `none` (default): there are no such lines.',
  header:
    '`true` (default), or `false` for a file without one: its columns are the dataset’s fields in order, all of them.',
  skipLines:
    'So many physical lines above the header, or above the first record, are passed over: 0 (default) to 1000. A first line `sep=;` always is, and counts as one of them.',
  encoding:
    'The file’s encoding, by any label of the WHATWG Encoding Standard: `shift_jis` (CP932, as Excel writes it in Japan), `euc-jp`, `gb18030`, `big5`, `euc-kr`, `windows-1252`, `iso-8859-2`, `utf-16le`, … (but ISO-2022-JP). A record with undecodable bytes is rejected with `encoding-error`, the others land; a file with more such lines than `maxUndecodableLines` is refused. Without it: by BOM, else the whole file must be UTF-8.',
  unknownColumns:
    '`refuse` (default) answers 422 when the file has columns the dataset does not know; `ignore` lets them pass.',
  dateOrder:
    'How dates are written that do not begin with the year, in fields of format `any`: `dmy`, `mdy`, or `ymd` (such dates are rejected). Without it the file must prove it, column by column (31/12/2024), else the answer is 422.',
  decimalChar:
    '`.` or `,`: how numbers are written in fields that declare neither decimalChar nor groupChar. Without it `.`, as Table Schema says; nothing is guessed.',
  groupChar:
    "What stands between groups of digits in those fields: one character such as `.`, `,` or `'`, or `space`. Without it, nothing may.",
  mapping:
    'Which column feeds which field, as JSON: `{"氏名":"name","#3":"phone_no","メモ":null}`. A column is named by its header or by its place (`#1`, not counting `_row` and `_errors`), a field by its name; null ignores the column. Columns not named are matched by their headers. With `header=false` it names every column by its place. `saved` takes the mapping that the last successful import with this header used.',
  ifDuplicate:
    '`allow` (default) takes a file whose bytes were sent to the dataset before, and says so in `duplicateOf`; `refuse` answers 409. An earlier import that failed, was cancelled or was taken back counts only when rows of it had landed and still stand. The commit of a dry run keeps to it too.',
  mode: '`insert` (default) adds every record as a row. `upsert` updates the row that has the record’s key (the dataset’s primaryKey) and adds the others; of a key that comes more than once in the file, the last record counts; columns that the file lacks stay as they are. `replace` puts the file in the place of all rows of the table. Of both, readers see all at once.',
  onError:
    '`reject` (default) lands the good records; `abort` lands all of the file or, when more than `maxErrors` records are rejected, nothing. Readers see all rows of it at once.',
  maxErrors:
    'How many records may be rejected before the import fails (`too-many-errors`): a number, or a percentage of the file’s records such as `2.5%`. Without it any number, with `onError=abort` none. What had landed by then stays, with `onError=abort` nothing has.',
  dryRun:
    '`true`: everything is done as without it, database constraints included, then taken back: nothing lands, and the counts, row errors and rejects say what would have been. `POST /v1/imports/{id}/commit` then does it. `false` is the default.',
  fileName: 'The file’s name, for people; multipart takes it from the file part.',
} as const;

export type UploadOptionName = keyof typeof UPLOAD_OPTIONS;

/** The import whose rejects a file mends, as far as storing the file goes. */
export interface RetryParent {
  readonly id: string;
  /** How its columns write dates and numbers, by the name of the field: a few records prove nothing by themselves. */
  readonly notations: ReadonlyMap<string, Notation>;
}

/** Option texts as received, each name at most once. */
export type RawUploadOptions = Readonly<Partial<Record<UploadOptionName, string>>>;

export interface UploadOptions extends GivenDialect {
  readonly dataset: string;
  readonly header: boolean;
  readonly skipLines: number;
  /** Undefined: by BOM, else UTF-8. */
  readonly encoding: TextEncoding | undefined;
  readonly unknownColumns: 'refuse' | 'ignore';
  readonly notation: Notation;
  /** Undefined: none. */
  readonly mapping: ColumnMapping | 'saved' | undefined;
  readonly ifDuplicate: IfDuplicate;
  /** Set when the file mends the rejects of another import. */
  readonly retryOf?: RetryParent;
  readonly mode: ImportMode;
  readonly onError: OnError;
  /** Null: no limit. */
  readonly maxErrors: string | null;
  readonly dryRun: boolean;
  readonly fileName: string | null;
  /** What a header says; without it the file's first bytes do. */
  readonly packing: Packing | undefined;
}

/** Collects options from several places. @throws AppError UPLOAD_UNKNOWN_OPTION, or INVALID_REQUEST for one given twice or as JSON */
export function collectOptions(entries: Iterable<readonly [string, unknown]>): RawUploadOptions {
  const options: Partial<Record<UploadOptionName, string>> = {};
  for (const [name, value] of entries) {
    if (!isOptionName(name))
      throw new AppError(
        'UPLOAD_UNKNOWN_OPTION',
        `There is no option "${name}". Options are ${Object.keys(UPLOAD_OPTIONS).join(', ')}.`,
        {
          option: name,
        },
      );
    if (options[name] !== undefined || Array.isArray(value))
      throw new AppError('INVALID_REQUEST', `The option "${name}" is given more than once. Give it once.`, {
        option: name,
      });
    options[name] = textOf(name, value);
  }
  return options;
}

/** A form part of Content-Type application/json arrives as what it says. */
function textOf(name: UploadOptionName, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (name === 'mapping' && typeof value === 'object' && value !== null) return JSON.stringify(value);
  throw new AppError('INVALID_REQUEST', `The option "${name}" must be text, not JSON.`, { option: name });
}

function isOptionName(name: string): name is UploadOptionName {
  return Object.hasOwn(UPLOAD_OPTIONS, name);
}

/**
 * @param headers what the request's headers say: a Content-Type's charset is another way to say `encoding`
 * @throws AppError INVALID_REQUEST naming the option and what it may be
 */
export function readOptions(
  raw: RawUploadOptions,
  { charset, packing }: { charset?: TextEncoding | undefined; packing?: Packing | undefined } = {},
): UploadOptions {
  if (raw.dataset === undefined || raw.dataset === '')
    throw new AppError(
      'INVALID_REQUEST',
      'The option "dataset" is missing. Send it before the file, or in the query.',
      { option: 'dataset' },
    );
  const onError = readChoice(raw, 'onError', ON_ERRORS);
  return {
    dataset: raw.dataset,
    ...readDialect(raw),
    encoding: raw.encoding === undefined ? charset : readEncoding(raw.encoding, charset),
    header: readChoice(raw, 'header', ['true', 'false']) === 'true',
    skipLines: readSkipLines(raw.skipLines),
    unknownColumns: readChoice(raw, 'unknownColumns', ['refuse', 'ignore']),
    notation: readNotation(raw),
    mapping: readMapping(raw),
    ifDuplicate: readChoice(raw, 'ifDuplicate', IF_DUPLICATES),
    mode: readChoice(raw, 'mode', IMPORT_MODES),
    onError,
    maxErrors: readMaxErrors(raw.maxErrors, onError),
    dryRun: readChoice(raw, 'dryRun', ['false', 'true']) === 'true',
    fileName: cleanFileName(raw.fileName),
    packing,
  };
}

function readDialect(raw: RawUploadOptions): GivenDialect {
  const { delimiter, quote, escape, comment } = raw;
  const given = {
    delimiter: delimiter === undefined ? undefined : parseDelimiter(delimiter),
    quote: quote === undefined ? undefined : parseQuote(quote),
    escape: escape === undefined ? undefined : parseEscape(escape),
    comment: comment === undefined ? null : parseComment(comment),
  };
  checkTogether(given);
  return given;
}

/** The first choice is the default. */
function readChoice<Choice extends string>(
  raw: RawUploadOptions,
  option: UploadOptionName,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const said = raw[option] ?? choices[0];
  const choice = choices.find((each) => each === said);
  if (choice === undefined)
    throw new AppError(
      'INVALID_REQUEST',
      `The option "${option}" must be ${choices.join(' or ')}, not "${said.slice(0, 40)}".`,
      { option },
    );
  return choice;
}

function readMaxErrors(text: string | undefined, onError: OnError): string | null {
  if (text === undefined) return onError === 'abort' ? '0' : null;
  if (!isMaxErrors(text))
    throw new AppError(
      'INVALID_REQUEST',
      `The option "maxErrors" must be a number of records such as 100, or a percentage of them such as 2.5%, not "${text.slice(0, 40)}".`,
      { option: 'maxErrors' },
    );
  return text;
}

function readNotation({ dateOrder, decimalChar, groupChar }: RawUploadOptions): Notation {
  const group = groupChar === 'space' ? ' ' : groupChar;
  if (group !== undefined && (!/^[^0-9+-]$/u.test(group) || group === (decimalChar ?? '.')))
    throw new AppError(
      'INVALID_REQUEST',
      'The option "groupChar" must be one character such as . , \' (or: space), neither a digit, a sign nor the decimal character.',
      { option: 'groupChar' },
    );
  return {
    ...(dateOrder === undefined
      ? {}
      : { dateOrder: readChoice<DateOrder>({ dateOrder }, 'dateOrder', ['ymd', 'dmy', 'mdy']) }),
    ...(decimalChar === undefined
      ? {}
      : { decimalChar: readChoice({ decimalChar }, 'decimalChar', ['.', ',']) }),
    ...(group === undefined ? {} : { groupChar: group }),
  };
}

function readMapping({ mapping, header }: RawUploadOptions): UploadOptions['mapping'] {
  if (mapping !== 'saved') return mapping === undefined ? undefined : parseMapping(mapping);
  if (header === 'false')
    throw new AppError(
      'INVALID_REQUEST',
      'The option "mapping" cannot be "saved" for a file without a header, by which it would be found. Send the mapping itself.',
      { option: 'mapping' },
    );
  return mapping;
}

const MAX_SKIPPED_LINES = 1000;

function readSkipLines(text = '0'): number {
  const lines = Number(text);
  if (!/^\d+$/.test(text) || lines > MAX_SKIPPED_LINES)
    throw new AppError(
      'INVALID_REQUEST',
      `The option "skipLines" must be a whole number from 0 to ${MAX_SKIPPED_LINES}, not "${text.slice(0, 40)}".`,
      { option: 'skipLines' },
    );
  return lines;
}

function readEncoding(label: string, charset: TextEncoding | undefined): TextEncoding {
  const encoding = findEncoding(label);
  if (encoding === undefined)
    throw new AppError(
      'INVALID_REQUEST',
      `The option "encoding" must be a label of the WHATWG Encoding Standard, such as utf-8, shift_jis, euc-jp, gb18030, big5, euc-kr, windows-1252 or utf-16le, and not ISO-2022-JP; ${JSON.stringify(label.slice(0, 40))} is not known.`,
      { option: 'encoding' },
    );
  if (charset !== undefined && charset !== encoding)
    throw new AppError(
      'INVALID_REQUEST',
      `The option "encoding" says ${encoding}, the Content-Type says charset=${charset}. Give one of them, or the same.`,
      { option: 'encoding' },
    );
  return encoding;
}

const MAX_FILE_NAME_CHARS = 255;

/** A file name is data: shown, never used as a path. Control and direction characters, which deceive the eye, are taken out. */
export function cleanFileName(name: string | undefined): string | null {
  const clean = (name ?? '')
    .normalize('NFC')
    // oxlint-disable-next-line no-control-regex -- they are what is removed
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
  return clean === '' ? null : [...clean].slice(0, MAX_FILE_NAME_CHARS).join('');
}

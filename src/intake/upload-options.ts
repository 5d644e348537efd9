// Reads the options of an upload, whether they came as multipart fields or in the query. What they are: options/table.ts.
import { checkTogether, type GivenDialect } from '../core/csv/dialect/dialect-options.ts';
import type { TextEncoding } from '../core/csv/text/encodings.ts';
import type { ColumnMapping } from '../core/dataset/header/mapping.ts';
import type { Dialect } from '../core/csv/types.ts';
import type { Notation } from '../core/dataset/types.ts';
import type { IfDuplicate, ImportMode, OnError } from '../core/imports/import-mode.ts';
import { AppError } from '../errors.ts';
import { wrongGroupChar } from './options/column-options.ts';
import { wrong, type UploadOption } from './options/option.ts';
import {
  isOptionName,
  OPTION_ENTRIES,
  UPLOAD_OPTIONS,
  type OptionValues,
  type UploadOptionName,
} from './options/table.ts';
import type { Packing } from './unpack.ts';

/** The import whose rejects a file mends, as far as storing the file goes. */
export interface RetryParent {
  readonly id: string;
  /** How its columns write dates and numbers, by the name of the field: a few records prove nothing by themselves. */
  readonly notations: ReadonlyMap<string, Notation>;
  /** Whether its file has NULL beside the empty text, and whose values it has. */
  readonly dialect: Pick<Dialect, 'databaseText' | 'json' | 'emptyCells'>;
}

/** Option texts as received, each name at most once. */
export type RawUploadOptions = Readonly<Partial<Record<UploadOptionName, string>>>;

export interface UploadOptions extends GivenDialect {
  readonly dataset: string;
  /** Undefined: NDJSON when the file begins with an object, JSON when it begins with a list of objects, else CSV. */
  readonly format: 'csv' | 'ndjson' | 'json' | undefined;
  readonly header: boolean;
  readonly skipLines: number;
  readonly headerRows: number;
  /** Undefined: none, and asked about where the file shows such lines. */
  readonly skipAfterHeader: number | undefined;
  /** Undefined: not said. */
  readonly skipFooter: number | undefined;
  readonly repeatedHeader: 'table' | 'skip';
  readonly emptyRecords: 'skip' | 'keep';
  readonly shortRecords: 'reject' | 'null';
  /** Undefined: by BOM, else UTF-8. */
  readonly encoding: TextEncoding | undefined;
  /** The bytes may look like another encoding. */
  readonly forceEncoding: boolean;
  /** The file in a ZIP archive; undefined: the only one that can be meant. */
  readonly entry: string | undefined;
  /** Of a workbook; undefined: the one that can be meant. */
  readonly sheet: string | undefined;
  /** Of a header without records. */
  readonly emptyFile: 'refuse' | 'accept';
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
  /** The dataset is made of the file first. */
  readonly create: boolean;
  readonly fileName: string | null;
  /** What a header says; without it the file's first bytes do. */
  readonly packing: Packing | undefined;
}

/** What the headers of a request say of its file. */
export interface SaidByHeaders {
  readonly charset?: TextEncoding | undefined;
  readonly packing?: Packing | undefined;
}

/** Options as they come, from several places. */
export class CollectedOptions {
  readonly #texts: Partial<Record<UploadOptionName, string>> = {};

  /** @returns what the option says; undefined: nothing, for it is empty @throws AppError UPLOAD_UNKNOWN_OPTION, or INVALID_REQUEST for one given twice or as JSON */
  add(name: string, value: unknown): { readonly name: UploadOptionName; readonly text: string } | undefined {
    if (!isOptionName(name))
      throw new AppError(
        'UPLOAD_UNKNOWN_OPTION',
        `There is no option "${name.slice(0, 100)}". Options are ${Object.keys(UPLOAD_OPTIONS).join(', ')}.`,
        { option: name.slice(0, 100) },
      );
    if (this.#texts[name] !== undefined || Array.isArray(value))
      throw new AppError('INVALID_REQUEST', `The option "${name}" is given more than once. Give it once.`, {
        option: name,
      });
    const text = textOf(name, value);
    // A form sends the fields that its user left empty too.
    if (text === '' && UPLOAD_OPTIONS[name].required !== true) return undefined;
    this.#texts[name] = text;
    return { name, text };
  }

  get texts(): RawUploadOptions {
    return this.#texts;
  }
}

/** A form part of Content-Type application/json arrives as what it says. */
function textOf(name: UploadOptionName, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  const option: UploadOption<unknown> = UPLOAD_OPTIONS[name];
  if (option.takesObject === true && typeof value === 'object' && value !== null)
    return JSON.stringify(value);
  throw wrong(name, 'must be text, not JSON');
}

/** Without a dataset, for a file that is only looked at. */
export type LooseOptions = Omit<UploadOptions, 'dataset'> & { readonly dataset: string | undefined };

/**
 * As `readOptions`, for a file that need not be sent to a dataset.
 * @throws AppError INVALID_REQUEST naming the option and what it may be
 */
export function readLooseOptions(raw: RawUploadOptions, headers: SaidByHeaders = {}): LooseOptions {
  const { dataset } = raw;
  return { ...readOptions({ ...raw, dataset: dataset ?? 'any' }, headers), dataset };
}

/**
 * @param headers what the request's headers say: a Content-Type's charset is another way to say `encoding`
 * @throws AppError INVALID_REQUEST naming the option and what it may be
 */
export function readOptions(raw: RawUploadOptions, { charset, packing }: SaidByHeaders = {}): UploadOptions {
  const { dialect, delimiter, quote, escape, comment, ...said } = readEach(raw);
  const databaseText = dialect === 'csv' ? null : dialect;
  checkTogether({ databaseText, delimiter, quote, escape, comment });
  if (said.encoding !== undefined && charset !== undefined && charset !== said.encoding)
    throw wrong(
      'encoding',
      `says ${said.encoding}, the Content-Type says charset=${charset}. Give one of them, or the same`,
    );
  if (!said.header && said.headerRows > 1)
    throw wrong('headerRows', 'cannot be more than 1 for a file without a header. Leave out one of the two');
  if (said.forceEncoding && (said.encoding ?? charset) === undefined)
    throw wrong('forceEncoding', 'needs an encoding to insist on. Send "encoding" too, or leave it out');
  if (said.mapping === 'saved' && !said.header)
    throw wrong(
      'mapping',
      'cannot be "saved" for a file without a header, because mappings are saved by header. Send the mapping itself',
    );
  return {
    ...said,
    databaseText,
    delimiter,
    quote,
    escape,
    comment,
    encoding: said.encoding ?? charset,
    notation: notationOf(said),
    maxErrors: said.maxErrors ?? (said.onError === 'abort' ? '0' : null),
    packing,
  };
}

function readEach(raw: RawUploadOptions): OptionValues {
  return Object.fromEntries(
    OPTION_ENTRIES.map(([name, option]) => [name, option.read(raw[name], name)]),
  ) as OptionValues;
}

/** What was said of the columns' values, and nothing else. */
function notationOf({
  dateOrder,
  decimalChar,
  groupChar,
  negative,
  pivotYear,
  trim,
  timeZone,
  timeZoneOverlap,
}: Pick<OptionValues, keyof Notation>): Notation {
  if (groupChar === (decimalChar ?? '.')) throw wrongGroupChar('groupChar');
  const numbers: Notation = { decimalChar, groupChar, negative };
  const others: Notation = { dateOrder, pivotYear, timeZone, timeZoneOverlap, trim };
  const notation = { ...numbers, ...others };
  return Object.fromEntries(Object.entries(notation).filter(([, said]) => said !== undefined));
}

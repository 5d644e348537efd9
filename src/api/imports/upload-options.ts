// The options of an upload, whether they came as multipart fields or in the query.
import { parseDelimiter } from '../../core/csv/dialect.ts';
import type { Delimiter } from '../../core/csv/types.ts';
import { AppError } from '../../errors.ts';

/** What an upload may say besides the file. */
export const UPLOAD_OPTIONS = {
  dataset: 'The dataset the records belong to (required).',
  delimiter: 'How cells are separated: `,` `;` `|` or `tab`. Without it, detected from the head of the file.',
  unknownColumns:
    '`refuse` (default) answers 422 when the file has columns the dataset does not know; `ignore` lets them pass.',
  ifDuplicate:
    '`allow` (default) takes a file whose bytes were sent to the dataset before, and says so in `duplicateOf`; `refuse` answers 409, unless the earlier import failed or was cancelled.',
  fileName: 'The file’s name, for people; multipart takes it from the file part.',
} as const;

export type UploadOptionName = keyof typeof UPLOAD_OPTIONS;

/** Option texts as received, each name at most once. */
export type RawUploadOptions = Readonly<Partial<Record<UploadOptionName, string>>>;

export interface UploadOptions {
  readonly dataset: string;
  /** Undefined: detect. */
  readonly delimiter: Delimiter | undefined;
  readonly unknownColumns: 'refuse' | 'ignore';
  readonly ifDuplicate: 'allow' | 'refuse';
  readonly fileName: string | null;
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
    if (typeof value !== 'string')
      throw new AppError('INVALID_REQUEST', `The option "${name}" must be text, not JSON.`, { option: name });
    options[name] = value;
  }
  return options;
}

function isOptionName(name: string): name is UploadOptionName {
  return Object.hasOwn(UPLOAD_OPTIONS, name);
}

/** @throws AppError INVALID_REQUEST naming the option and what it may be */
export function readOptions(raw: RawUploadOptions): UploadOptions {
  if (raw.dataset === undefined || raw.dataset === '')
    throw new AppError(
      'INVALID_REQUEST',
      'The option "dataset" is missing. Send it before the file, or in the query.',
      { option: 'dataset' },
    );
  const unknownColumns = raw.unknownColumns ?? 'refuse';
  if (unknownColumns !== 'refuse' && unknownColumns !== 'ignore')
    throw new AppError(
      'INVALID_REQUEST',
      `The option "unknownColumns" must be refuse or ignore, not "${unknownColumns}".`,
      {
        option: 'unknownColumns',
      },
    );
  const ifDuplicate = raw.ifDuplicate ?? 'allow';
  if (ifDuplicate !== 'allow' && ifDuplicate !== 'refuse')
    throw new AppError(
      'INVALID_REQUEST',
      `The option "ifDuplicate" must be allow or refuse, not "${ifDuplicate}".`,
      { option: 'ifDuplicate' },
    );
  return {
    dataset: raw.dataset,
    delimiter: raw.delimiter === undefined ? undefined : parseDelimiter(raw.delimiter),
    unknownColumns,
    ifDuplicate,
    fileName: cleanFileName(raw.fileName),
  };
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

// The options of a file, the same for `sluice import` and `sluice retry`, and what of them goes to the API.
import { InvalidArgumentError, type Command } from 'commander';

export interface FileOptions {
  readonly delimiter?: string;
  readonly quote?: string;
  readonly escape?: string;
  readonly comment?: string;
  readonly encoding?: string;
  /** False with `--no-header`. */
  readonly header?: boolean;
  readonly skipLines?: string;
  readonly unknownColumns?: string;
  readonly dateOrder?: string;
  readonly decimalChar?: string;
  readonly groupChar?: string;
  readonly mapping?: string;
  readonly ifDuplicate?: string;
  readonly onError?: string;
  readonly maxErrors?: string;
  readonly dryRun?: boolean;
  readonly fileName?: string;
  /** Goes as a header. */
  readonly idempotencyKey?: string;
  /** For the command alone. */
  readonly watch?: boolean;
}

/** Options that go to the API as they are. */
const FORM_OPTIONS = [
  'delimiter',
  'quote',
  'escape',
  'comment',
  'encoding',
  'skipLines',
  'unknownColumns',
  'dateOrder',
  'decimalChar',
  'groupChar',
  'mapping',
  'ifDuplicate',
  'onError',
  'maxErrors',
  'fileName',
] as const;

/** The form of an upload, still without its file. */
export function formOf(options: FileOptions): FormData {
  const form = new FormData();
  for (const name of FORM_OPTIONS) if (options[name] !== undefined) form.set(name, options[name]);
  if (options.header === false) form.set('header', 'false');
  if (options.dryRun === true) form.set('dryRun', 'true');
  return form;
}

export function addFileOptions(command: Command): Command {
  return command
    .option('--delimiter <character>', 'how cells are separated: , ; | tab space … (default: detected)')
    .option('--quote <character>', 'what may stand around a cell: " or \' or none (default: detected)')
    .option('--escape <character>', 'a quote in a quoted cell: doubled or backslash (default: detected)')
    .option('--comment <character>', 'lines that begin with it are passed over (default: none)')
    .option('--no-header', 'the file has no header: its columns are the fields of the dataset in order')
    .option('--skip-lines <n>', 'pass over so many lines above the header')
    .option(
      '--encoding <label>',
      'the encoding of the file, such as shift_jis or utf-16le (default: by BOM, else UTF-8)',
    )
    .option(
      '--unknown-columns <what>',
      'refuse or ignore columns the dataset does not know',
      oneOf('refuse', 'ignore'),
    )
    .option(
      '--date-order <order>',
      'how dates are written that do not begin with the year (default: as the file proves)',
      oneOf('ymd', 'dmy', 'mdy'),
    )
    .option('--decimal-char <character>', 'of numbers whose field does not say it', oneOf('.', ','))
    .option('--group-char <character>', 'between groups of digits in such numbers, or: space (default: none)')
    .option(
      '--mapping <json>',
      'which column feeds which field, such as {"Tel":"phone_no","#3":"name","Memo":null}; or: saved',
    )
    .option(
      '--if-duplicate <what>',
      'allow (default) or refuse a file that was sent to the dataset before',
      oneOf('allow', 'refuse'),
    )
    .option(
      '--on-error <what>',
      'reject (default) bad records and land the others, or abort: all or nothing',
      oneOf('reject', 'abort'),
    )
    .option('--max-errors <n>', 'fail when more records are rejected: a number, or a percentage such as 2.5%')
    .option('--dry-run', 'find out what the import would do, and write nothing')
    .option('--file-name <name>', 'the name to be told by (default: that of the file)')
    .option(
      '--idempotency-key <key>',
      'sent again with the same key, the file is not taken twice (default: a new key, with which the command itself asks again when an answer is lost)',
    )
    .option('-w, --watch', 'follow it to its end; exit 1 when it does not succeed');
}

/** Of a commander option: one of these values. */
export function oneOf(...values: string[]) {
  return (value: string): string => {
    if (!values.includes(value)) throw new InvalidArgumentError(`It must be ${values.join(' or ')}.`);
    return value;
  };
}

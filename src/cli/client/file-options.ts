// The options of a file, as `sluice import` and `sluice retry` take them from the table of upload options, and what of them goes to the API.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { UploadOption } from '../../intake/options/option.ts';
import { OPTION_ENTRIES, type UploadOptionName } from '../../intake/options/table.ts';

export interface FileOptions extends Readonly<Partial<Record<UploadOptionName, string | boolean>>> {
  /** Goes as a header. */
  readonly idempotencyKey?: string;
}

/** The form of an upload, still without its file. A flag that was not given says nothing. */
export function formOf(options: FileOptions): FormData {
  const form = new FormData();
  for (const [name, option] of OPTION_ENTRIES) {
    const said = options[name];
    const isSaid = typeof said === 'boolean' ? said !== option.schema.default : said !== undefined;
    if (isSaid) form.set(name, String(said));
  }
  return form;
}

/** All options of an upload; a retry has those that are not fixed by its import. */
export function addFileOptions(command: Command, sends: 'upload' | 'retry'): Command {
  for (const [, option] of OPTION_ENTRIES)
    if (sends === 'upload' || option.retry !== 'fixed') command.addOption(toFlag(option));
  return command
    .option(
      '--idempotency-key <key>',
      'a file sent twice with the same key is imported once (default: a new key, which the command uses to ask again when an answer is lost)',
    )
    .option('-w, --watch', 'follow it to its end; exit 1 when it does not succeed');
}

function toFlag(option: UploadOption<unknown>): Option {
  const { flags, help = option.doc } = option.flag;
  const flag = new Option(flags, asHelp(help) + asHelp(choicesOf(option)));
  if (option.required === true) flag.makeOptionMandatory();
  const { enum: choices } = option.schema;
  // Where the API reads more than the choices that are shown, it says what is wrong.
  if (choices !== undefined && option.takesOthers !== true) flag.argParser(oneOf(...choices));
  return flag;
}

/** What may be given, and what holds when nothing is. */
function choicesOf({ schema, without, required }: UploadOption<unknown>): string {
  const { enum: choices, default: fallback } = schema;
  if (required === true || typeof fallback === 'boolean') return '';
  const leftOut = fallback === undefined ? without : String(fallback);
  const parts = [
    ...(choices === undefined ? [] : [choices.join(' or ')]),
    ...(leftOut === undefined ? [] : [`default: ${leftOut}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

/** A sentence of the table as commander shows help: no capital, no full stop, no Markdown. */
function asHelp(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replaceAll('`', '').replace(/\.$/, '');
}

/** Of a commander option: one of these values. */
export function oneOf(...values: string[]) {
  return (value: string): string => {
    if (!values.includes(value)) throw new InvalidArgumentError(`It must be ${values.join(' or ')}.`);
    return value;
  };
}

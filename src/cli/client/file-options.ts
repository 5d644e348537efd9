// The options of a file, as `sluice import` and `sluice retry` take them from the table of upload options, and what of them goes to the API.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { UploadOption } from '../../intake/options/option.ts';
import { OPTION_ENTRIES, type UploadOptionName } from '../../intake/options/table.ts';

export interface FileOptions extends Readonly<Partial<Record<UploadOptionName, string | boolean>>> {
  /** Goes as a header. */
  readonly idempotencyKey?: string;
}

/** What the API is told. A flag that was not given says nothing. */
export function textsOf(options: FileOptions): Record<string, string> {
  return Object.fromEntries(
    OPTION_ENTRIES.flatMap(([name, option]) => {
      const said = options[name];
      const isSaid = typeof said === 'boolean' ? said !== option.schema.default : said !== undefined;
      return isSaid ? [[name, String(said)]] : [];
    }),
  );
}

/** The form of an upload, still without its file. */
export function formOf(options: FileOptions): FormData {
  const form = new FormData();
  for (const [name, text] of Object.entries(textsOf(options))) form.set(name, text);
  return form;
}

/** Options as flags, such as those of an answer. */
export function flagsOf(send: Readonly<Record<string, unknown>>): string {
  return Object.entries(send)
    .map(([name, value]) => {
      if (name === 'header' && value === false) return '--no-header';
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return `--${kebab(name)} ${quoted(text)}`;
    })
    .join(' ');
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** As a shell wants it. */
function quoted(text: string): string {
  return /^[\w.,:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** What a command with these options does: a look at a file takes those of an import, and a retry those that its import leaves open. */
type Sends = 'upload' | 'retry' | 'look';

/** All options of an upload; a retry has those that are not fixed by its import. */
export function addFileOptions(command: Command, sends: Sends): Command {
  addReadingOptions(command, sends);
  return command
    .option(
      '--idempotency-key <key>',
      'a file sent twice with the same key is imported once (default: a new key, which the command uses to ask again when an answer is lost)',
    )
    .option('-w, --watch', 'follow it to its end; exit 1 when it does not succeed');
}

export function addReadingOptions(command: Command, sends: Sends): Command {
  for (const [, option] of OPTION_ENTRIES)
    if (sends !== 'retry' || option.retry !== 'fixed') command.addOption(toFlag(option));
  return command;
}

/** Of `sluice import`: the file, or the id of a kept one; and the dataset, which a kept one may have been sent with. */
export function requireFile(
  command: Command,
  file: string | undefined,
  { uploadId, dataset }: FileOptions,
  needsDataset: boolean,
): void {
  if (needsDataset && uploadId === undefined && dataset === undefined)
    command.error("error: required option '-d, --dataset <name>' not specified");
  if ((file === undefined) === (uploadId === undefined))
    command.error('error: give a file, or --upload-id for one that is kept');
}

function toFlag(option: UploadOption<unknown>): Option {
  const { flags, help = option.doc } = option.flag;
  const flag = new Option(flags, asHelp(help) + asHelp(choicesOf(option)));
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

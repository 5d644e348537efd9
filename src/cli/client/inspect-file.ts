// `sluice inspect FILE`: sends a file, imports nothing, and says what it is.
import { basename } from 'node:path';
import { counted } from '../../core/counted.ts';
import { EXIT } from '../exit-codes.ts';
import { commandName, say, sayJson, table, type Out } from '../print.ts';
import type { ApiClient } from './client.ts';
import { flagsOf, formOf, textsOf, type FileOptions } from './file-options.ts';
import { openFile } from './import-file.ts';

export interface InspectOptions extends FileOptions {
  readonly json?: boolean;
}

/** Of the answer, what is shown. */
interface Seen {
  readonly id: string;
  readonly fileName: string | null;
  readonly bytes: number;
  readonly expiresAt: string;
  readonly encoding: { readonly name: string; readonly certainty: string; readonly confidence: number };
  readonly packing: string | null;
  readonly entryName: string | null;
  readonly dialect: {
    readonly delimiter: string;
    readonly quote: string | null;
    readonly lineEnd: string | null;
  } | null;
  readonly header: readonly string[] | null;
  readonly records: readonly { readonly line: number; readonly cells: readonly string[] }[];
  readonly columns: readonly Column[];
  readonly mappings: readonly Mapping[];
  readonly questions: readonly Question[];
}

interface Column {
  readonly index: number;
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly dateOrder?: string;
  readonly decimalChar?: string;
  readonly groupChar?: string;
  readonly isOpen?: boolean;
  readonly empty: number;
  readonly examples: readonly string[];
}

interface Mapping {
  readonly dataset: string;
  readonly score: number;
  readonly columns: readonly {
    readonly name: string;
    readonly field: string | null;
    readonly reason: string;
  }[];
  readonly missing: readonly string[];
}

interface Question {
  readonly detail: string;
  readonly answers: readonly { readonly send: Readonly<Record<string, unknown>>; readonly means: string }[];
}

/** Looks at a file that is sent, or at one that is kept. @returns the exit code */
export async function inspectFile(
  client: ApiClient,
  path: string | undefined,
  { json = false, ...options }: InspectOptions,
  out: Out,
): Promise<number> {
  const seen = path === undefined ? await lookAgain(client, options) : await send(client, path, options);
  if (json) sayJson(out, seen);
  else say(out, describe(seen, options));
  return EXIT.done;
}

async function send(client: ApiClient, path: string, options: FileOptions): Promise<Seen> {
  const form = formOf(options);
  form.set('file', await openFile(path), basename(path));
  return client.json('/v1/uploads', { method: 'POST', body: form });
}

function lookAgain(client: ApiClient, options: FileOptions): Promise<Seen> {
  const { uploadId, ...query } = textsOf(options);
  return client.json(`/v1/uploads/${encodeURIComponent(uploadId!)}?${new URLSearchParams(query).toString()}`);
}

const MOST_CELL_CHARS = 40;

function describe(seen: Seen, { dataset }: FileOptions): string {
  return [
    `${seen.fileName ?? '(no name)'}, ${counted(seen.bytes, 'byte')}: ${describeText(seen)}`,
    ...(seen.columns.length === 0
      ? []
      : ['', table([['#', 'COLUMN', 'TYPE', 'EMPTY', 'EXAMPLES'], ...seen.columns.map(rowOf)])]),
    ...seen.mappings.flatMap((each) => ['', ...describeMapping(each)]),
    ...seen.questions.flatMap((each) => ['', ...describeQuestion(each)]),
    '',
    `It is kept until ${seen.expiresAt}. To import it: ${commandName()} import --upload-id ${seen.id}${typeof dataset === 'string' ? '' : ' -d <dataset>'}`,
  ].join('\n');
}

function describeText({ encoding, packing, entryName, dialect }: Seen): string {
  const sure =
    encoding.certainty === 'guessed' ? ` (a guess, ${Math.round(encoding.confidence * 100)} %)` : '';
  const parts = [
    `${encoding.name}${sure}`,
    ...(packing === null ? [] : [`${packing}${entryName === null ? '' : ` of ${entryName}`}`]),
    ...(dialect === null
      ? []
      : [
          `delimiter ${JSON.stringify(dialect.delimiter)}`,
          `quote ${dialect.quote ?? 'none'}`,
          `lines end with ${dialect.lineEnd ?? 'nothing'}`,
        ]),
  ];
  return parts.join(', ');
}

function rowOf(column: Column): string[] {
  const { index, name, type, format, dateOrder, decimalChar, groupChar, isOpen, empty, examples } = column;
  const details = [
    ...(format === undefined || format === 'default' || format === 'any' ? [] : [format]),
    ...(dateOrder === undefined ? [] : [dateOrder]),
    ...(decimalChar === undefined ? [] : [`decimal ${decimalChar}`]),
    ...(groupChar === undefined ? [] : [`groups ${groupChar === ' ' ? 'space' : groupChar}`]),
    ...(isOpen === true ? ['may be read in two ways'] : []),
  ];
  const shown = details.length === 0 ? type : `${type} (${details.join(', ')})`;
  return [String(index), cut(name), shown, String(empty), examples.map(cut).join(' | ')];
}

function describeMapping({ dataset, score, columns, missing }: Mapping): string[] {
  return [
    `Dataset ${dataset} (fits ${Math.round(score * 100)} %)`,
    ...columns.map(
      ({ name, field, reason }) =>
        `  ${cut(name)} -> ${field ?? '(no field)'}${field === null ? '' : ` (${reason})`}`,
    ),
    ...(missing.length === 0 ? [] : [`  without a column: ${missing.join(', ')}`]),
  ];
}

function describeQuestion({ detail, answers }: Question): string[] {
  return [
    `Question: ${detail}`,
    ...answers.map(({ send, means }) => `  > ${flagsOf(send)}   ${means.split('\n')[0]!}`),
  ];
}

function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= MOST_CELL_CHARS ? line : `${line.slice(0, MOST_CELL_CHARS - 1)}…`;
}

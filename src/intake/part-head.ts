// What stands above the records of one file of an archive whose files are parts of one table, found in its bytes: the text is decoded later.
import Papa from 'papaparse';
import { afterLineEnd, isLineEnd, nextLineEnd } from '../core/csv/grammar.ts';
import { readBom } from '../core/csv/text/bom.ts';
import { asciiUnits } from '../core/csv/text/code-units.ts';
import { createDecoder, type TextEncoding } from '../core/csv/text/encodings.ts';
import { foldHeader } from '../core/dataset/header/mapping.ts';
import type { UploadOptions } from './upload-options.ts';

/** What an upload says of the lines above its records, and of how they are written. */
export type PartOptions = Pick<
  UploadOptions,
  | 'header'
  | 'headerRows'
  | 'skipLines'
  | 'skipAfterHeader'
  | 'skipFooter'
  | 'emptyRecords'
  | 'databaseText'
  | 'delimiter'
  | 'quote'
  | 'comment'
  | 'encoding'
  | 'forceEncoding'
  | 'format'
>;

export interface PartHead {
  /** Bytes above the first record, BOM included. */
  readonly bytes: number;
  /** The physical lines among them. */
  readonly lines: number;
  /** The header's text, as it is written. */
  readonly header: string;
  /** As its BOM says, else as the upload does. */
  readonly encoding: TextEncoding;
  readonly hasBom: boolean;
}

const LONGEST_BOM_BYTES = 4;
const SEP_LINE = /^sep=./i;

/**
 * @param unmarked the encoding of a file without a BOM
 * @returns undefined: the head goes on behind these bytes. At the end of the file they are all there is.
 * @throws AppError FILE_ENCODING for UTF-32
 */
export function findPartHead(
  bytes: Buffer,
  isWhole: boolean,
  options: PartOptions,
  unmarked: TextEncoding,
): PartHead | undefined {
  if (!isWhole && bytes.length < LONGEST_BOM_BYTES) return undefined;
  const bom = readBom(bytes);
  const encoding = bom?.encoding ?? unmarked;
  const decoder = createDecoder(encoding);
  const { unit } = decoder;
  const bomBytes = bom?.bytes ?? 0;
  const body = bytes.subarray(bomBytes, bytes.length - ((bytes.length - bomBytes) % unit));
  const walk = new LineWalk(asciiUnits(body, decoder), options);
  for (let skip = Math.max(options.skipLines, walk.saysDelimiter ? 1 : 0); skip > 0; skip--) walk.passLine();
  const { format } = options;
  const isJson = format === 'ndjson' || format === 'json' || (format === undefined && walk.isAtObject);
  let header = '';
  if (options.header && !isJson) {
    walk.passBlanks();
    const from = walk.at;
    for (let row = 0; row < options.headerRows; row++) walk.passRecord();
    header = decoder.loose(body.subarray(from * unit, walk.at * unit));
    for (let row = 0; row < (options.skipAfterHeader ?? 0); row++) walk.passRecord();
  }
  // A CR at the end may be half of a line end.
  if (!isWhole && walk.at * unit >= body.length - unit) return undefined;
  return {
    bytes: bomBytes + walk.at * unit,
    lines: walk.lines,
    header,
    encoding,
    hasBom: bom !== undefined,
  };
}

/** Goes from line to line, and over quoted cells that hold line ends. Its bytes are code units. */
class LineWalk {
  at = 0;
  lines = 0;
  readonly #bytes: Buffer;
  readonly #quote: number;
  readonly #comment: number;

  constructor(bytes: Buffer, { quote = '"', comment }: PartOptions) {
    this.#bytes = bytes;
    this.#quote = quote?.charCodeAt(0) ?? Number.NaN;
    this.#comment = comment?.charCodeAt(0) ?? Number.NaN;
  }

  get saysDelimiter(): boolean {
    return SEP_LINE.test(this.#bytes.toString('latin1', this.at, this.at + 'sep=;'.length));
  }

  get isAtObject(): boolean {
    return this.#bytes[this.at] === '{'.charCodeAt(0);
  }

  passLine(): void {
    const end = nextLineEnd(this.#bytes, this.at, this.#bytes.length);
    this.at = afterLineEnd(this.#bytes, end, this.#bytes.length);
    if (this.at > end) this.lines++;
  }

  /** Blank lines and comments. */
  passBlanks(): void {
    while (
      this.at < this.#bytes.length &&
      (isLineEnd(this.#bytes[this.at]) || this.#bytes[this.at] === this.#comment)
    )
      this.passLine();
  }

  passRecord(): void {
    this.passBlanks();
    let isOpen = false;
    do {
      const from = this.at;
      this.passLine();
      for (const byte of this.#bytes.subarray(from, this.at)) if (byte === this.#quote) isOpen = !isOpen;
    } while (isOpen && this.at < this.#bytes.length);
  }
}

interface NamedHead {
  readonly name: string;
  readonly head: PartHead;
}

/** How the headers of some files differ from the first's, a sentence for each; names are compared as those of a header are. */
export function differences(
  [first, ...others]: readonly NamedHead[],
  { delimiter: said, quote = '"' }: PartOptions,
): string[] {
  if (first === undefined) return [];
  const quoteChar = quote ?? '\0';
  const delimiter = said ?? Papa.parse(first.head.header, { quoteChar }).meta.delimiter;
  const namesOf = (header: string): string[] =>
    Papa.parse<string[]>(header.trimEnd(), { delimiter, quoteChar }).data.flat();
  const names = namesOf(first.head.header);
  return others.flatMap(({ name, head }) => {
    const how = howDiffers(names, namesOf(head.header));
    return how === undefined ? [] : [`"${name}" ${how}`];
  });
}

/** The delimiter of the files, and how many columns they have; undefined: the header does not show it, or a database wrote them. */
export function columnsOf(
  header: string,
  { delimiter: said, quote = '"', databaseText, format }: PartOptions,
): { readonly delimiter: string; readonly columns: number } | undefined {
  if ((databaseText ?? null) !== null || format === 'ndjson' || header === '') return undefined;
  const quoteChar = quote ?? '\0';
  const delimiter = said ?? Papa.parse(header, { quoteChar }).meta.delimiter;
  const columns = Papa.parse<string[]>(header.trimEnd(), { delimiter, quoteChar }).data[0]?.length ?? 0;
  return delimiter.length === 1 && columns > 1 ? { delimiter, columns } : undefined;
}

function howDiffers(first: readonly string[], own: readonly string[]): string | undefined {
  const [a, b] = [first, own].map((names) => names.map(foldHeader)) as [string[], string[]];
  if (a.length === b.length && a.every((name, at) => name === b[at])) return undefined;
  const more = own.filter((_, at) => !a.includes(b[at]!));
  const less = first.filter((_, at) => !b.includes(a[at]!));
  const said = [
    ...(more.length > 0 ? [`has ${listNames(more)}`] : []),
    ...(less.length > 0 ? [`lacks ${listNames(less)}`] : []),
  ];
  if (said.length > 0) return said.join(' and ');
  return a.length === b.length ? 'has the same columns in another order' : 'has a column twice, or once less';
}

const MOST_NAMED = 5;
const MOST_CHARS = 60;

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map((name) => `"${name.slice(0, MOST_CHARS)}"`);
  return [...shown, ...(names.length > MOST_NAMED ? ['…'] : [])].join(', ');
}

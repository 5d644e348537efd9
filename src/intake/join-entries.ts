// The files of an archive as one table (entry=all): one after the other in the order of their names, the headers of all but the first
// left out. They are joined before they are decoded, so all have one encoding.
import { CR, isLineEnd } from '../core/csv/grammar.ts';
import { asciiUnits } from '../core/csv/text/code-units.ts';
import { unlikeHead } from '../core/csv/text/declared-otherwise.ts';
import { createDecoder, type TextEncoding } from '../core/csv/text/encodings.ts';
import { LineCounter } from '../core/csv/text/line-counter.ts';
import { Utf8Evidence } from '../core/csv/text/utf8-evidence.ts';
import { AppError } from '../errors.ts';
import { refuseForeign } from './foreign-file.ts';
import { columnsOf, differences, findPartHead, type PartHead, type PartOptions } from './part-head.ts';
import type { PartPlace } from './part-place.ts';
import { readPart, type EntryFile, type JoinedText, type PartFile } from './part-text.ts';
import { packingOf } from './unpack.ts';

export interface JoinedEntries {
  /** In their order; complete when the bytes have been read. */
  readonly parts: PartPlace[];
  /** How many records without a value were left out at the ends of files; complete when the bytes have been read. */
  readonly emptyRecords: () => number;
  readonly bytes: AsyncGenerator<Buffer>;
}

const MAX_HEAD_BYTES = 1024 * 1024;

/** `part2` comes before `part10`. */
export function inNaturalOrder<F extends { readonly name: string }>(files: readonly F[]): F[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...files].sort((a, b) => compare(a.name, b.name) || (a.name < b.name ? -1 : 1));
}

/** @throws AppError FILE_ZIP when they are no parts of one table, and says how they differ; FILE_ENCODING for UTF-32 */
export async function joinEntries(
  unordered: readonly EntryFile[],
  options: PartOptions,
): Promise<JoinedEntries> {
  const files: PartFile[] = [];
  let unmarked = options.encoding ?? 'utf-8';
  for (const file of inNaturalOrder(unordered)) {
    if (unmarked === 'utf-16') unmarked = files[0]?.head.encoding ?? 'utf-16le';
    files.push({ ...file, head: await readHead(file, options, unmarked) });
  }
  const first = files[0]!;
  refuseMixed(files);
  const differing = differences(files, options);
  if (differing.length > 0)
    throw refused(
      `The files of the ZIP archive are no parts of one table. Compared with "${first.name}", ${differing.slice(0, MOST_NAMED).join('; ')}${differing.length > MOST_NAMED ? '; …' : ''}. Send entry= with the name of one file, or an archive of files with the same header`,
      {
        files: files.slice(0, MOST_NAMED).map(({ name }) => name),
        differences: differing.slice(0, MOST_NAMED),
      },
    );
  const { encoding } = first.head;
  const known = options.emptyRecords === 'keep' ? undefined : columnsOf(first.head.header, options);
  const emptyEnd = known && { ...known, count: 0 };
  const decoder = createDecoder(encoding);
  const text = { encoding, decoder, skipFooter: options.skipFooter ?? 0, emptyEnd };
  const parts: PartPlace[] = [];
  return { parts, emptyRecords: () => emptyEnd?.count ?? 0, bytes: readAll(files, text, options, parts) };
}

/** Whether the files could be one table. @throws AppError FILE_ZIP when one cannot be read */
export async function areOneTable(files: readonly EntryFile[], options: PartOptions): Promise<boolean> {
  try {
    const { bytes } = await joinEntries(files, options);
    await bytes.return(undefined);
    return true;
  } catch (error) {
    if (error instanceof AppError && ['FILE_ZIP', 'FILE_FORMAT', 'FILE_ENCODING'].includes(error.code))
      return false;
    throw error;
  }
}

const MOST_NAMED = 5;

async function readHead(file: EntryFile, options: PartOptions, unmarked: TextEncoding): Promise<PartHead> {
  let bytes: Buffer = Buffer.alloc(0);
  let head: PartHead | undefined;
  for await (const piece of file.read()) {
    bytes = Buffer.concat([bytes, piece]);
    head = findPartHead(bytes, false, options, unmarked);
    if (head !== undefined) break;
    if (bytes.length > MAX_HEAD_BYTES)
      throw refused(
        `The header of ${JSON.stringify(file.name)} in the ZIP archive does not end within ${MAX_HEAD_BYTES} bytes`,
      );
  }
  head ??= findPartHead(bytes, true, options, unmarked)!;
  refuseAlone(bytes, head, JSON.stringify(file.name), options);
  return head;
}

/** What the file would be refused for alone. */
function refuseAlone(bytes: Buffer, head: PartHead, quoted: string, { forceEncoding }: PartOptions): void {
  if (packingOf(bytes) !== undefined)
    throw refused(`${quoted} in the ZIP archive is packed itself. Pack the files once`);
  refuseForeign(bytes);
  const other = head.hasBom || forceEncoding ? undefined : unlikeHead(head.encoding, bytes);
  if (other !== undefined)
    throw refused(
      `${quoted} in the ZIP archive reads as ${other.encoding}, and would be read as ${nameOf(head.encoding)}. Save all files in one encoding, and name it with encoding=`,
    );
}

/** The first says which encoding all have. UTF-16 may come in both byte orders. */
function refuseMixed([first, ...others]: readonly PartFile[]): void {
  const differing = others.find(({ head }) => familyOf(head.encoding) !== familyOf(first!.head.encoding));
  if (differing === undefined) return;
  const said = ({ name, head }: PartFile): string =>
    `${JSON.stringify(name)} ${head.hasBom ? 'says by its BOM that it is' : 'has no BOM and would be read as'} ${nameOf(head.encoding)}`;
  throw refused(
    `In the ZIP archive ${said(first!)}, and ${said(differing)}. Save all files in one encoding; if it is UTF-16, with a BOM or encoding=utf-16le`,
  );
}

function familyOf(encoding: TextEncoding): string {
  return encoding.startsWith('utf-16') ? 'utf-16' : encoding;
}

function nameOf(encoding: TextEncoding): string {
  return encoding.startsWith('utf-') ? encoding.toUpperCase() : encoding;
}

async function* readAll(
  files: readonly PartFile[],
  text: JoinedText,
  options: PartOptions,
  parts: PartPlace[],
): AsyncGenerator<Buffer> {
  const { unit, codeAt } = text.decoder;
  const lines = new LineCounter();
  const evidence = new EvidenceOfEach(options);
  let bytes = 0;
  let last = 0;
  const give = (piece: Buffer): Buffer => {
    lines.push(asciiUnits(piece, text.decoder));
    bytes += piece.length;
    last = codeAt(piece, piece.length - unit);
    return piece;
  };
  for (const [at, file] of files.entries()) {
    const { name, head } = file;
    const ownByte = at === 0 ? 0 : head.bytes;
    let isOpen = at > 0 && last !== 0 && !isLineEnd(last);
    let part: PartPlace | undefined;
    for await (const piece of readPart(file, ownByte, text)) {
      if (isOpen) yield give(lineEnd(last === CR ? '\r' : '\n', text));
      isOpen = false;
      if (part === undefined) {
        part = { name, line: lines.line, ownLine: at === 0 ? 1 : head.lines + 1, byte: bytes, ownByte };
        parts.push(part);
      }
      evidence.push(piece);
      yield give(piece);
    }
    evidence.endOf(name);
  }
  evidence.refuseMixed();
}

function lineEnd(sign: string, { encoding }: JoinedText): Buffer {
  if (!encoding.startsWith('utf-16')) return Buffer.from(sign);
  const bytes = Buffer.from(sign, 'utf16le');
  return encoding === 'utf-16be' ? bytes.swap16() : bytes;
}

/** Declared in a legacy encoding, some files may be UTF-8 and others not: read so, the former would be other characters. */
class EvidenceOfEach {
  readonly #declared: TextEncoding | undefined;
  #evidence: Utf8Evidence | undefined;
  /** Files that are UTF-8, and files that are not. */
  readonly #utf8: string[] = [];
  readonly #other: string[] = [];

  constructor({ encoding, forceEncoding }: PartOptions) {
    if (encoding?.startsWith('utf-') === false && !forceEncoding) this.#declared = encoding;
  }

  push(piece: Buffer): void {
    if (this.#declared === undefined) return;
    this.#evidence ??= new Utf8Evidence('sound');
    this.#evidence.push(piece);
  }

  endOf(name: string): void {
    this.#evidence?.end();
    if (this.#evidence?.isSure === true) this.#utf8.push(name);
    else if (this.#evidence !== undefined && this.#evidence.unsound > 0) this.#other.push(name);
    this.#evidence = undefined;
  }

  /** @throws AppError FILE_ZIP */
  refuseMixed(): void {
    const [utf8, other] = [this.#utf8[0], this.#other[0]];
    // Where all are UTF-8, the text as a whole is.
    if (utf8 === undefined || other === undefined) return;
    throw refused(
      `"${utf8}" in the ZIP archive is UTF-8, and "${other}" is not. Save all files in one encoding. If both really are ${this.#declared!}, send forceEncoding=true`,
    );
  }
}

function refused(what: string, params: Readonly<Record<string, unknown>> = {}): AppError {
  return new AppError('FILE_ZIP', `${what}.`, params);
}

// The files of an archive as one table (entry=all): one after the other in the order of their names, the headers of all but the first
// left out. Their bytes are joined before they are decoded, so the encoding must be one whose line ends are single bytes.
import { LineCounter } from '../core/csv/text/line-counter.ts';
import { CR, isLineEnd } from '../core/csv/grammar.ts';
import { EndMarks } from '../core/csv/text/end-marks.ts';
import type { PartOfFile } from '../core/csv/types.ts';
import { AppError } from '../errors.ts';
import { refuseForeign } from './foreign-file.ts';
import { differences, findPartHead, type PartHead, type PartOptions } from './part-head.ts';
import { packingOf } from './unpack.ts';

/** A file of an archive. */
export interface EntryFile {
  /** Cleaned; for people. */
  readonly name: string;
  /** May be read more than once. */
  readonly read: () => AsyncGenerator<Buffer>;
}

export interface JoinedEntries {
  /** In their order; complete when the bytes have been read. */
  readonly parts: PartOfFile[];
  readonly bytes: AsyncGenerator<Buffer>;
}

const MAX_HEAD_BYTES = 1024 * 1024;
const WIDE = ['utf-16le', 'utf-16be'];

/** `part2` comes before `part10`. */
export function inNaturalOrder<F extends { readonly name: string }>(files: readonly F[]): F[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...files].sort((a, b) => compare(a.name, b.name) || (a.name < b.name ? -1 : 1));
}

/** @throws AppError FILE_ZIP when they are no parts of one table, and says how they differ */
export async function joinEntries(
  unordered: readonly EntryFile[],
  options: PartOptions,
): Promise<JoinedEntries> {
  if ((options.skipFooter ?? 0) > 0)
    throw refused('skipFooter is for one file, and entry=all joins several. Send the files one by one');
  const files = inNaturalOrder(unordered);
  const heads: { name: string; head: PartHead }[] = [];
  for (const file of files) heads.push({ name: file.name, head: await readHead(file, options) });
  const differing = differences(heads, options);
  if (differing.length > 0)
    throw refused(
      `The files of the ZIP archive are no parts of one table. Compared with "${files[0]!.name}", ${differing.slice(0, MOST_NAMED).join('; ')}${differing.length > MOST_NAMED ? '; …' : ''}. Send entry= with the name of one file, or an archive of files with the same header`,
      {
        files: files.slice(0, MOST_NAMED).map(({ name }) => name),
        differences: differing.slice(0, MOST_NAMED),
      },
    );
  refuseMarks(heads, options);
  const parts: PartOfFile[] = [];
  const each = files.map((file, at) => ({ ...file, head: heads[at]!.head }));
  return { parts, bytes: readAll(each, parts) };
}

/** Whether the files could be one table. @throws AppError FILE_ZIP when one cannot be read */
export async function areOneTable(files: readonly EntryFile[], options: PartOptions): Promise<boolean> {
  try {
    const { bytes } = await joinEntries(files, options);
    await bytes.return(undefined);
    return true;
  } catch (error) {
    if (error instanceof AppError && (error.code === 'FILE_ZIP' || error.code === 'FILE_FORMAT'))
      return false;
    throw error;
  }
}

const MOST_NAMED = 5;

async function readHead(file: EntryFile, options: PartOptions): Promise<PartHead> {
  let bytes: Buffer = Buffer.alloc(0);
  const quoted = JSON.stringify(file.name);
  for await (const piece of file.read()) {
    bytes = Buffer.concat([bytes, piece]);
    refuseWide(bytes, quoted, options);
    const head = findPartHead(bytes, false, options);
    if (head !== undefined) return head;
    if (bytes.length > MAX_HEAD_BYTES)
      throw refused(`The header of ${quoted} in the ZIP archive does not end within ${MAX_HEAD_BYTES} bytes`);
  }
  refuseWide(bytes, quoted, options);
  return findPartHead(bytes, true, options)!;
}

/** What one file alone would be refused for, or is decoded otherwise than its neighbours. */
function refuseWide(bytes: Buffer, quoted: string, { encoding }: PartOptions): void {
  const [first, second] = bytes;
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (hasMark || WIDE.includes(encoding ?? ''))
    throw refused(
      `${quoted} in the ZIP archive is UTF-16, which entry=all does not join. Save the files as UTF-8`,
    );
  if (packingOf(bytes) !== undefined)
    throw refused(`${quoted} in the ZIP archive is packed itself. Pack the files once`);
  refuseForeign(bytes);
}

/** A BOM says UTF-8, of its file alone. */
function refuseMarks(
  heads: readonly { readonly name: string; readonly head: PartHead }[],
  { encoding = 'utf-8' }: PartOptions,
): void {
  const marked = encoding === 'utf-8' ? undefined : heads.slice(1).find(({ head }) => head.hasBom);
  if (marked !== undefined)
    throw refused(
      `"${marked.name}" in the ZIP archive says by its BOM that it is UTF-8, and the upload says ${encoding}. Save all files in one encoding`,
    );
}

async function* readAll(
  files: readonly (EntryFile & { readonly head: PartHead })[],
  parts: PartOfFile[],
): AsyncGenerator<Buffer> {
  const lines = new LineCounter();
  let last = 0;
  for (const [at, { name, read, head }] of files.entries()) {
    const skip = at === 0 ? 0 : head.bytes;
    const lineEnd = last === CR ? '\r' : '\n';
    let isOpen = at > 0 && last !== 0 && !isLineEnd(last);
    let part: PartOfFile | undefined;
    for await (const piece of withoutMarks(behind(read(), skip))) {
      if (isOpen) {
        const end = Buffer.from(lineEnd);
        lines.push(end);
        yield end;
        isOpen = false;
      }
      if (part === undefined) {
        part = { name, line: lines.line, ownLine: at === 0 ? 1 : head.lines + 1 };
        parts.push(part);
      }
      lines.push(piece);
      last = piece.at(-1)!;
      yield piece;
    }
  }
}

async function* behind(pieces: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let skip = bytes;
  for await (const piece of pieces) {
    if (piece.length > skip) yield piece.subarray(skip);
    skip = Math.max(0, skip - piece.length);
  }
}

async function* withoutMarks(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const end = new EndMarks();
  for await (const piece of pieces) yield* end.push(piece);
}

function refused(what: string, params: Readonly<Record<string, unknown>> = {}): AppError {
  return new AppError('FILE_ZIP', `${what}.`, params);
}

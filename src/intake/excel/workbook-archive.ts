// A stored workbook as an archive: its parts by their names.
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { XmlProblem } from '../../core/excel/xml-problem.ts';
import { AppError } from '../../errors.ts';
import type { Storage } from '../../storage/storage.ts';
import { readEntry } from '../archive-entry.ts';
import { InflateGuard } from '../inflate-guard.ts';
import { StoredArchive } from '../unzip.ts';
import { workbookKind, type WorkbookKind } from './is-workbook.ts';
import type { WorkbookLimits, WorkbookOrder } from './messages.ts';

/** The list of sheets and the like are small; a larger one is no workbook's. */
const MAX_SMALL_PART_BYTES = 16 * 1024 * 1024;
const MAX_ENTRIES = 10_000;

/** @param what ends the sentence "The workbook …" */
export function workbookBroken(what: string, cause?: unknown): AppError {
  return new AppError(
    'FILE_WORKBOOK',
    `The workbook ${what}. Open it in Excel or LibreOffice, save it anew as .xlsx and send that; nothing was kept.`,
    {},
    cause === undefined ? {} : { cause },
  );
}

export class WorkbookArchive {
  readonly kind: WorkbookKind | undefined;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #limits: WorkbookLimits;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>, limits: WorkbookLimits) {
    this.kind = workbookKind([...entries.keys()]);
    this.#zip = zip;
    this.#entries = entries;
    this.#limits = limits;
  }

  /** @throws AppError FILE_WORKBOOK */
  static async open(storage: Storage, { key, bytes, limits }: WorkbookOrder): Promise<WorkbookArchive> {
    const zip = await yauzl.fromRandomAccessReaderPromise(new StoredArchive(storage, key, bytes), bytes, {
      autoClose: false,
    });
    const entries = new Map<string, Entry>();
    if (zip.entryCount > MAX_ENTRIES) throw workbookBroken(`has ${zip.entryCount} parts`);
    for await (const entry of zip.eachEntry()) entries.set(nameOf(entry), entry);
    return new WorkbookArchive(zip, entries, limits);
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase());
  }

  /** Who stops early reads no more of it. @throws AppError FILE_WORKBOOK, UPLOAD_INFLATES_TOO_FAR */
  async *read(name: string): AsyncGenerator<Buffer> {
    const entry = this.#require(name);
    if (entry.isEncrypted()) throw workbookBroken('is protected by a password of the ZIP archive');
    yield* readEntry(this.#zip, entry, new InflateGuard('workbook', this.#limits));
  }

  async readSmall(name: string): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of this.read(name)) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > MAX_SMALL_PART_BYTES) throw workbookBroken(`has a part ${name} that is too long`);
    }
    return Buffer.concat(pieces);
  }

  /** Reads a part through its reader. */
  async readInto(name: string, reader: { push(chunk: Buffer | null): void }): Promise<void> {
    for await (const chunk of this.read(name)) readPart(name, chunk, (bytes) => reader.push(bytes));
    readPart(name, null, (bytes) => reader.push(bytes));
  }

  close(): void {
    this.#zip.close();
  }

  #require(name: string): Entry {
    const entry = this.#entries.get(name.toLowerCase());
    if (entry === undefined) throw workbookBroken(`lacks its part ${name}`);
    return entry;
  }
}

/** Reads some of a part; a problem of its XML becomes one of the workbook. */
export function readPart<Bytes extends Buffer | null, T>(
  name: string,
  bytes: Bytes,
  read: (bytes: Bytes) => T,
): T {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof XmlProblem) throw workbookBroken(`is damaged in ${name}: ${error.message}`, error);
    throw error;
  }
}

/** A few programs write names with a backslash or in other case. */
function nameOf({ fileName }: Entry): string {
  return fileName.replaceAll('\\', '/').toLowerCase();
}

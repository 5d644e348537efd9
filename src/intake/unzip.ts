// A ZIP archive that holds one CSV, or the parts of one table. Its directory stands at its end, so the archive is stored first and read by ranges;
// what yauzl does not look at (checksum, ratio, which entry is meant) is looked at here. Names in it are never paths.
import { Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { AppError } from '../errors.ts';
import type { Storage, StorageKey } from '../storage/storage.ts';
import { readEntry } from './archive-entry.ts';
import { readEntryName } from './entry-name.ts';
import { refuseDocument } from './foreign-file.ts';
import { InflateGuard, type InflateLimits } from './inflate-guard.ts';
import { workbookKind } from './excel/is-workbook.ts';
import { cleanFileName } from './file-name.ts';
import { areOneTable, joinEntries } from './join-entries.ts';
import type { PartOptions } from './part-head.ts';
import type { PartPlace } from './part-place.ts';
import type { EntryFile } from './part-text.ts';
import type { UploadOptions } from './upload-options.ts';

/** One CSV needs no more, and each costs a read. */
const MAX_ENTRIES = 1000;
const MOST_NAMED = 5;
/** As an entry is said: all CSVs, joined. */
const ALL = 'all';
const IS_TABLE = /\.(csv|tsv)$/i;
const STORED = 0;
const DEFLATED = 8;

/** Which file of an archive is meant, and what the files of one table begin with. */
export type EntryOptions = PartOptions & Pick<UploadOptions, 'entry'>;

/** What yauzl reads from: ranges of a stored file. */
export class StoredArchive extends yauzl.RandomAccessReader {
  readonly #storage: Storage;
  readonly #key: StorageKey;
  readonly #size: number;

  constructor(storage: Storage, key: StorageKey, size: number) {
    super();
    this.#storage = storage;
    this.#key = key;
    this.#size = size;
  }

  override _readStreamForRange(startByte: number, endByte: number): Readable {
    if (endByte <= this.#size) return this.#storage.read(this.#key, { startByte, endByte });
    const beyond = new Error(`it points to byte ${endByte}, behind its end`);
    return new Readable({ read: (): void => void 0 }).destroy(beyond);
  }
}

/** An entry that is a file, and its name for people. */
interface File {
  readonly entry: Entry;
  readonly name: string;
}

export interface UnzippedFile {
  readonly kind: 'file';
  /** Cleaned; for people. */
  readonly name: string | null;
  /** Of several that are one table; complete when the bytes have been read. */
  readonly parts: readonly PartPlace[] | undefined;
  /** Of several files: how many records without a value were left out at their ends. */
  readonly emptyRecords?: () => number;
  /** The archive's other files, which are not read; cleaned, for people. */
  readonly passedOver: readonly string[];
  /** Fails with the errors of `openZip` when the entry is not what the directory says. */
  readonly bytes: AsyncGenerator<Buffer>;
}

/** The archive is not around a file: it is one, a workbook. */
export interface FoundWorkbook {
  readonly kind: 'workbook';
}

/**
 * Finds the one CSV in a stored archive, the file that is named, or with `entry=all` all CSVs as one.
 * @throws AppError FILE_ZIP, UPLOAD_TOO_LARGE, UPLOAD_INFLATES_TOO_FAR; FILE_FORMAT for a workbook of another kind
 */
export async function openZip(
  storage: Storage,
  key: StorageKey,
  size: number,
  limits: InflateLimits,
  options: EntryOptions,
): Promise<UnzippedFile | FoundWorkbook> {
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(new StoredArchive(storage, key, size), size, {
      autoClose: false,
      // Names are decoded here: an odd one is no reason to refuse the archive.
      decodeStrings: false,
    });
    const { files, beside } = await listFiles(zip);
    const names = files.map(({ name }) => name);
    refuseDocument(names);
    if (workbookKind(names) !== undefined) {
      zip.close();
      return { kind: 'workbook' };
    }
    const { entry: said } = options;
    const asEntry = (file: File): EntryFile => ({
      name: cleanFileName(file.name) ?? '',
      read: () => readFile(zip, file, limits),
    });
    if (said === ALL && !files.some(({ name }) => name === ALL)) {
      const all = tablesOf(files).map(readable);
      if (all.length === 0) throw noFile(beside);
      const { parts, emptyRecords, bytes } = await joinEntries(all.map(asEntry), options);
      const passedOver = othersThan(all, [...files, ...beside]);
      return {
        kind: 'file',
        name: null,
        parts,
        emptyRecords,
        passedOver,
        bytes: within(bytes, size, limits),
      };
    }
    const file = said === undefined ? await choose(files, beside, asEntry, options) : findNamed(files, said);
    const { read } = asEntry(readable(file));
    const passedOver = othersThan([file], [...files, ...beside]);
    return { kind: 'file', name: cleanFileName(file.name), parts: undefined, passedOver, bytes: read() };
  } catch (error) {
    throw zipBroken(error);
  }
}

/** Those that may be meant, and those that a system or a program has left beside them. */
interface FoundFiles {
  readonly files: File[];
  readonly beside: File[];
}

async function listFiles(zip: ZipFile): Promise<FoundFiles> {
  if (zip.entryCount > MAX_ENTRIES)
    throw refused(`holds ${zip.entryCount} entries; the limit is ${MAX_ENTRIES}`);
  const found: FoundFiles = { files: [], beside: [] };
  for await (const entry of zip.eachEntry()) {
    const { text: name, isBeside, isFolder } = readEntryName(entry);
    if (!isFolder) found[isBeside ? 'beside' : 'files'].push({ entry, name });
  }
  return found;
}

const MOST_TOLD = 20;

function othersThan(read: readonly File[], files: readonly File[]): string[] {
  const names = files.filter((file) => !read.includes(file)).map(({ name }) => cleanFileName(name) ?? '');
  return names.filter((name) => name !== '').slice(0, MOST_TOLD);
}

function noFile(beside: readonly File[]): AppError {
  return refused(
    beside.length === 0
      ? 'holds no file'
      : `holds no file but ${namesOf(beside)}, which ${beside.length === 1 ? 'a program or a system leaves' : 'programs and systems leave'} beside files`,
  );
}

/** Those that are tables by their names, else all. */
function tablesOf(files: readonly File[]): readonly File[] {
  const tables = files.filter(({ name }) => IS_TABLE.test(name));
  return tables.length > 0 ? tables : files;
}

/** The CSV by its name, else the only file there is. */
async function choose(
  files: readonly File[],
  beside: readonly File[],
  asEntry: (file: File) => EntryFile,
  options: EntryOptions,
): Promise<File> {
  const tables = tablesOf(files);
  const [file, ...more] = tables;
  if (file === undefined) throw noFile(beside);
  if (more.length === 0) return file;
  const isJoinable = tables.every(isReadable) && (await areOneTable(tables.map(asEntry), options));
  throw which(
    `holds ${tables.length} files${IS_TABLE.test(file.name) ? '' : ', and none is called .csv'}: ${namesOf(tables)}`,
    tables,
    isJoinable,
  );
}

/** As it stands in the archive, or as people are shown it. */
function findNamed(files: readonly File[], said: string): File {
  const exact = files.filter(({ name }) => name === said);
  const [file, ...more] = exact.length > 0 ? exact : files.filter(({ name }) => cleanFileName(name) === said);
  const quoted = JSON.stringify(said.slice(0, 100));
  if (file === undefined) throw which(`holds no file ${quoted}. Its files are ${namesOf(files)}`, files);
  if (more.length > 0) throw refused(`holds ${more.length + 1} files that are called ${quoted}`);
  return file;
}

/** A question: which of these files is meant. @param areOne they have equal headers */
function which(what: string, files: readonly File[], areOne = false): AppError {
  const all = areOne ? ', or entry=all to import all of them as one table' : '';
  return new AppError(
    'FILE_ZIP',
    `The ZIP archive ${what}. Send entry= with the name of the one that is meant${all}, or an archive with one CSV file.`,
    {
      files: files.slice(0, MOST_NAMED).map(({ name }) => cleanFileName(name)),
      ...(areOne ? { joinable: files.length } : {}),
    },
  );
}

function isReadable({ entry }: File): boolean {
  return !entry.isEncrypted() && [STORED, DEFLATED].includes(entry.compressionMethod);
}

function readable(file: File): File {
  if (file.entry.isEncrypted()) throw refused(`is protected by a password (${namesOf([file])})`);
  const method = file.entry.compressionMethod;
  if (method !== STORED && method !== DEFLATED)
    throw refused(`packs ${namesOf([file])} with method ${method}; Sluice reads stored (0) and deflate (8)`);
  return file;
}

function namesOf(files: readonly File[]): string {
  const names = files.slice(0, MOST_NAMED).map(({ name }) => `"${cleanFileName(name) ?? ''}"`);
  return [...names, ...(files.length > MOST_NAMED ? ['…'] : [])].join(', ');
}

async function* readFile(zip: ZipFile, { entry }: File, limits: InflateLimits): AsyncGenerator<Buffer> {
  try {
    yield* readEntry(zip, entry, new InflateGuard('ZIP archive', limits));
  } catch (error) {
    throw zipBroken(error);
  }
}

/** Each file is guarded by itself; all of them together are as large as one may be. */
async function* within(
  bytes: AsyncIterable<Buffer>,
  size: number,
  limits: InflateLimits,
): AsyncGenerator<Buffer> {
  const guard = new InflateGuard('ZIP archive', limits);
  for await (const piece of bytes) {
    guard.count(piece.length, size);
    yield piece;
  }
}

function refused(what: string): AppError {
  return new AppError(
    'FILE_ZIP',
    `The ZIP archive ${what}. Send one that holds one CSV file, or the CSV file itself; nothing was kept.`,
  );
}

/** yauzl says in plain errors what is wrong with an archive; a failure of the storage stays what it is. */
function zipBroken(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AppError || (code !== undefined && !code.startsWith('Z_'))) return error;
  const reason = (error as Error).message.replace(/[.\s]+$/, '');
  return new AppError(
    'FILE_ZIP',
    `The ZIP archive is damaged or was cut off: ${reason}. Pack the file again and send it again; nothing was kept.`,
    {},
    { cause: error },
  );
}

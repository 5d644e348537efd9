// A ZIP archive that holds one CSV. Its directory stands at its end, so the archive is stored first and read by ranges;
// what yauzl does not look at (checksum, ratio, which entry is meant) is looked at here. Names in it are never paths.
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { AppError } from '../errors.ts';
import type { Storage, StorageKey } from '../storage/storage.ts';
import { readEntryName } from './entry-name.ts';
import { refuseDocument } from './foreign-file.ts';
import { InflateGuard, type InflateLimits } from './inflate-guard.ts';
import { isWorkbook } from './excel/is-workbook.ts';
import { cleanFileName } from './file-name.ts';

/** One CSV needs no more, and each costs a read. */
const MAX_ENTRIES = 1000;
const MOST_NAMED = 5;
const STORED = 0;
const DEFLATED = 8;

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
  /** Fails with the errors of `openZip` when the entry is not what the directory says. */
  readonly bytes: AsyncGenerator<Buffer>;
}

/** The archive is not around a file: it is one, a workbook. */
export interface FoundWorkbook {
  readonly kind: 'workbook';
}

/**
 * Finds the one CSV in a stored archive, or the file that is named.
 * @param said its name there
 * @throws AppError FILE_ZIP, UPLOAD_TOO_LARGE, UPLOAD_INFLATES_TOO_FAR; FILE_FORMAT for a workbook of another kind
 */
export async function openZip(
  storage: Storage,
  key: StorageKey,
  size: number,
  limits: InflateLimits,
  said?: string,
): Promise<UnzippedFile | FoundWorkbook> {
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(new StoredArchive(storage, key, size), size, {
      autoClose: false,
      // Names are decoded here: an odd one is no reason to refuse the archive.
      decodeStrings: false,
    });
    const files = await listFiles(zip);
    const names = files.map(({ name }) => name);
    refuseDocument(names);
    if (isWorkbook(names)) {
      zip.close();
      return { kind: 'workbook' };
    }
    const file = readable(said === undefined ? choose(files) : findNamed(files, said));
    return { kind: 'file', name: cleanFileName(file.name), bytes: readFile(zip, file, limits) };
  } catch (error) {
    throw zipBroken(error);
  }
}

async function listFiles(zip: ZipFile): Promise<File[]> {
  if (zip.entryCount > MAX_ENTRIES)
    throw refused(`holds ${zip.entryCount} entries; the limit is ${MAX_ENTRIES}`);
  const files: File[] = [];
  for await (const entry of zip.eachEntry()) {
    const { text: name, isBeside } = readEntryName(entry);
    if (!isBeside) files.push({ entry, name });
  }
  return files;
}

/** The CSV by its name, else the only file there is. */
function choose(files: readonly File[]): File {
  const tables = files.filter(({ name }) => /\.(csv|tsv)$/i.test(name));
  const [file, ...more] = tables.length > 0 ? tables : files;
  if (file === undefined) throw refused('holds no file');
  if (more.length > 0)
    throw which(
      `holds ${more.length + 1} files${tables.length > 0 ? '' : ', and none is called .csv'}: ${namesOf([file, ...more])}`,
      [file, ...more],
    );
  return file;
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

/** A question: which of these files is meant. */
function which(what: string, files: readonly File[]): AppError {
  return new AppError(
    'FILE_ZIP',
    `The ZIP archive ${what}. Send entry= with the name of the one that is meant, or an archive with one CSV file.`,
    { files: files.slice(0, MOST_NAMED).map(({ name }) => cleanFileName(name)) },
  );
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
  const guard = new InflateGuard('ZIP archive', limits);
  let sum = 0;
  try {
    const source = await zip.openReadStreamPromise(entry);
    for await (const chunk of source as AsyncIterable<Buffer>) {
      guard.count(chunk.length, entry.compressedSize);
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error) {
    throw zipBroken(error);
  }
  if (sum !== entry.crc32) throw refused('is damaged: the checksum of its file is another one');
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

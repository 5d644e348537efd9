// The parts of a stored workbook: a ZIP archive whose entries are XML.
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { createSharedStringsReader } from '../../core/excel/shared-strings.ts';
import { StringStore, BLOCK_BYTES } from '../../core/excel/string-store.ts';
import { createStylesReader, type Styles } from '../../core/excel/styles.ts';
import { partName, readRelationships, readWorkbook, type Relationship } from '../../core/excel/workbook.ts';
import type { DateSystem } from '../../core/excel/serial-date.ts';
import { XmlProblem } from '../../core/excel/xml-problem.ts';
import { AppError } from '../../errors.ts';
import { openScratchFile, type ScratchFile } from '../../storage/scratch.ts';
import type { Storage } from '../../storage/storage.ts';
import { InflateGuard } from '../inflate-guard.ts';
import { StoredArchive } from '../unzip.ts';
import type { SheetInfo, WorkbookLimits, WorkbookOrder } from './messages.ts';

/** The list of sheets and the like are small; a larger one is no workbook's. */
const MAX_SMALL_PART_BYTES = 16 * 1024 * 1024;
const MAX_ENTRIES = 10_000;

/** @param what ends the sentence "The workbook …" */
export function workbookBroken(what: string, cause?: unknown): AppError {
  return new AppError(
    'FILE_WORKBOOK',
    `The workbook ${what}. Open it in Excel, save it anew as .xlsx and send that; nothing was kept.`,
    {},
    cause === undefined ? {} : { cause },
  );
}

export interface Sheet extends SheetInfo {
  /** Its part in the archive. */
  readonly part: string;
}

export class WorkbookFile {
  readonly sheets: readonly Sheet[];
  readonly dateSystem: DateSystem;
  private readonly zip: ZipFile;
  private readonly entries: ReadonlyMap<string, Entry>;
  private readonly related: readonly Relationship[];
  private readonly folder: string;
  private readonly limits: WorkbookLimits;
  private scratch: ScratchFile | undefined;

  private constructor(
    zip: ZipFile,
    entries: ReadonlyMap<string, Entry>,
    limits: WorkbookLimits,
    path: string,
    parts: { related: readonly Relationship[]; workbook: ReturnType<typeof readWorkbook> },
  ) {
    this.zip = zip;
    this.entries = entries;
    this.limits = limits;
    this.folder = folderOf(path);
    this.related = parts.related;
    this.dateSystem = parts.workbook.dateSystem;
    this.sheets = parts.workbook.sheets.flatMap(({ name, isHidden, relationship }) => {
      const found = this.related.find(({ id, type }) => id === relationship && type === 'worksheet');
      // Charts and macros have sheets of their own, without cells.
      return found === undefined ? [] : { name, isHidden, part: partName(found.target, this.folder) };
    });
  }

  /** @throws AppError FILE_WORKBOOK, UPLOAD_INFLATES_TOO_FAR */
  static async open(storage: Storage, { key, bytes, limits }: WorkbookOrder): Promise<WorkbookFile> {
    const zip = await yauzl.fromRandomAccessReaderPromise(new StoredArchive(storage, key, bytes), bytes, {
      autoClose: false,
    });
    const entries = new Map<string, Entry>();
    if (zip.entryCount > MAX_ENTRIES) throw workbookBroken(`has ${zip.entryCount} parts`);
    for await (const entry of zip.eachEntry()) entries.set(nameOf(entry), entry);
    const small = (name: string): Promise<Buffer> => readSmall(zip, entries, name, limits);
    const root = readPart('_rels/.rels', await small('_rels/.rels'), readRelationships);
    const main = root.find(({ type }) => type === 'officeDocument');
    const path = partName(main?.target ?? 'xl/workbook.xml', '');
    const relations = `${folderOf(path)}/_rels/${path.split('/').at(-1)}.rels`;
    return new WorkbookFile(zip, entries, limits, path, {
      related: readPart(relations, await small(relations), readRelationships),
      workbook: readPart(path, await small(path), readWorkbook),
    });
  }

  async readStyles(): Promise<Styles> {
    const reader = createStylesReader();
    await this.readInto('styles', reader);
    return reader.styles();
  }

  /** To be read once. */
  async readStrings(): Promise<StringStore> {
    const { workbookStringBytes, storageDir } = this.limits;
    const store = new StringStore(workbookStringBytes, () => {
      const file = (this.scratch = openScratchFile(storageDir));
      return {
        write: (block, bytes) => file.write(bytes, block * BLOCK_BYTES),
        read: (block, into) => file.read(into, block * BLOCK_BYTES),
      };
    });
    await this.readInto('sharedStrings', createSharedStringsReader(store));
    return store;
  }

  /** The XML of a sheet. Who stops early reads no more of it. */
  readSheet(sheet: Sheet): AsyncGenerator<Buffer> {
    return readEntry(this.zip, this.require(sheet.part), this.limits);
  }

  close(): void {
    this.scratch?.close();
    this.scratch = undefined;
    this.zip.close();
  }

  private async readInto(type: string, reader: { push(chunk: Buffer | null): void }): Promise<void> {
    const relation = this.related.find((each) => each.type === type);
    if (relation === undefined) return;
    const name = partName(relation.target, this.folder);
    const entry = this.require(name);
    for await (const chunk of readEntry(this.zip, entry, this.limits))
      readPart(name, chunk, (bytes) => reader.push(bytes));
    readPart(name, null, (bytes) => reader.push(bytes));
  }

  private require(name: string): Entry {
    return requireEntry(this.entries, name);
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

function folderOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

function requireEntry(entries: ReadonlyMap<string, Entry>, name: string): Entry {
  const entry = entries.get(name.toLowerCase());
  if (entry === undefined) throw workbookBroken(`lacks its part ${name}`);
  return entry;
}

async function readSmall(
  zip: ZipFile,
  entries: ReadonlyMap<string, Entry>,
  name: string,
  limits: WorkbookLimits,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of readEntry(zip, requireEntry(entries, name), limits)) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_SMALL_PART_BYTES) throw workbookBroken(`has a part ${name} that is too long`);
  }
  return Buffer.concat(pieces);
}

async function* readEntry(zip: ZipFile, entry: Entry, limits: WorkbookLimits): AsyncGenerator<Buffer> {
  const guard = new InflateGuard('workbook', limits);
  let sum = 0;
  if (entry.isEncrypted()) throw workbookBroken('is protected by a password of the ZIP archive');
  const source = await zip.openReadStreamPromise(entry);
  for await (const chunk of source as AsyncIterable<Buffer>) {
    guard.count(chunk.length, entry.compressedSize);
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== entry.crc32)
    throw workbookBroken(`is damaged: the checksum of ${entry.fileName} is another one`);
}

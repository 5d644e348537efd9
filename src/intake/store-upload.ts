// One pass over a file on its way into the storage: bytes (sent-bytes.ts) → text (file-text.ts) → head (file-head.ts).
import { Readable } from 'node:stream';
import { LineCounter } from '../core/csv/text/line-counter.ts';
import type { TextEncoding } from '../core/csv/text/encodings.ts';
import type { ByteRange, FileDialect, SheetOfFile } from '../core/csv/types.ts';
import type { UndecodablePlace } from '../core/csv/text/undecodable.ts';
import type { ColumnMapping } from '../core/dataset/header/mapping.ts';
import { inheritNotation, withNotation } from '../core/dataset/fields/notation.ts';
import type { Dataset, FileColumn } from '../core/dataset/types.ts';
import type { Config } from '../config/config.ts';
import { archiveKey, uploadKey } from '../storage/keys.ts';
import { uploadReader } from '../storage/upload-bytes.ts';
import { readSheetText } from './excel/read-sheet.ts';
import type { OpenSheet } from './excel/open-sheet.ts';
import { aboveFooter } from './above-footer.ts';
import { FileHead } from './file-head.ts';
import { readShape, type FileShape } from './file-shape.ts';
import { FileText } from './file-text.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { keepText } from './keep-text.ts';
import type { FindMapping } from './match-columns.ts';
import { proveNotation } from './prove-notation.ts';
import { SentBytes } from './sent-bytes.ts';
import { unpack } from './unpack.ts';
import { openZip } from './unzip.ts';
import type { UploadOptions } from './upload-options.ts';

export interface StoredUpload {
  /** As sent, packed or not; so is `sha256`. */
  readonly bytes: number;
  readonly sha256: string;
  readonly encoding: TextEncoding;
  readonly hadBom: boolean;
  readonly dialect: FileDialect;
  readonly columns: readonly FileColumn[];
  readonly mapping: ColumnMapping | null;
  readonly headerFingerprint: string | null;
  /** The CSV's name in the ZIP archive it came in, cleaned; null when it came otherwise. */
  readonly entryName: string | null;
  readonly dataStart: number;
  readonly dataLine: number;
  readonly dataEnd: number;
  readonly undecodable: readonly UndecodablePlace[];
  /** The text itself, when it is small; null: it is in the storage. */
  readonly content: Buffer | null;
}

/** Where files are kept, and what reads workbooks. */
type StoreDeps = Pick<IntakeDeps, 'storage' | 'workbooks'>;

type UploadLimits = Pick<
  Config,
  | 'maxUploadBytes'
  | 'smallFileBytes'
  | 'maxInflateRatio'
  | 'maxUndecodableLines'
  | 'maxHeaderBytes'
  | 'maxColumns'
  | 'maxRecordBytes'
>;

/**
 * Stores the file as UTF-8 without BOM. What does not fit is refused as early as it is seen; what was stored by then stays, for the
 * caller to remove.
 * @throws AppError of the upload and file kinds (errors.ts)
 */
export async function storeUpload(
  { storage, workbooks }: StoreDeps,
  importId: string,
  source: AsyncIterable<Buffer>,
  dataset: Dataset,
  options: UploadOptions,
  limits: UploadLimits,
  findMapping: FindMapping,
): Promise<StoredUpload> {
  let entryName: string | null = null;
  /** Of a workbook. */
  let sheet: OpenSheet | undefined;
  const bytes = new SentBytes(source, limits.maxUploadBytes);
  /** The archive is stored beside the file for as long as the file is taken out of it. */
  async function* unzip(archive: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const key = archiveKey(importId);
    await storage.write(key, Readable.from(archive, { objectMode: false }));
    const file = await openZip(storage, key, bytes.count, limits);
    if (file.kind === 'workbook')
      sheet = yield* readSheetText(
        await workbooks.open(key, bytes.count),
        dataset,
        options,
        limits,
        (open) => {
          sheet = open;
        },
      );
    else {
      entryName = file.name;
      yield* file.bytes;
    }
    await storage.remove(key);
  }
  const text = new FileText(
    unpack(bytes.read(), options.packing, limits, unzip),
    options.encoding,
    limits.maxUndecodableLines,
  );
  const head = new FileHead(text, options, limits.maxHeaderBytes, (first, isWhole, preamble) =>
    readShape(first, isWhole, preamble, dataset, options, limits, findMapping, sheet),
  );

  const key = uploadKey(importId);
  const content = await keepText(storage, key, head.read(), limits.smallFileBytes);
  const read = uploadReader(storage, { content, storageKey: key });
  if (text.isRefused) throw text.inspector.refusal(await lineAt(read, text.length));
  const { mapping, headerFingerprint, header } = head.shape;
  const dialect = sheet === undefined ? head.shape.dialect : { ...head.shape.dialect, sheet: sheetOf(sheet) };
  const dataEnd = await aboveFooter(read, header.endByte, text.length, dialect.skipFooter ?? 0);
  const place = { dataStart: header.endByte, dataLine: header.endLine, dataEnd };
  const file = {
    dialect,
    columns: writtenColumns(dataset, head.shape, options),
    lacksCommas: lacksCommas(dialect, text),
    ...place,
  };
  return {
    bytes: bytes.count,
    sha256: bytes.sha256(),
    encoding: text.inspector.encoding,
    hadBom: text.inspector.hadBom,
    dialect,
    columns: await proveNotation(dataset, file, read, limits, sheet?.textColumns),
    mapping,
    headerFingerprint,
    entryName,
    ...place,
    undecodable: text.inspector.undecodable,
    content,
  };
}

/** The columns, and how the upload says that they write dates and numbers. */
function writtenColumns(
  { schema: { fields } }: Dataset,
  { columns }: FileShape,
  { notation, retryOf }: UploadOptions,
): readonly FileColumn[] {
  return inheritNotation(fields, withNotation(fields, columns, notation), retryOf?.notations);
}

/** As it is kept. */
function sheetOf({ textColumns: _known, ...sheet }: OpenSheet): SheetOfFile {
  return sheet;
}

/** Commas end cells, and no cell is quoted, so none holds one. */
function lacksCommas({ delimiter, quote }: FileDialect, { holdsQuote }: FileText): boolean {
  return delimiter === ',' && (quote ?? '"') === '"' && !holdsQuote;
}

const LINES_BLOCK_BYTES = 1024 * 1024;

/** The line on which a stored text of so many bytes ends, from 1. */
async function lineAt(read: (range: ByteRange) => Promise<Buffer>, bytes: number): Promise<number> {
  const lines = new LineCounter();
  for (let startByte = 0; startByte < bytes; startByte += LINES_BLOCK_BYTES)
    lines.push(await read({ startByte, endByte: Math.min(bytes, startByte + LINES_BLOCK_BYTES) }));
  return lines.line;
}

// One pass over the file on its way into the storage: size, SHA-256, gzip, text, and as soon as the head is there, the header.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate as breathe } from 'node:timers/promises';
import { detectDialect } from '../core/csv/dialect/detect-dialect.ts';
import { holdsRecords, readHeader, type Header } from '../core/csv/dialect/header.ts';
import type { TextEncoding } from '../core/csv/text/encodings.ts';
import { hintAtHeader } from '../core/csv/dialect/hint-at-header.ts';
import { findLineEnd } from '../core/csv/dialect/line-end.ts';
import { LineCounter } from '../core/csv/text/line-counter.ts';
import { readPreamble, type Preamble } from '../core/csv/dialect/preamble.ts';
import { createTextInspector } from '../core/csv/text/text-inspector.ts';
import type { ByteRange, FileDialect } from '../core/csv/types.ts';
import type { UndecodablePlace } from '../core/csv/text/undecodable.ts';
import type { ColumnMapping } from '../core/dataset/header/mapping.ts';
import { inheritNotation, withNotation } from '../core/dataset/fields/notation.ts';
import { ROW_COLUMN } from '../core/imports/rejects.ts';
import { unguard } from '../core/imports/spreadsheet-guard.ts';
import type { Dataset, FileColumn } from '../core/dataset/types.ts';
import type { Config } from '../config/config.ts';
import { AppError } from '../errors.ts';
import { archiveKey, uploadKey } from '../storage/keys.ts';
import type { Storage } from '../storage/storage.ts';
import {
  columnsWithoutHeader,
  matchColumns,
  tableEvidence,
  type FindMapping,
  type MatchedColumns,
} from './match-columns.ts';
import { QUOTE } from '../core/csv/grammar.ts';
import { proveNotation } from './prove-notation.ts';
import { keepText } from './keep-text.ts';
import { uploadReader } from '../storage/upload-bytes.ts';
import { tooLarge } from './too-large.ts';
import { unpack } from './unpack.ts';
import { openZip } from './unzip.ts';
import type { RetryParent, UploadOptions } from './upload-options.ts';

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

/** Lines above the header stand in so many bytes; dialect and header are read from these and as many as the longest header has. */
const HEAD_BYTES = 64 * 1024;

/** The rest of a UTF-8 character that a chunk begins with goes by itself: else the whole chunk is copied to be put behind its first bytes. */
function* atCharacter(chunk: Buffer): Generator<Buffer> {
  let at = 0;
  while (at < chunk.length && at < 3 && (chunk[at]! & 0xc0) === 0x80) at++;
  if (at > 0) yield chunk.subarray(0, at);
  if (at < chunk.length) yield chunk.subarray(at);
}

const UNDECODABLE_HEADER = 'It is part of the header, so the file is refused.';

/**
 * Stores the file as UTF-8 without BOM. What does not fit is refused as early as it is seen, and nothing stays behind.
 * @throws AppError of the upload and file kinds (errors.ts)
 */
export async function storeUpload(
  storage: Storage,
  importId: string,
  source: Readable,
  dataset: Dataset,
  options: UploadOptions,
  limits: UploadLimits,
  findMapping: FindMapping,
): Promise<StoredUpload> {
  const inspector = createTextInspector(options.encoding, limits.maxUndecodableLines);
  const hash = createHash('sha256');
  let bytes = 0;
  let stored = 0;
  let head: Buffer[] | undefined = [];
  let headBytes = 0;
  let shape: FileShape | undefined;
  let hasRecords = false;
  let holdsQuote = false;
  let entryName: string | null = null;

  /** Looks at bytes on their way; the head is kept until it is understood. */
  const look = (text: Buffer): Buffer => {
    stored += text.length;
    holdsQuote ||= text.includes(QUOTE);
    if (head === undefined) hasRecords ||= holdsRecords(text);
    else {
      head.push(text);
      headBytes += text.length;
    }
    return text;
  };
  const understand = async (isWhole: boolean): Promise<void> => {
    const bytesSoFar = Buffer.concat(head ?? []);
    head = undefined;
    const preamble = readPreamble(
      bytesSoFar.subarray(0, HEAD_BYTES),
      isWhole && bytesSoFar.length <= HEAD_BYTES,
      options,
    );
    const undecodable = (endLine: number): UndecodablePlace | undefined =>
      inspector.undecodable.find(({ line }) => line >= preamble.endLine && line < endLine);
    try {
      shape = await readShape(bytesSoFar, isWhole, preamble, dataset, options, limits, findMapping);
    } catch (error) {
      // A header that does not fit because it was not decoded: that is what is wrong.
      const place = undecodable(preamble.endLine + 1);
      throw place === undefined ? error : inspector.refuse(place, UNDECODABLE_HEADER);
    }
    const place = options.header ? undecodable(shape.header.endLine) : undefined;
    if (place !== undefined) throw inspector.refuse(place, UNDECODABLE_HEADER);
    hasRecords = holdsRecords(bytesSoFar.subarray(shape.header.endByte));
  };

  async function* asSent(): AsyncGenerator<Buffer> {
    // A refusal must leave the request whole: destroying it would cut the connection before the client has its answer.
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.maxUploadBytes) throw tooLarge(limits.maxUploadBytes);
      hash.update(chunk);
      yield chunk;
    }
  }
  /** The archive is stored beside the file for as long as the file is taken out of it. */
  async function* unzip(archive: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const key = archiveKey(importId);
    await storage.write(key, Readable.from(archive, { objectMode: false }));
    const file = await openZip(storage, key, bytes, limits);
    entryName = file.name;
    yield* file.bytes;
    await storage.remove(key);
  }
  async function* inspect(): AsyncGenerator<Buffer> {
    for await (const chunk of unpack(asSent(), options.packing, limits, unzip))
      for (const piece of atCharacter(chunk)) {
        const text = look(inspector.push(piece));
        if (
          inspector.state === 'text' &&
          head !== undefined &&
          headBytes > HEAD_BYTES + limits.maxHeaderBytes
        )
          await understand(false);
        yield text;
        if (inspector.state === 'refused') return;
      }
    yield look(inspector.end());
    if (inspector.state === 'refused') return;
    if (head !== undefined) await understand(true);
    if (!hasRecords)
      throw new AppError(
        'FILE_HEADER_ONLY',
        'The file has a header and no records below it. Send a file with at least one record.',
      );
  }

  const key = uploadKey(importId);
  const content = await keepText(storage, key, inspect(), limits.smallFileBytes);
  const read = uploadReader(storage, { content, storageKey: key });
  if (inspector.state === 'refused') throw inspector.refusal(await lineAt(read, stored));
  if (shape === undefined) throw new Error('The head of the file was never looked at');
  const place = { dataStart: shape.header.endByte, dataLine: shape.header.endLine, dataEnd: stored };
  const { fields } = dataset.schema;
  const columns = inheritNotation(
    fields,
    withNotation(fields, shape.columns, options.notation),
    options.retryOf?.notations,
  );
  const { delimiter, quote } = shape.dialect;
  const lacksCommas = delimiter === ',' && (quote ?? '"') === '"' && !holdsQuote;
  const file = { dialect: shape.dialect, columns, lacksCommas, ...place };
  return {
    bytes,
    sha256: hash.digest('hex'),
    encoding: inspector.encoding,
    hadBom: inspector.hadBom,
    dialect: shape.dialect,
    columns: await proveNotation(dataset, file, read, limits),
    mapping: shape.mapping,
    headerFingerprint: shape.headerFingerprint,
    entryName,
    ...place,
    undecodable: inspector.undecodable,
    content,
  };
}

const LINES_BLOCK_BYTES = 1024 * 1024;

/** The line on which a stored text of so many bytes ends, from 1. */
async function lineAt(read: (range: ByteRange) => Promise<Buffer>, bytes: number): Promise<number> {
  const lines = new LineCounter();
  for (let startByte = 0; startByte < bytes; startByte += LINES_BLOCK_BYTES)
    lines.push(await read({ startByte, endByte: Math.min(bytes, startByte + LINES_BLOCK_BYTES) }));
  return lines.line;
}

interface FileShape extends MatchedColumns {
  readonly dialect: FileDialect;
  /** Without one: the place where it would end. */
  readonly header: Pick<Header, 'endByte' | 'endLine'>;
}

async function readShape(
  head: Buffer,
  isWhole: boolean,
  preamble: Preamble,
  dataset: Dataset,
  options: UploadOptions,
  limits: UploadLimits,
  findMapping: FindMapping,
): Promise<FileShape> {
  if (!holdsRecords(head.subarray(preamble.endByte)) && !(isWhole && options.header))
    throw new AppError(
      'FILE_EMPTY',
      isWhole ? 'The file holds no records.' : `The file begins with ${head.length} bytes of blank lines.`,
    );
  if (!options.header && options.retryOf !== undefined) requireRowColumn([], options.retryOf);
  const body = head.subarray(preamble.endByte);
  const table = tableEvidence(dataset, options, limits);
  const cut = detectDialect(body, isWhole, { ...options, delimiter: preamble.delimiter }, table);
  const dialect = {
    ...cut,
    header: options.header,
    skipLines: preamble.endLine - 1,
    lineEnd: findLineEnd(body, cut),
  };
  if (!options.header)
    return { dialect, header: preamble, ...columnsWithoutHeader(dataset, options, limits) };
  // Each of these takes some tens of milliseconds for the widest header; other requests are not kept waiting for all of them.
  await breathe();
  const header = readHeader(head, isWhole, dialect, limits, preamble);
  if (options.retryOf !== undefined) requireRowColumn(header.cells, options.retryOf);
  const cells = header.cells.includes(ROW_COLUMN) ? header.cells.map(unguard) : header.cells;
  try {
    return { dialect, header, ...(await matchColumns(dataset, cells, options, findMapping)) };
  } catch (error) {
    await breathe();
    throw options.mapping === undefined ? hintAtHeader(error, body, header, table, preamble) : error;
  }
}

function requireRowColumn(header: readonly string[], { id }: RetryParent): void {
  if (!header.includes(ROW_COLUMN))
    throw new AppError(
      'RETRY_NO_ROW',
      `The file has no column "${ROW_COLUMN}", which tells whose rejects its records mend. Send /v1/imports/${id}/rejects.csv, corrected, with that column; a file of new records is an upload of its own.`,
      { missing: [ROW_COLUMN] },
    );
}

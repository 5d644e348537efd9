// One pass over the file on its way into the storage: size, SHA-256, gzip, text, and as soon as the head is there, the header.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { detectDialect, type TableEvidence } from '../../core/csv/detect-dialect.ts';
import { holdsRecords, readHeader, type Header } from '../../core/csv/header.ts';
import type { TextEncoding } from '../../core/csv/encodings.ts';
import { hintAtHeader } from '../../core/csv/hint-at-header.ts';
import { findLineEnd } from '../../core/csv/line-end.ts';
import { readPreamble, type Preamble } from '../../core/csv/preamble.ts';
import { createTextInspector } from '../../core/csv/text-inspector.ts';
import type { FileDialect } from '../../core/csv/types.ts';
import type { UndecodablePlace } from '../../core/csv/undecodable.ts';
import { foldHeader, labelsOf, matchHeader } from '../../core/dataset/match-header.ts';
import { isRejectFile } from '../../core/rejects.ts';
import { unguard } from '../../core/spreadsheet-guard.ts';
import type { Dataset, FileColumn } from '../../core/dataset/types.ts';
import type { Config } from '../../config.ts';
import { AppError } from '../../errors.ts';
import type { Storage, StorageKey } from '../../storage/storage.ts';
import { tooLarge } from './too-large.ts';
import { unpack } from './unpack.ts';
import type { UploadOptions } from './upload-options.ts';

export interface StoredUpload {
  /** As sent, packed or not; so is `sha256`. */
  readonly bytes: number;
  readonly sha256: string;
  readonly encoding: TextEncoding;
  readonly hadBom: boolean;
  readonly dialect: FileDialect;
  readonly columns: readonly FileColumn[];
  readonly dataStart: number;
  readonly dataLine: number;
  readonly dataEnd: number;
  readonly undecodable: readonly UndecodablePlace[];
}

type UploadLimits = Pick<Config, 'maxUploadBytes' | 'maxInflateRatio' | 'maxHeaderBytes' | 'maxColumns'>;

/** Lines above the header stand in so many bytes; dialect and header are read from these and as many as the longest header has. */
const HEAD_BYTES = 64 * 1024;

const UNDECODABLE_HEADER = 'It is part of the header, so the file is refused.';

/**
 * Stores the file as UTF-8 without BOM. What does not fit is refused as early as it is seen, and nothing stays behind.
 * @throws AppError of the upload and file kinds (errors.ts)
 */
export async function storeUpload(
  storage: Storage,
  key: StorageKey,
  source: Readable,
  dataset: Dataset,
  options: UploadOptions,
  limits: UploadLimits,
): Promise<StoredUpload> {
  const inspector = createTextInspector(options.encoding);
  const hash = createHash('sha256');
  let bytes = 0;
  let stored = 0;
  let head: Buffer[] | undefined = [];
  let headBytes = 0;
  let shape: FileShape | undefined;
  let hasRecords = false;

  /** Looks at bytes on their way; the head is kept until it is long enough to be understood. */
  const look = (text: Buffer): Buffer => {
    stored += text.length;
    if (head === undefined) hasRecords ||= holdsRecords(text);
    else {
      head.push(text);
      headBytes += text.length;
      if (headBytes > HEAD_BYTES + limits.maxHeaderBytes) understand(false);
    }
    return text;
  };
  const understand = (isWhole: boolean): void => {
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
      shape = readShape(bytesSoFar, isWhole, preamble, dataset, options, limits);
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
  async function* inspect(): AsyncGenerator<Buffer> {
    for await (const chunk of unpack(asSent(), options.isGzip, limits)) yield look(inspector.push(chunk));
    yield look(inspector.end());
    if (head !== undefined) understand(true);
    if (!hasRecords)
      throw new AppError(
        'FILE_HEADER_ONLY',
        'The file has a header and no records below it. Send a file with at least one record.',
      );
  }

  await storage.write(key, Readable.from(inspect(), { objectMode: false }));
  if (shape === undefined) throw new Error('The head of the file was never looked at');
  return {
    bytes,
    sha256: hash.digest('hex'),
    encoding: inspector.encoding,
    hadBom: inspector.hadBom,
    dialect: shape.dialect,
    columns: shape.columns,
    dataStart: shape.header.endByte,
    dataLine: shape.header.endLine,
    dataEnd: stored,
    undecodable: inspector.undecodable,
  };
}

interface FileShape {
  readonly dialect: FileDialect;
  /** Without one: the place where it would end. */
  readonly header: Pick<Header, 'endByte' | 'endLine'>;
  readonly columns: readonly FileColumn[];
}

function readShape(
  head: Buffer,
  isWhole: boolean,
  preamble: Preamble,
  dataset: Dataset,
  options: UploadOptions,
  limits: UploadLimits,
): FileShape {
  if (!holdsRecords(head.subarray(preamble.endByte)) && !(isWhole && options.header))
    throw new AppError(
      'FILE_EMPTY',
      isWhole ? 'The file holds no records.' : `The file begins with ${head.length} bytes of blank lines.`,
    );
  const body = head.subarray(preamble.endByte);
  const cut = detectDialect(
    body,
    isWhole,
    { ...options, delimiter: preamble.delimiter },
    tableOf(dataset, options),
  );
  const dialect = {
    ...cut,
    header: options.header,
    skipLines: preamble.endLine - 1,
    lineEnd: findLineEnd(body, cut),
  };
  if (!options.header) return { dialect, header: preamble, columns: columnsInOrder(dataset) };
  const header = readHeader(head, isWhole, dialect, limits, preamble);
  try {
    return { dialect, header, columns: matchCells(dataset, header.cells, options) };
  } catch (error) {
    throw hintAtHeader(error, body, header, tableOf(dataset, options), preamble);
  }
}

/** What tells the file's dialect: its header fits, or without one its records are so wide. */
function tableOf(dataset: Dataset, options: UploadOptions): TableEvidence {
  const { fields } = dataset.schema;
  const labels = new Set(fields.flatMap(labelsOf).map(foldHeader));
  const knows = (cells: readonly string[]): boolean => cells.some((cell) => labels.has(foldHeader(cell)));
  const fits = (cells: readonly string[]): boolean => {
    if (!knows(cells)) return false;
    try {
      matchCells(dataset, cells, options);
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'HEADER_MISMATCH') return false;
      throw error;
    }
  };
  return { columns: fields.length, fits: options.header ? fits : undefined, knows };
}

function matchCells(
  dataset: Dataset,
  header: readonly string[],
  { unknownColumns }: UploadOptions,
): FileColumn[] {
  const cells = isRejectFile(header) ? header.map(unguard) : header;
  return matchHeader(dataset, cells, { unknownColumns });
}

function columnsInOrder({ schema }: Dataset): FileColumn[] {
  return schema.fields.map(({ name, title = name }, fieldIndex) => ({ header: title, fieldIndex }));
}

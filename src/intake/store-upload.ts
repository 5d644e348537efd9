// One pass over a file on its way into the storage: bytes (sent-bytes.ts) → text (file-text.ts) → head (file-head.ts).
import type { TextEncoding } from '../core/csv/text/encodings.ts';
import type { FileDialect, FilePlan, SheetOfFile } from '../core/csv/types.ts';
import type { UndecodablePlace } from '../core/csv/text/undecodable.ts';
import type { ColumnMapping } from '../core/dataset/header/mapping.ts';
import { inheritNotation, withNotation } from '../core/dataset/fields/notation.ts';
import type { Dataset, FileColumn } from '../core/dataset/types.ts';
import type { Config } from '../config/config.ts';
import { archiveKey, sentKey, uploadKey } from '../storage/keys.ts';
import { AppError } from '../errors.ts';
import type { StorageKey } from '../storage/storage.ts';
import { uploadReader } from '../storage/upload-bytes.ts';
import { type EmptyEnd, keepEmptyEnd } from './above-empty-records.ts';
import { belowTable } from './below-table.ts';
import { endOfRecords } from './end-of-records.ts';
import type { OpenSheet } from './excel/open-sheet.ts';
import { readSheetText } from './excel/read-sheet.ts';
import { FileHead } from './file-head.ts';
import { readShape, type FileShape } from './file-shape.ts';
import { FileText } from './file-text.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { keepText } from './keep-text.ts';
import { lineAt, undecodablePlaces } from './lines-of-text.ts';
import type { FindMapping } from './match-columns.ts';
import { inItsPart, partsToKeep, withOwnBytes, type PartPlace } from './part-place.ts';
import { PartStarts } from './part-starts.ts';
import { TextPlan } from './plan/plan-text.ts';
import { proveNotation } from './prove-notation.ts';
import { isQuestion } from './questions.ts';
import { SentBytes } from './sent-bytes.ts';
import { SentCopy } from './sent-copy.ts';
import { StoredArchive } from './stored-archive.ts';
import { packingOf, unpack } from './unpack.ts';
import { UntilQuestion } from './until-question.ts';
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
  /** Null: a worker makes it. */
  readonly plan: FilePlan | null;
}

/** Where files are kept, and what reads workbooks and plans texts. */
type StoreDeps = Pick<IntakeDeps, 'storage' | 'workbooks' | 'planner'>;

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

export interface SourceOfFile {
  /** Its bytes, packed or not. What it throws ends the intake, also at its end. */
  readonly source: AsyncIterable<Buffer>;
  /** How many they are, roughly, where they are not packed; left out: it is not known. */
  readonly expectedBytes?: number | undefined;
}

/** A file that raises a question, which is to be kept as it was sent. */
export interface AskedFile {
  /** Reads the rest of it, and stores it under a key. @throws AppError of the upload kinds, which end the matter; STORAGE_FULL */
  readonly keep: (to: StorageKey) => Promise<void>;
  /** Known when it is kept. */
  readonly about: () => Pick<StoredUpload, 'bytes' | 'sha256'>;
}

/** Keeps the file, and gives what is thrown in the place of the question. */
export type OnQuestion = (question: AppError, file: AskedFile) => Promise<AppError>;

/**
 * Stores the file as UTF-8 without BOM. What does not fit is refused as early as it is seen; what was stored by then stays, for the
 * caller to remove.
 * @param onQuestion is left out where the file is kept already, or is not to be
 * @throws AppError of the upload and file kinds (errors.ts)
 */
export async function storeUpload(
  { storage, workbooks, planner }: StoreDeps,
  importId: string,
  { source, expectedBytes }: SourceOfFile,
  dataset: Dataset,
  options: UploadOptions,
  limits: UploadLimits,
  findMapping: FindMapping,
  onQuestion?: OnQuestion,
): Promise<StoredUpload> {
  /** Of a workbook. */
  let sheet: OpenSheet | undefined;
  const sent = new SentBytes(source, limits.maxUploadBytes);
  const copy = onQuestion && new SentCopy(sent.read(), storage, sentKey(importId), sameAsText);
  const archive = new StoredArchive(
    storage,
    archiveKey(importId),
    sent,
    limits,
    options,
    async function* readWorkbook(key): AsyncGenerator<Buffer> {
      sheet = yield* readSheetText(
        await workbooks.open(key, sent.count),
        dataset,
        options,
        limits,
        (open) => {
          sheet = open;
        },
      );
    },
    copy,
  );
  const starts = new PartStarts(() => archive.parts);
  const unpacked = unpack(copy?.read() ?? sent.read(), options.packing, limits, (bytes) =>
    archive.unzip(bytes),
  );
  const text = new FileText(
    unpacked,
    {
      encoding: options.encoding,
      isForced: options.forceEncoding,
      format: options.format,
      isSheet: () => sheet !== undefined,
      onText: (piece) => starts.push(piece),
    },
    limits.maxUndecodableLines,
  );
  const head = new FileHead(text, options, limits.maxHeaderBytes, (first, isWhole, preamble) => {
    const said = text.isJsonArray ? { ...options, format: 'json' as const } : options;
    return readShape(first, isWhole, preamble, dataset, said, limits, findMapping, sheet);
  });
  function sameAsText(first: Buffer): number | undefined {
    return packingOf(first) === undefined ? text.sameBytes : undefined;
  }

  // Of sheets and joined files more is known at their end.
  const isPlain = (): boolean => sheet === undefined && archive.parts === undefined;
  const plan = new TextPlan(planner, head, expectedBytes, isPlain);

  const key = uploadKey(importId);
  try {
    const pieces = new UntilQuestion(head.read(), copy !== undefined);
    let content: Buffer | null = null;
    try {
      content = await keepText(storage, key, plan.follow(pieces.read()), limits.smallFileBytes);
      const read = uploadReader(storage, { content, storageKey: key });
      if (pieces.question !== undefined) throw pieces.question;
      if (text.isRefused)
        throw text.refusal(await lineAt(read, Math.min(text.inspector.refusedAt, text.length)));
      const { header, dialect } = head.shape;
      const { parts, passedOver } = archive;
      // Of several files each has lost its own footer already.
      const footer = parts === undefined ? (dialect.skipFooter ?? 0) : 0;
      const columns = head.shape.columns.length;
      const records = { dataStart: header.endByte, textEnd: text.length, dialect, columns };
      const own = await endOfRecords(read, records, footer, options, text.last);
      const end = { ...own, records: own.records + archive.emptyRecords() };
      const layout = layoutOf(
        head,
        { sheet, parts, passedOver },
        end,
        writtenColumns(dataset, head.shape, options),
      );
      const last = end.records === 0 ? text.last : undefined;
      const below = await belowTable(dataset, layout, read, limits, starts.parts, last);
      return {
        ...layout,
        dialect: { ...layout.dialect, ...below },
        columns: await proveNotation(
          dataset,
          { ...layout, lacksCommas: lacksCommas(layout.dialect, text) },
          read,
          limits,
          sheet?.textColumns,
        ),
        bytes: sent.count,
        sha256: sent.sha256(),
        encoding: text.inspector.encoding,
        hadBom: text.inspector.hadBom,
        entryName: archive.entryName,
        undecodable: withOwnBytes(await undecodablePlaces(text.inspector, read), parts),
        content,
        // One that was made ahead has the records that are left out.
        plan: isPlain() && own.records === 0 ? await plan.end() : null,
      };
    } catch (thrown) {
      const error = thrown instanceof AppError ? inItsPart(thrown, archive.parts) : thrown;
      if (copy === undefined || !isQuestion(error)) throw error;
      const { hadBom } = text.inspector;
      const stored = { hadBom, length: text.length, end: text.end, content, storageKey: key };
      throw await onQuestion!(error, {
        keep: (to) => copy.keep(to, stored, () => sent.sha256()),
        about: () => ({ bytes: sent.count, sha256: sent.sha256() }),
      });
    }
  } finally {
    plan.drop();
    await copy?.close();
  }
}

function layoutOf(
  head: FileHead,
  {
    sheet,
    parts,
    passedOver,
  }: {
    readonly sheet: OpenSheet | undefined;
    readonly parts: readonly PartPlace[] | undefined;
    readonly passedOver: readonly string[];
  },
  end: EmptyEnd,
  columns: readonly FileColumn[],
) {
  const { mapping, headerFingerprint, header } = head.shape;
  return {
    dialect: {
      ...head.shape.dialect,
      ...keepEmptyEnd(end),
      ...(sheet === undefined ? {} : { sheet: sheetOf(sheet) }),
      ...(parts === undefined ? {} : { parts: partsToKeep(parts) }),
      ...(passedOver.length === 0 ? {} : { otherEntries: passedOver }),
    },
    columns,
    mapping,
    headerFingerprint,
    dataStart: header.endByte,
    dataLine: header.endLine,
    dataEnd: end.dataEnd,
  };
}

/** The columns, and how the upload says that they write dates and numbers. */
export function writtenColumns(
  { schema: { fields } }: Dataset,
  { columns }: FileShape,
  { notation, retryOf }: Pick<UploadOptions, 'notation' | 'retryOf'>,
): readonly FileColumn[] {
  return inheritNotation(fields, withNotation(fields, columns, notation), retryOf?.notations);
}

/** As it is kept. */
function sheetOf({ textColumns: _known, ...sheet }: OpenSheet): SheetOfFile {
  return sheet;
}

/** Commas end cells, and no cell is quoted, so none holds one. */
function lacksCommas({ delimiter, quote, json }: FileDialect, { holdsQuote }: FileText): boolean {
  return json === undefined && delimiter === ',' && (quote ?? '"') === '"' && !holdsQuote;
}

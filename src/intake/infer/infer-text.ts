// What all records of a text say of its columns.
import { readStretches } from '../../core/csv/records/records.ts';
import { scanChunks, type RecordsOfFile, type ScanLimits } from '../../core/csv/chunks/scan-chunks.ts';
import { isBatched } from '../../core/dataset/infer/cell-batch.ts';
import {
  inferDataset,
  type InferChoices,
  type InferredDataset,
} from '../../core/dataset/infer/infer-dataset.ts';
import { PIECE_BYTES } from '../../core/dataset/infer/cell-engine.ts';
import { SoundCells } from '../../core/dataset/infer/sound-cells.ts';
import { AppError } from '../../errors.ts';
import type { EmptyOptions } from '../above-empty-records.ts';
import { endOfRecords } from '../end-of-records.ts';
import type { Layout } from '../inspect/read-layout.ts';
import { holdsRecord, LookAtColumns } from './look-at-columns.ts';
import { readAhead, readPieces, type ReadInto, type Room } from './read-ahead.ts';
import { ScanAround } from './scan-around.ts';
import type { WholeText } from './whole-text.ts';

export interface InferredUpload extends InferredDataset {
  /** Records that were looked at. */
  readonly records: number;
  /** Records that say nothing of their columns, and that an import would reject: broken ones, and those of another width. */
  readonly passedOver: number;
  /** Where the first of them is, and what is wrong with it. */
  readonly firstPassedOver: { readonly line: number; readonly reason: string } | undefined;
}

/** Of one reading; small, so that other requests are answered between two of them. */
const CHUNK_BYTES = PIECE_BYTES;

/** @throws AppError FILE_HEADER_ONLY when no record says anything */
export async function inferText(
  text: Pick<WholeText, 'bytes' | 'read' | 'isJoined'>,
  { dialect, header, dataStart, dataLine }: Pick<Layout, 'dialect' | 'header' | 'dataStart' | 'dataLine'>,
  limits: { readonly maxRecordBytes: number },
  choices: InferChoices & Partial<Pick<EmptyOptions, 'emptyRecords'>>,
): Promise<InferredUpload> {
  const footer = text.isJoined ? 0 : (dialect.skipFooter ?? 0);
  const empty = { emptyRecords: choices.emptyRecords ?? 'skip', emptyFile: 'accept' } as const;
  const place = { dataStart, textEnd: text.bytes, dialect, columns: header?.length ?? 0 };
  const { dataEnd } = await endOfRecords(text.read, place, footer, empty);
  const columns = (header ?? []).map((name) => ({ header: name }));
  const file = { dialect, columns, dataStart, dataLine, dataEnd };
  const newLook = (): LookAtColumns => new LookAtColumns(dialect, header?.length, choices.types === 'text');
  // Most records are sound.
  const looked =
    (isBatched(dialect) && (await lookAtSound(file, text.read, limits, newLook()))) ||
    (await lookAtAll(file, text.read, limits, newLook()));
  const { evidence, records, passedOver, firstPassedOver } = looked;
  if (evidence === undefined || records === 0) throw nothingRead(firstPassedOver);
  return {
    ...inferDataset(
      header,
      evidence.map(({ findings }) => findings),
      choices,
    ),
    records,
    passedOver,
    firstPassedOver,
  };
}

type Limits = Pick<ScanLimits, 'maxRecordBytes'>;

/**
 * Looks at a file without a scan of it, but for what is around records that are not sound. False when this machine has no engine for it, or it
 * cannot tell how many columns there are.
 */
export async function lookAtSound(
  file: RecordsOfFile,
  read: ReadInto,
  { maxRecordBytes }: Limits,
  look: LookAtColumns,
  pieceBytes = CHUNK_BYTES,
): Promise<LookAtColumns | false> {
  let cells = look.evidence === undefined ? undefined : soundCells(file, maxRecordBytes, look);
  const isWidthKnown = look.evidence !== undefined;
  const around = new ScanAround(file, read, maxRecordBytes, look);
  const room = (index: number): Room | undefined => cells && ((size) => cells!.room(index, size));
  for await (const { bytes, startByte, isAll } of readPieces(file, read, pieceBytes, room)) {
    if (look.evidence === undefined) {
      if (!isAll && !holdsRecord(bytes, file.dialect)) return false;
      look.widthFrom(bytes);
      cells = soundCells(file, maxRecordBytes, look);
    }
    if (cells === undefined) return false;
    cells.take(bytes, startByte, isAll);
    for (let odd = cells.find(look.lookAtBatch); odd !== undefined; odd = cells.find(look.lookAtBatch)) {
      // It may be the first record that is odd, and the next one has another width.
      if (!isWidthKnown && odd.byte === file.dataStart) return false;
      const next = await around.from(odd);
      if (next === undefined) return look;
      cells.goOnAt(next);
    }
  }
  return look;
}

/** Undefined: this machine has no engine for it. */
function soundCells(
  file: RecordsOfFile,
  maxRecordBytes: number,
  look: LookAtColumns,
): SoundCells | undefined {
  const { batch } = look;
  return batch.engine && new SoundCells(batch, batch.engine, file, maxRecordBytes, look.passOverWidth);
}

/** Looks at a file as an import reads it: what is broken is passed over. */
export async function lookAtAll(
  file: RecordsOfFile,
  readText: ReadInto,
  limits: Limits,
  look: LookAtColumns,
): Promise<LookAtColumns> {
  const isInBatches = isBatched(file.dialect);
  // The other readers unescape in place.
  const read = isInBatches ? readAhead(readText, file.dataEnd) : readText;
  const chunks = scanChunks(file, read, { ...limits, chunkBytes: CHUNK_BYTES, chunkCells: Infinity });
  for await (const chunk of chunks)
    await readStretches(file, chunk, read, {
      stretch: isInBatches ? look.readBatches : look.readEach,
      broken: ({ line, reason }) => look.passOver(line, `cannot be read (${reason})`),
    });
  return look;
}

function nothingRead(first: InferredUpload['firstPassedOver']): AppError {
  return new AppError(
    'FILE_HEADER_ONLY',
    first === undefined
      ? 'The file holds a header and no record, so there is nothing to infer from.'
      : `No record of the file can be read with its header: the first, on line ${first.line}, ${first.reason}. If the header is further down, say how many lines are above it with skipLines.`,
  );
}

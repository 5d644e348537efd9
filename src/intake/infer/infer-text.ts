// What all records of a text say of its columns: those of the usual grammar are found in batches, all others record by record.
import { readShape, grammarOf } from '../../core/csv/grammar.ts';
import { readPlaces } from '../../core/csv/records/read-places.ts';
import { readStretches } from '../../core/csv/records/records.ts';
import { scanChunks } from '../../core/csv/chunks/scan-chunks.ts';
import type { Dialect, Stretch } from '../../core/csv/types.ts';
import { CellBatch, isBatched } from '../../core/dataset/infer/cell-batch.ts';
import { ColumnEvidence } from '../../core/dataset/infer/column-evidence.ts';
import {
  inferDataset,
  type InferChoices,
  type InferredDataset,
} from '../../core/dataset/infer/infer-dataset.ts';
import { AppError } from '../../errors.ts';
import { aboveEmptyRecords, type EmptyOptions } from '../above-empty-records.ts';
import { aboveFooter } from '../above-footer.ts';
import type { Layout } from '../inspect/read-layout.ts';
import { readAhead } from './read-ahead.ts';
import { lookAt } from './look-at.ts';
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
const CHUNK_BYTES = 1024 * 1024;

/** @throws AppError FILE_HEADER_ONLY when no record says anything */
export async function inferText(
  text: Pick<WholeText, 'bytes' | 'read' | 'isJoined'>,
  { dialect, header, dataStart, dataLine }: Pick<Layout, 'dialect' | 'header' | 'dataStart' | 'dataLine'>,
  limits: { readonly maxRecordBytes: number },
  choices: InferChoices & Partial<Pick<EmptyOptions, 'emptyRecords'>>,
): Promise<InferredUpload> {
  const footer = text.isJoined ? 0 : (dialect.skipFooter ?? 0);
  const footerStart = await aboveFooter(text.read, dataStart, text.bytes, footer);
  const empty = { emptyRecords: choices.emptyRecords ?? 'skip', emptyFile: 'accept' } as const;
  const { dataEnd } = await aboveEmptyRecords(text.read, dataStart, footerStart, dialect, empty);
  const columns = (header ?? []).map((name) => ({ header: name }));
  const file = { dialect, columns, dataStart, dataLine, dataEnd };
  const newEvidence = (): ColumnEvidence => new ColumnEvidence(choices.types === 'text');
  let evidence = header?.map(newEvidence);
  let batch: CellBatch | undefined;
  let records = 0;
  let passedOver = 0;
  let firstPassedOver: InferredUpload['firstPassedOver'];
  const passOver = (line: number, reason: string): void => {
    passedOver++;
    firstPassedOver ??= { line, reason };
  };
  const isOfUse = (line: number, cells: number, ambiguousColumn: number, columns: number): boolean => {
    if (ambiguousColumn !== 0) passOver(line, 'can be read in two ways');
    else if (cells !== columns) passOver(line, `has ${cells} cells in place of ${columns}`);
    else return true;
    return false;
  };
  const readEach = (bytes: Buffer, stretch: Stretch): void =>
    readPlaces(bytes, stretch, dialect, (cells, _row, line) => {
      evidence ??= Array.from({ length: cells.count }, newEvidence);
      if (!isOfUse(line, cells.count, cells.ambiguousColumn, evidence.length)) return;
      records++;
      lookAt(evidence, bytes, cells, line, dialect.sheet !== undefined);
    });
  const readBatches = (bytes: Buffer, stretch: Stretch): void => {
    if (stretch.records === 0) return;
    const looking = (evidence ??= Array.from({ length: firstWidth(bytes, dialect) }, newEvidence));
    const found = (batch ??= new CellBatch(looking.length, dialect));
    const look = (): void => {
      records += found.records;
      for (const [column, each] of looking.entries()) each.lookAtBatch(found, column);
    };
    found.read(bytes, stretch, look, (line, cells, ambiguous) =>
      isOfUse(line, cells, ambiguous, looking.length),
    );
  };
  const isInBatches = isBatched(dialect);
  const stretch = isInBatches ? readBatches : readEach;
  // The other readers unescape in place.
  const read = isInBatches ? readAhead(text.read, dataEnd) : text.read;
  const chunks = scanChunks(file, read, { ...limits, chunkBytes: CHUNK_BYTES, chunkCells: Infinity });
  for await (const chunk of chunks)
    await readStretches(file, chunk, read, {
      stretch,
      broken: ({ line, reason }) => passOver(line, `cannot be read (${reason})`),
    });
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

function nothingRead(first: InferredUpload['firstPassedOver']): AppError {
  return new AppError(
    'FILE_HEADER_ONLY',
    first === undefined
      ? 'The file holds a header and no record, so there is nothing to infer from.'
      : `No record of the file can be read with its header: the first, on line ${first.line}, ${first.reason}. If the header is further down, say how many lines are above it with skipLines.`,
  );
}

/** Cells of the first record. */
function firstWidth(bytes: Buffer, dialect: Dialect): number {
  const grammar = grammarOf(dialect);
  let shape = readShape(bytes, 0, bytes.length, grammar);
  while (shape.end === shape.start && shape.next > shape.start)
    shape = readShape(bytes, shape.next, bytes.length, grammar);
  return shape.columns;
}

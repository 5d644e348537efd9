// Reads a stored file once more, only for columns of dates and numbers whose notation neither dataset nor sender says.
import { readPlaces } from '../core/csv/records/read-places.ts';
import { readStretches } from '../core/csv/records/records.ts';
import { scanChunks, type RecordsOfFile } from '../core/csv/chunks/scan-chunks.ts';
import { type ByteRange, isFromPostgres } from '../core/csv/types.ts';
import type { CellPlaces } from '../core/csv/records/cell-places.ts';
import { LAST_KIND } from '../core/excel/sheet-cell.ts';
import { DateOrderProof } from '../core/dataset/fields/date-order.ts';
import { NumberNotationProof } from '../core/dataset/fields/number-notation.ts';
import type { Dataset, FileColumn } from '../core/dataset/types.ts';

/** Small, so that other requests are answered between two of them, and the end comes soon when all is proven. */
const CHUNK_BYTES = 256 * 1024;

export interface UnreadFile extends RecordsOfFile {
  readonly columns: readonly FileColumn[];
  /** No cell of it holds a comma: they end cells, and none is quoted. */
  readonly lacksCommas: boolean;
}

/**
 * The columns, those of dates with the order that the file proves. The records are those that the worker will read; of broken
 * ones nothing is believed.
 * @param textColumns of a sheet: which columns have cells that are texts
 * @throws AppError DATE_ORDER_AMBIGUOUS, NUMBER_NOTATION_AMBIGUOUS
 */
export async function proveNotation(
  dataset: Dataset,
  file: UnreadFile,
  read: (range: ByteRange) => Promise<Buffer>,
  limits: { readonly maxRecordBytes: number },
  textColumns?: readonly boolean[],
): Promise<readonly FileColumn[]> {
  // Postgres leaves nothing open.
  if (isFromPostgres(file.dialect.databaseText)) return file.columns;
  const open = textColumns === undefined ? file.columns : withTextsOnly(file.columns, textColumns);
  const dates = new DateOrderProof(dataset, open);
  const numbers = new NumberNotationProof(dataset, open);
  if (!dates.isNeeded && !(numbers.isNeeded && (await holdsSeparator(file, read)))) return file.columns;
  for await (const chunk of scanChunks(file, read, {
    ...limits,
    chunkBytes: CHUNK_BYTES,
    chunkCells: Infinity,
  })) {
    await readStretches(file, chunk, read, {
      stretch: (bytes, stretch) =>
        readPlaces(bytes, stretch, file.dialect, (cells, _row, line) => {
          if (cells.ambiguousColumn !== 0) return;
          if (textColumns !== undefined) hideTyped(bytes, cells);
          if (dates.isNeeded) dates.look(bytes, cells, line);
          if (numbers.isNeeded) numbers.look(bytes, cells, line);
        }),
      broken: () => undefined,
    });
    if (!dates.isNeeded && !numbers.isNeeded) break;
  }
  numbers.decide();
  return dates.decide().map((column, at) => ({ ...column, fieldIndex: file.columns[at]!.fieldIndex }));
}

/** Of a sheet: a column without texts leaves nothing open, whatever its dates and numbers look like. */
function withTextsOnly(columns: readonly FileColumn[], areTexts: readonly boolean[]): FileColumn[] {
  return columns.map((column, at) => (areTexts[at] === true ? column : { ...column, fieldIndex: null }));
}

/** Numbers and dates of a sheet are what they are; only its texts are written in some notation. */
function hideTyped(bytes: Buffer, { count, starts, ends, marks }: CellPlaces): void {
  for (let at = 0; at < count; at++)
    if (starts[at]! < ends[at]! && bytes[starts[at]!]! <= LAST_KIND) {
      ends[at] = starts[at]!;
      marks[at] = 0;
    }
}

const POINT = 46;

/** Without a comma or a point no number has a group or decimals; finding that out is much faster than reading records. */
async function holdsSeparator(
  { lacksCommas, dataStart, dataEnd }: UnreadFile,
  read: (range: ByteRange) => Promise<Buffer>,
): Promise<boolean> {
  if (!lacksCommas) return true;
  for (let startByte = dataStart; startByte < dataEnd; startByte += CHUNK_BYTES) {
    const bytes = await read({ startByte, endByte: Math.min(dataEnd, startByte + CHUNK_BYTES) });
    if (bytes.includes(POINT)) return true;
  }
  return false;
}

// Reads a stored file once more, only for columns of dates and numbers whose notation neither dataset nor sender says.
import { readPlaces } from '../core/csv/records/read-places.ts';
import { readStretches } from '../core/csv/records/records.ts';
import { scanChunks, type RecordsOfFile } from '../core/csv/chunks/scan-chunks.ts';
import type { ByteRange } from '../core/csv/types.ts';
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
 * @throws AppError DATE_ORDER_AMBIGUOUS, NUMBER_NOTATION_AMBIGUOUS
 */
export async function proveNotation(
  dataset: Dataset,
  file: UnreadFile,
  read: (range: ByteRange) => Promise<Buffer>,
  limits: { readonly maxRecordBytes: number },
): Promise<readonly FileColumn[]> {
  const dates = new DateOrderProof(dataset, file.columns);
  const numbers = new NumberNotationProof(dataset, file.columns);
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
          if (dates.isNeeded) dates.look(bytes, cells, line);
          if (numbers.isNeeded) numbers.look(bytes, cells, line);
        }),
      broken: () => undefined,
    });
    if (!dates.isNeeded && !numbers.isNeeded) break;
  }
  numbers.decide();
  return dates.decide();
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

// Reads a stored file once more, only for columns of dates whose order neither dataset nor sender says.
import { readPlaces } from '../../core/csv/read-places.ts';
import { readStretches } from '../../core/csv/records.ts';
import { scanChunks, type RecordsOfFile } from '../../core/csv/scan-chunks.ts';
import type { ByteRange } from '../../core/csv/types.ts';
import { DateOrderProof } from '../../core/dataset/date-order.ts';
import type { Dataset, FileColumn } from '../../core/dataset/types.ts';

/** Small, so that other requests are answered between two of them. */
const CHUNK_BYTES = 256 * 1024;

/**
 * The columns, those of dates with the order that the file proves. The records are those that the worker will read; of broken
 * ones nothing is believed.
 * @throws AppError DATE_ORDER_AMBIGUOUS
 */
export async function proveDateOrders(
  dataset: Dataset,
  file: RecordsOfFile & { readonly columns: readonly FileColumn[] },
  read: (range: ByteRange) => Promise<Buffer>,
  limits: { readonly maxRecordBytes: number },
): Promise<readonly FileColumn[]> {
  const proof = new DateOrderProof(dataset, file.columns);
  if (!proof.isNeeded) return file.columns;
  for await (const chunk of scanChunks(file, read, {
    ...limits,
    chunkBytes: CHUNK_BYTES,
    chunkCells: Infinity,
  }))
    await readStretches(file, chunk, read, {
      stretch: (bytes, stretch) =>
        readPlaces(bytes, stretch, file.dialect, (cells, _row, line) => {
          if (cells.ambiguousColumn === 0) proof.look(bytes, cells, line);
        }),
      broken: () => undefined,
    });
  return proof.decide();
}

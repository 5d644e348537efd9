// The lines at the end of a file that the sender says are no records.
import { isLineEnd } from '../core/csv/grammar.ts';
import type { ByteRange } from '../core/csv/types.ts';
import { AppError } from '../errors.ts';

const BLOCK_BYTES = 64 * 1024;

/**
 * Where the records end above so many lines; blank ones do not count.
 * @param read gives a range of the stored text
 * @throws AppError FILE_HEADER_ONLY when nothing stands above them
 */
export async function aboveFooter(
  read: (range: ByteRange) => Promise<Buffer>,
  dataStart: number,
  dataEnd: number,
  lines: number,
): Promise<number> {
  let left = lines;
  let isText = false;
  for (let endByte = dataEnd; left > 0; endByte -= BLOCK_BYTES) {
    const startByte = Math.max(dataStart, endByte - BLOCK_BYTES);
    const block = await read({ startByte, endByte });
    for (let at = block.length - 1; at >= 0; at--) {
      const endsLine = isLineEnd(block[at]);
      if (endsLine && isText && --left === 0) return startByte + at + 1;
      isText = !endsLine;
    }
    if (startByte === dataStart)
      throw new AppError(
        'FILE_HEADER_ONLY',
        `Above the ${lines} lines that skipFooter skips at the end there is no record. Send a smaller skipFooter.`,
      );
  }
  return dataEnd;
}

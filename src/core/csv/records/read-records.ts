import type { ChunkRecords } from '../chunks/listed-parts.ts';
import type { RecordsOfFile } from '../chunks/scan-chunks.ts';
import type { BrokenRecord, ByteRange } from '../types.ts';
import type { CellPlaces } from './cell-places.ts';
import { readPlaces } from './read-places.ts';
import { readStretches } from './records.ts';

/** Takes the records of a chunk as they come. */
export interface RecordReceiver {
  /** A well-formed one. Bytes and places are good until it returns; `lineEnd` is the line where the record ends. */
  readonly sound: (bytes: Buffer, cells: CellPlaces, row: number, line: number, lineEnd: number) => void;
  /** One that cannot be read, and its text as `StretchReceiver` has it. Left out: these are passed over. */
  readonly broken?: (record: BrokenRecord, rawText: string) => void;
}

/** Hands out every record of a chunk, in file order. `read` is that of `readStretches`. */
export async function readRecords(
  file: Pick<RecordsOfFile, 'dialect' | 'columns' | 'dataEnd'>,
  chunk: ChunkRecords,
  read: (range: ByteRange) => Promise<Buffer>,
  { sound, broken = () => undefined }: RecordReceiver,
): Promise<void> {
  await readStretches(file, chunk, read, {
    stretch: (bytes, stretch) =>
      readPlaces(bytes, stretch, file.dialect, (cells, row, line, lineEnd) =>
        sound(bytes, cells, row, line, lineEnd),
      ),
    broken,
  });
}

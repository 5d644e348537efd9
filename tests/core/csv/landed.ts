// What an import lands of a text: its plan, its records as they are read, and what is broken.
import { decodeCells } from '../../../src/core/csv/records/cell-places.ts';
import { readRecords } from '../../../src/core/csv/records/read-records.ts';
import { scanChunks } from '../../../src/core/csv/chunks/scan-chunks.ts';
import type { ByteRange, ChunkPlan, FileDialect, Learnt } from '../../../src/core/csv/types.ts';

export interface Landed {
  readonly records: (readonly [row: number, line: number, ...cells: string[]])[];
  readonly broken: string[];
  readonly chunks: readonly ChunkPlan[];
  readonly learnt: Learnt;
}

/** What an import lands of the text below the header, which is the first line. */
export async function landText(
  data: string,
  header: readonly string[],
  chunkBytes: number,
  dialect: FileDialect,
): Promise<Landed> {
  const bytes = Buffer.from(data);
  const columns = header.map((name) => ({ header: name }));
  const file = { dialect, columns, dataStart: 0, dataLine: 2, dataEnd: bytes.length };
  const read = async (range: ByteRange): Promise<Buffer> =>
    Buffer.from(bytes.subarray(range.startByte, range.endByte));
  const scan = scanChunks(file, read, { chunkBytes, chunkCells: 1_000_000, maxRecordBytes: 100_000 });
  const landed: Omit<Landed, 'learnt'> & { chunks: ChunkPlan[] } = { records: [], broken: [], chunks: [] };
  let step = await scan.next();
  for (; step.done !== true; step = await scan.next()) {
    landed.chunks.push(step.value);
    await readRecords(file, step.value, read, {
      sound: (own, cells, row, line) => landed.records.push([row, line, ...decodeCells(own, cells)]),
      broken: ({ reason }) => landed.broken.push(reason),
    });
  }
  return { ...landed, learnt: step.value };
}

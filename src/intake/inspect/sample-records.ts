// The first records of a sample.
import { decodeCells, shownCell } from '../../core/csv/records/cell-places.ts';
import { readRecords } from '../../core/csv/records/read-records.ts';
import { scanChunks } from '../../core/csv/chunks/scan-chunks.ts';
import { shownText } from '../../core/excel/sheet-cell.ts';
import type { ByteRange } from '../../core/csv/types.ts';
import type { Layout } from './read-layout.ts';

export interface SampledRecord {
  /** Physical line, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A record that cannot be read as one, and why. */
export interface BrokenSample {
  readonly line: number;
  readonly lineEnd: number;
  readonly reason: string;
}

export interface SampledRecords {
  readonly sound: readonly SampledRecord[];
  readonly broken: readonly BrokenSample[];
}

/** Types are told by so many records, and no more of the broken ones are told. */
const MOST_RECORDS = 1000;
const CHUNK_BYTES = 256 * 1024;

/** @param dataEnd where the last record ends that is not cut */
export async function sampleRecords(
  text: Buffer,
  { dialect, header, dataStart, dataLine }: Layout,
  dataEnd: number,
  limits: { readonly maxRecordBytes: number },
): Promise<SampledRecords> {
  const read = ({ startByte, endByte }: ByteRange): Promise<Buffer> =>
    Promise.resolve(Buffer.from(text.subarray(startByte, endByte)));
  const columns = (header ?? []).map((name) => ({ header: name }));
  const file = { dialect, columns, dataStart, dataLine, dataEnd };
  const shown = (cells: string[]): string[] => cells.map(dialect.sheet === undefined ? shownCell : shownText);
  const sound: SampledRecord[] = [];
  const broken: BrokenSample[] = [];
  const chunks = scanChunks(file, read, { ...limits, chunkBytes: CHUNK_BYTES, chunkCells: Infinity });
  for await (const chunk of chunks) {
    await readRecords(file, chunk, read, {
      sound: (bytes, cells, _row, line) => {
        if (sound.length < MOST_RECORDS) sound.push({ line, cells: shown(decodeCells(bytes, cells)) });
      },
      broken: ({ line, lineEnd, reason }) => {
        if (broken.length < MOST_RECORDS) broken.push({ line, lineEnd, reason });
      },
    });
    if (sound.length >= MOST_RECORDS) break;
  }
  return { sound, broken };
}

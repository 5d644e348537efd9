// Reads what is around a record that is not sound as an import reads it: scanned into a chunk, and then record by record.
import { AboveChunk } from '../../core/csv/chunks/above-chunk.ts';
import { isKnown, writeLikeness } from '../../core/csv/chunks/likeness.ts';
import type { RecordsOfFile } from '../../core/csv/chunks/scan-chunks.ts';
import { createChunkScanner } from '../../core/csv/chunks/scanner.ts';
import { grammarOf } from '../../core/csv/grammar.ts';
import { readStretches } from '../../core/csv/records/records.ts';
import type { RecordPlace } from '../../core/dataset/infer/sound-cells.ts';
import type { LookAtColumns } from './look-at-columns.ts';
import { readAhead, type Read } from './read-ahead.ts';

/** Of what is scanned around an odd record: as much as the scanner looks at, and more where odd records are many. */
const LEAST_BYTES = 24 * 1024;
const MOST_BYTES = 1024 * 1024;
/** So much above a place says what records are like there. */
const ABOVE_BYTES = 4 * 1024;

export class ScanAround {
  readonly #file: RecordsOfFile;
  readonly #maxRecordBytes: number;
  readonly #look: LookAtColumns;
  readonly #read: Read;
  #chunkBytes = LEAST_BYTES;
  #headerLines = 0;
  /** Where it ended the last time. */
  #endedAt: number;

  constructor(file: RecordsOfFile, read: Read, maxRecordBytes: number, look: LookAtColumns) {
    this.#file = file;
    this.#maxRecordBytes = maxRecordBytes;
    this.#look = look;
    this.#read = readAhead(read, file.dataEnd);
    this.#endedAt = file.dataStart;
  }

  /** @returns where records may be sound again; undefined: the rest of the file is read */
  async from(place: RecordPlace): Promise<RecordPlace | undefined> {
    const { dialect, columns, dataStart, dataEnd } = this.#file;
    const isNear = place.byte - this.#endedAt < 2 * this.#chunkBytes;
    this.#chunkBytes = Math.max(
      LEAST_BYTES,
      Math.min(MOST_BYTES, isNear ? this.#chunkBytes * 2 : this.#chunkBytes / 2),
    );
    const look = this.#look;
    const scanner = createChunkScanner({
      dialect,
      columns: columns.length,
      header: columns.map((column) => column.header),
      startByte: place.byte,
      startLine: place.line,
      ...(place.byte > dataStart && { resumed: await this.#seenAbove(place) }),
      chunkBytes: this.#chunkBytes,
      chunkCells: Infinity,
      limits: { maxRecordBytes: this.#maxRecordBytes },
    });
    for (let at = place.byte; ;) {
      const to = Math.min(at + this.#chunkBytes, dataEnd);
      const chunks = at < to ? scanner.push(await this.#read({ startByte: at, endByte: to })) : scanner.end();
      for (const chunk of chunks)
        await readStretches(this.#file, chunk, this.#read, {
          stretch: look.readApart,
          broken: ({ line, reason }) => look.passOver(line, `cannot be read (${reason})`),
        });
      if (at === to) return undefined;
      at = to;
      const { byte, line, headerLines, tableEnded, openAbove } = scanner.open;
      if (chunks.length === 0 || tableEnded || openAbove === true) continue;
      this.#headerLines = headerLines;
      this.#endedAt = byte;
      return { byte, line };
    }
  }

  async #seenAbove({ byte }: RecordPlace): Promise<{
    firstRow: number;
    headerLines: number;
    tableEnded: boolean;
    likeness?: string;
  }> {
    const { dialect, columns, dataStart } = this.#file;
    const bytes = await this.#read({
      startByte: Math.max(dataStart, byte - ABOVE_BYTES),
      endByte: byte,
    });
    const { likeness } = AboveChunk.of(bytes, bytes.length, columns.length, grammarOf(dialect));
    return {
      firstRow: this.#look.records + this.#look.passedOver + 1,
      headerLines: this.#headerLines,
      tableEnded: false,
      ...(likeness.some(isKnown) && { likeness: writeLikeness(likeness) }),
    };
  }
}

// Reads what is around a record that is not sound as an import reads it: scanned into a chunk, and then record by record.
import type { ChunkScannerOptions } from '../../core/csv/chunks/chunk-scanner.ts';
import type { RecordsOfFile } from '../../core/csv/chunks/scan-chunks.ts';
import { QUOTE } from '../../core/csv/grammar.ts';
import { createChunkScanner } from '../../core/csv/chunks/scanner.ts';
import { readStretches } from '../../core/csv/records/records.ts';
import type { RecordPlace } from '../../core/dataset/infer/sound-cells.ts';
import type { LookAtColumns } from './look-at-columns.ts';
import { readAhead, type Read } from './read-ahead.ts';

/** Of what is scanned around an odd record: as much as the scanner looks at. */
const LEAST_BYTES = 24 * 1024;
const MOST_BYTES = 1024 * 1024;
const NEAR_BYTES = 512 * 1024;
const MOST_NEAR = 3;
/** So much above a place says what records are like there. */
const ABOVE_BYTES = 4 * 1024;

export class ScanAround {
  readonly #file: RecordsOfFile;
  readonly #maxRecordBytes: number;
  readonly #look: LookAtColumns;
  readonly #readText: Read;
  readonly #read: Read;
  /** Odd places in a row that were near the one before. */
  #near = 0;
  #headerLines = 0;
  /** Where it ended the last time, and whether a quote that a broken record left open was open there. */
  #endedAt: number;
  #isOpen = false;

  constructor(file: RecordsOfFile, read: Read, maxRecordBytes: number, look: LookAtColumns) {
    this.#file = file;
    this.#maxRecordBytes = maxRecordBytes;
    this.#look = look;
    this.#readText = read;
    this.#read = readAhead(read, file.dataEnd);
    this.#endedAt = file.dataStart;
  }

  /** @returns where records may be sound again; undefined: the rest of the file is read */
  async from(place: RecordPlace): Promise<RecordPlace | undefined> {
    const { dialect, columns, dataStart, dataEnd } = this.#file;
    this.#near = place.byte - this.#endedAt < NEAR_BYTES ? this.#near + 1 : 0;
    // The rest of a file with many of them is scanned as it stands: to begin anew costs more.
    const isRest = this.#near > MOST_NEAR;
    const chunkBytes = isRest ? MOST_BYTES : LEAST_BYTES;
    const look = this.#look;
    const scanner = createChunkScanner({
      dialect,
      columns: columns.length,
      header: columns.map((column) => column.header),
      startByte: place.byte,
      startLine: place.line,
      ...(place.byte > dataStart && (await this.#above(place))),
      chunkBytes,
      chunkCells: Infinity,
      limits: { maxRecordBytes: this.#maxRecordBytes },
    });
    for (let at = place.byte; ;) {
      const to = Math.min(at + chunkBytes, dataEnd);
      const chunks = at < to ? scanner.push(await this.#read({ startByte: at, endByte: to })) : scanner.end();
      for (const chunk of chunks)
        await readStretches(this.#file, chunk, this.#read, {
          stretch: look.readApart,
          broken: ({ line, reason }) => look.passOver(line, `cannot be read (${reason})`),
        });
      if (at === to) return undefined;
      at = to;
      const { byte, line, headerLines, tableEnded, openAbove } = scanner.open;
      if (chunks.length === 0 || tableEnded || isRest) continue;
      this.#headerLines = headerLines;
      this.#endedAt = byte;
      this.#isOpen = openAbove === true;
      return { byte, line };
    }
  }

  /** The next quote closes the one that is open. */
  async #holdsQuote(startByte: number, endByte: number): Promise<boolean> {
    for (let at = startByte; at < endByte; at += MOST_BYTES) {
      const bytes = await this.#readText({ startByte: at, endByte: Math.min(at + MOST_BYTES, endByte) });
      if (bytes.includes(QUOTE)) return true;
    }
    return false;
  }

  async #above({ byte }: RecordPlace): Promise<Pick<ChunkScannerOptions, 'resumed' | 'above'>> {
    const startByte = Math.max(this.#file.dataStart, byte - ABOVE_BYTES);
    return {
      above: await this.#read({ startByte, endByte: byte }),
      resumed: {
        firstRow: this.#look.records + this.#look.passedOver + 1,
        headerLines: this.#headerLines,
        tableEnded: false,
        openAbove: this.#isOpen && !(await this.#holdsQuote(this.#endedAt, byte)),
      },
    };
  }
}

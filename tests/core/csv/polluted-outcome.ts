// What became of a polluted file: which records landed, and how that compares with what should have.
import { decodeCells } from '../../../src/core/csv/records/cell-places.ts';
import { grammarOf, readShape } from '../../../src/core/csv/grammar.ts';
import { readCells } from '../../../src/core/csv/records/read-cells.ts';
import { readHeader } from '../../../src/core/csv/dialect/header.ts';
import { findLineEnd } from '../../../src/core/csv/dialect/line-end.ts';
import { refuseMisread } from '../../../src/core/csv/dialect/misread.ts';
import { readPlaces } from '../../../src/core/csv/records/read-places.ts';
import { readStretches } from '../../../src/core/csv/records/records.ts';
import { createChunkScanner } from '../../../src/core/csv/chunks/scanner.ts';
import type { FileDialect } from '../../../src/core/csv/types.ts';
import { hasOtherTruth } from './other-truth.ts';
import type { PollutedFile } from './polluted-files.ts';
import { scannerOptions } from './reading.ts';

export interface Outcome {
  /** Rows that are none of the file's records, nor what a damaged one reads as by itself, nor good in another file of the same bytes. */
  readonly silent: readonly string[];
  /** Rows that are good records in another file which one damage makes the same bytes of (other-truth.ts). */
  readonly ambiguous: readonly string[];
  /** Good records that did not land. */
  readonly lost: readonly string[];
  readonly landed: readonly string[];
}

const LIMITS = { maxHeaderBytes: 100_000, maxColumns: 100 };

/** @param chunkBytes the scanner's; small ones end between most records */
export async function outcomeOf(file: PollutedFile, chunkBytes = 1_000_000): Promise<Outcome> {
  const bytes = Buffer.from(file.text);
  const landed = await land(bytes, { delimiter: file.delimiter }, chunkBytes);
  const open = new Map<string, number>();
  // Records without a value may be left out.
  for (const cells of file.good) count(open, cells, 1);
  const silent: string[] = [];
  const literal = new Set(file.damaged.flatMap((text) => literalOf(text, file)));
  for (const cells of landed) {
    const text = JSON.stringify(cells);
    const left = open.get(text) ?? 0;
    if (left > 0) open.set(text, left - 1);
    else if (!literal.delete(text)) silent.push(text);
  }
  const lost = [...open].flatMap(([text, left]) =>
    hasValue(text) ? Array.from({ length: left }, () => text) : [],
  );
  const hasOther = silent.length > 0 && hasOtherTruth(file, silent);
  return {
    silent: hasOther ? [] : silent,
    ambiguous: hasOther ? silent : [],
    lost,
    landed: landed.map((cells) => JSON.stringify(cells)),
  };
}

function hasValue(text: string): boolean {
  return (JSON.parse(text) as string[]).some((cell) => cell !== '');
}

function count(open: Map<string, number>, cells: readonly string[], by: number): void {
  const text = JSON.stringify(cells);
  open.set(text, (open.get(text) ?? 0) + by);
}

/** Damage that leaves a well-formed record of the right width cannot be seen: it lands as it stands. */
function literalOf(text: string, { delimiter, header }: PollutedFile): string[] {
  const bytes = Buffer.from(text);
  const grammar = grammarOf({ delimiter });
  const shape = readShape(bytes, 0, bytes.length, grammar);
  const isOne = shape.problem === 'cut' && shape.columns === header.length;
  return isOne ? [JSON.stringify(readCells(bytes, 0, bytes.length, grammar).cells)] : [];
}

/** The records of the header's width that read in one way, as an import lands them. */
async function land(bytes: Buffer, cut: FileDialect, chunkBytes: number): Promise<string[][]> {
  const header = readHeader(bytes, true, cut, LIMITS);
  const dialect: FileDialect = { ...cut, emptyRecords: 'skip', lineEnd: findLineEnd(bytes, cut) };
  const columns = header.cells.length;
  const options = {
    columns,
    header: header.cells,
    dialect,
    startByte: header.endByte,
    startLine: header.endLine,
  };
  const scanner = createChunkScanner(scannerOptions({ ...options, chunkBytes }));
  const chunks = [...scanner.push(bytes.subarray(header.endByte)), ...scanner.end()];
  const { tableEnd } = scanner.totals;
  const landed: string[][] = [];
  const file = { dialect, columns: header.cells.map((name) => ({ header: name })), dataEnd: bytes.length };
  for (const chunk of chunks) {
    const cutShort = { ...dialect, ...(tableEnd && { tableEnd }) };
    const misread = refuseMisread(cutShort, header.cells, chunk, { ...file, records: null });
    await readStretches(file, chunk, async (range) => bytes.subarray(range.startByte, range.endByte), {
      stretch: (own, stretch) =>
        readPlaces(own, stretch, dialect, (places, row, line, lineEnd) => {
          if (places.count !== columns || misread(own, places, row, line, lineEnd) !== null) return;
          landed.push(decodeCells(own, places));
        }),
      broken: () => undefined,
    });
  }
  return landed;
}

// A total without a word: the last record has no value in a column that all others fill, and one of its numbers is the sum of those above.
// Such a file is read once more, as far as `mostBytes` go. In a longer one the sum is not known: there the record is a total unless its
// numbers are less than what was added up.
import { readPlaces } from '../core/csv/records/read-places.ts';
import { readCells } from '../core/csv/records/read-cells.ts';
import { readStretches } from '../core/csv/records/records.ts';
import { decodeCell } from '../core/csv/records/cell-places.ts';
import { scanChunks, type RecordsOfFile } from '../core/csv/chunks/scan-chunks.ts';
import { isEmptyRecord } from '../core/csv/records/empty-record.ts';
import { linesFromEnd } from '../core/csv/text/lines-from-end.ts';
import { grammarOf, isLineEnd, readShape } from '../core/csv/grammar.ts';
import type { ByteRange } from '../core/csv/types.ts';
import { compileField } from '../core/dataset/fields/compile-field.ts';
import { asWritten } from '../core/dataset/fields/notation.ts';
import { DecimalSum } from '../core/dataset/fields/decimal-sum.ts';
import type { Dataset, FileColumn } from '../core/dataset/types.ts';

/** Small, so that other requests are answered between two of them. */
const CHUNK_BYTES = 256 * 1024;
/** So much of a file is added up. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Records above the last one that must have a value where it has none. */
const MOST_LOOKED_AT = 50;
/** The sum of one number is no sum. */
const LEAST_ADDED = 2;
const PLAIN_NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

/** The text of a number, plain; undefined: the cell is none. */
type ReadNumber = (cell: string) => string | undefined;

export interface TableOfFile extends RecordsOfFile {
  readonly columns: readonly FileColumn[];
}

export interface TotalAtEnd {
  /** The first column (from 0) whose last number is the sum of all above it. */
  readonly column: number;
  /** The file is too long to add up, and the number may be the sum. */
  readonly isLikely: boolean;
  readonly startByte: number;
}

interface AtEnd {
  /** A cell as people see it. */
  readonly shown: (cell: string) => string;
  /** So many lines at the end are notes. */
  readonly notes: number;
  /** Some bytes of the text's end, where they are known: most texts need not be read again. */
  readonly last?: Buffer | undefined;
  /** So much is added up. */
  readonly mostBytes?: number;
}

interface LastRecord {
  readonly startByte: number;
  readonly cells: readonly string[];
  /** Columns where it alone has no value, as far as the end of the file shows. */
  readonly empty: readonly number[];
}

/**
 * The last record, if it looks like a total.
 * @param read gives a range of the stored text, good until it is called again
 */
export async function sumAtEnd(
  dataset: Dataset,
  file: TableOfFile,
  read: (range: ByteRange) => Promise<Buffer>,
  limits: { readonly maxRecordBytes: number },
  { shown, notes, last, mostBytes = MOST_BYTES }: AtEnd,
): Promise<TotalAtEnd | undefined> {
  const { databaseText = null, json, sheet } = file.dialect;
  if (databaseText !== null || json !== undefined || file.columns.length < 2) return undefined;
  if (notes === 0 && last !== undefined && !mayBeTotal(last, file)) return undefined;
  const found = await lastRecord(file, read, shown, notes);
  if (found === undefined) return undefined;
  const numbers = file.columns.map((column) => numberReader(dataset, column, sheet !== undefined));
  const totals = found.cells.map((cell, at) => (cell === '' ? undefined : numbers[at]!(cell)));
  if (found.cells.some((cell, at) => cell !== '' && totals[at] === undefined)) return undefined;
  return addUp(file, read, limits, { ...found, totals, numbers, shown, mostBytes });
}

/** Whether the last line, if it is whole in these bytes, has an empty cell and a digit. */
function mayBeTotal(last: Buffer, { dialect, columns }: TableOfFile): boolean {
  const end = last.findLastIndex((byte) => !isLineEnd(byte)) + 1;
  const start = last.subarray(0, end).findLastIndex(isLineEnd) + 1;
  if (start === 0) return true;
  const { cells } = readCells(last, start, end, grammarOf(dialect));
  return cells.length === columns.length && cells.includes('') && cells.some((cell) => /\d/.test(cell));
}

async function lastRecord(
  { dialect, columns, dataStart, dataEnd }: TableOfFile,
  read: (range: ByteRange) => Promise<Buffer>,
  shown: (cell: string) => string,
  notes: number,
): Promise<LastRecord | undefined> {
  const grammar = grammarOf(dialect);
  const isNone = (text: Buffer): boolean =>
    text.length === 0 || (dialect.emptyRecords === 'skip' && isEmptyRecord(text, 0, text.length, grammar));
  let passed = 0;
  let total: Omit<LastRecord, 'empty'> | undefined;
  let empty: number[] = [];
  let above = 0;
  for await (const lines of linesFromEnd(read, { startByte: dataStart, endByte: dataEnd })) {
    for (const { text, startByte, begins } of lines) {
      if (!begins || above === MOST_LOOKED_AT) break;
      if (isNone(text) || passed++ < notes) continue;
      const { problem } = readShape(text, 0, text.length, grammar);
      const cells = readCells(text, 0, text.length, grammar).cells.map((cell) => shown(cell).trim());
      const isRecord = problem === 'cut' && cells.length === columns.length;
      if (total === undefined) {
        if (!isRecord) return undefined;
        total = { startByte, cells };
        empty = cells.flatMap((cell, at) => (cell === '' ? at : []));
      } else if (isRecord) {
        above++;
        empty = empty.filter((at) => cells[at] !== '');
      }
      if (empty.length === 0) return undefined;
    }
    break;
  }
  return total === undefined || above < LEAST_ADDED ? undefined : { ...total, empty };
}

/** Of a field of numbers, what it reads; of another, what is plainly a number. */
function numberReader({ schema }: Dataset, column: FileColumn, isSheet: boolean): ReadNumber {
  const plain: ReadNumber = (cell) => (PLAIN_NUMBER.test(cell) ? cell : undefined);
  const field = column.fieldIndex === null ? undefined : schema.fields[column.fieldIndex];
  if (isSheet || field === undefined || (field.type !== 'number' && field.type !== 'integer')) return plain;
  const { constraints: _any, ...written } = asWritten(field, column);
  const { read } = compileField(written, schema);
  return (cell) => read(cell) ?? undefined;
}

async function addUp(
  file: TableOfFile,
  read: (range: ByteRange) => Promise<Buffer>,
  limits: { readonly maxRecordBytes: number },
  {
    startByte,
    empty,
    totals,
    numbers,
    shown,
    mostBytes,
  }: LastRecord & {
    readonly totals: readonly (string | undefined)[];
    readonly numbers: readonly ReadNumber[];
    readonly shown: (cell: string) => string;
    readonly mostBytes: number;
  },
): Promise<TotalAtEnd | undefined> {
  const columns = totals.flatMap((total, at) => (total === undefined ? [] : at));
  const sums = new Map(columns.map((at) => [at, new DecimalSum()]));
  const isLikely = file.dataEnd - file.dataStart > mostBytes;
  const added = isLikely
    ? { ...file, dataEnd: await lastLine(read, file.dataStart, file.dataStart + mostBytes) }
    : file;
  let filled = [...empty];
  let isMet = isLikely;
  const chunks = scanChunks(added, read, { ...limits, chunkBytes: CHUNK_BYTES, chunkCells: Infinity });
  for await (const chunk of chunks) {
    await readStretches(added, chunk, read, {
      stretch: (bytes, stretch) =>
        readPlaces(bytes, stretch, file.dialect, (cells) => {
          if (cells.count !== file.columns.length) return;
          if (stretch.startByte + cells.starts[0]! >= startByte) {
            isMet ||= stretch.startByte + cells.starts[0]! <= startByte + 1;
            return;
          }
          filled = filled.filter((at) => cells.ends[at]! > cells.starts[at]!);
          for (const [at, sum] of sums) {
            const cell = shown(
              decodeCell(bytes, cells.starts[at]!, cells.ends[at]!, cells.marks[at]!),
            ).trim();
            const number = cell === '' ? undefined : numbers[at]!(cell);
            if (number !== undefined) sum.add(number);
          }
        }),
      broken: () => undefined,
    });
    if (filled.length === 0) return undefined;
  }
  if (!isMet) return undefined;
  const column = columns.find((at) => {
    const sum = sums.get(at)!;
    if (sum.added < LEAST_ADDED) return false;
    return isLikely ? sum.mayGrowTo(totals[at]!) : sum.equals(totals[at]!);
  });
  return column === undefined ? undefined : { column, isLikely, startByte };
}

/** Where the last line between two places begins. */
async function lastLine(
  read: (range: ByteRange) => Promise<Buffer>,
  startByte: number,
  endByte: number,
): Promise<number> {
  for await (const [line] of linesFromEnd(read, { startByte, endByte }))
    if (line?.begins === true) return line.startByte;
  return startByte;
}

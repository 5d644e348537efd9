// The example dataset and what the tests of rows share.
import { readFileSync } from 'node:fs';
import { readPlaces } from '../../../src/core/csv/records/read-places.ts';
import {
  compileRows,
  type RefusedRecord,
  type RowCompiler,
} from '../../../src/core/dataset/rows/compile-rows.ts';
import type { RowContext } from '../../../src/core/dataset/rows/row-context.ts';
import { matchHeader } from '../../../src/core/dataset/header/match-header.ts';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import type { RowError } from '../../../src/core/imports/row-error.ts';

export const CUSTOMERS = parseDataset(
  JSON.parse(readFileSync(new URL('../../../datasets/customers.json', import.meta.url), 'utf8')),
  'customers.json',
);

export const IMPORT_ID = '0190a6c2-7b1e-7c3d-9f00-1234567890ab';
export const USER_ID = '0190a6c2-7b1e-7c3d-9f00-00000000000a';
export const AT = '2024-04-01T00:00:00.000Z';

/** Ids that tell in which order they were given out. */
export function countedIds(): () => Buffer {
  let count = 0;
  return () => Buffer.from(`0190a6c2-0000-7000-8000-${String(++count).padStart(12, '0')}`);
}

export interface Landed {
  readonly tables: readonly { schema: string; table: string; columns: readonly string[] }[];
  /** COPY text of each table. */
  readonly out: string[];
  readonly errors: RowError[];
}

/** Compiles records as those of one file, the first being the header on line 1. */
export function land(
  dataset: Dataset,
  [header, ...records]: readonly string[][],
  context: Partial<RowContext> = {},
): Landed {
  const columns = matchHeader(dataset, header!, { unknownColumns: 'ignore' });
  const compiler = compileRows(dataset, columns, {
    importId: IMPORT_ID,
    createdBy: USER_ID,
    at: AT,
    nextId: countedIds(),
    ...context,
  });
  const errors = records.flatMap(
    (cells, index) => addCells(compiler, cells, { row: index + 1, line: index + 2 })?.errors ?? [],
  );
  return { tables: compiler.tables, out: takeText(compiler), errors };
}

/** Hands a record's cells to the compiler as a file would hold them. */
export function addCells(
  compiler: RowCompiler,
  cells: readonly string[],
  { row, line, lineEnd = line }: { row: number; line: number; lineEnd?: number },
): RefusedRecord | null {
  const text = cells
    .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',');
  const bytes = Buffer.from(text === '' ? '""' : text);
  const stretch = { startByte: 0, endByte: bytes.length, firstRow: row, firstLine: line, records: 1 };
  let refused: RefusedRecord | null = null;
  readPlaces(bytes, stretch, { delimiter: ',' }, (places) => {
    refused = compiler.add(bytes, places, row, line, lineEnd);
  });
  return refused;
}

/** The COPY text of each table. */
export function takeText(compiler: RowCompiler): string[] {
  return compiler.take().map((blocks) => Buffer.concat(blocks).toString());
}

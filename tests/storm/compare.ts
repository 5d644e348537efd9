// Holds what an import has left against the truth of its file, record by record.
import { COLUMNS, type StormFile } from './files.ts';
import type { Outcome } from './outcome.ts';
import { keysOf, rowKey, sameValues, type StoredRow, type StoredRows } from './table-model.ts';

/** The tables before and after the import. */
export interface Tables {
  readonly before: StoredRows;
  readonly after: StoredRows;
}

/** Sentences that say what differs; the first ones of each sort. */
export class Differences {
  readonly found: string[] = [];
  private readonly counts = new Map<string, number>();

  add(sort: string, sentence: string): void {
    const count = (this.counts.get(sort) ?? 0) + 1;
    this.counts.set(sort, count);
    if (count <= 3) this.found.push(`${sort}: ${sentence}`);
    else if (count === 4) this.found.push(`${sort}: and more`);
  }
}

/** A direct insert, ended or cancelled: rows of chunks that are done have landed or are rejected, others have left no trace. */
export function compareInsert(file: StormFile, outcome: Outcome, { before, after }: Tables): Differences {
  const differences = new Differences();
  const { task, rejects, errorCodes } = outcome;
  const landed = landedRows(task.id, after);
  const taken = keysOf(file.dataset, before);
  const landedKeys = new Map<string, number>();
  const rejectedKeys = new Map<string, number>();
  const isDone = doneRows(outcome);

  for (const [at, record] of file.records.entries()) {
    const row = at + 1;
    const stored = landed.get(row);
    const reject = rejects.get(row);
    if (!isDone(row)) {
      if (stored || reject) differences.add('trace', `row ${row} is of no chunk that is done`);
      continue;
    }
    if ((stored === undefined) === (reject === undefined)) {
      differences.add(
        'once',
        `row ${row} has ${stored ? 'landed and is rejected' : 'neither landed nor been rejected'}`,
      );
      continue;
    }
    if (reject !== undefined) {
      const expected = padded(record.cells.map(guarded), COLUMNS[file.dataset].length);
      if (!sameValues(padded(reject, expected.length), expected))
        differences.add(
          'reject',
          `row ${row} is given back as ${JSON.stringify(reject)}, not ${JSON.stringify(expected)}`,
        );
      const code = record.code ?? 'unique-error';
      if (errorCodes.get(row)?.includes(code) !== true)
        differences.add('code', `row ${row} has errors ${String(errorCodes.get(row))}, not ${code}`);
    }
    if (record.values === undefined) {
      if (stored) differences.add('bad', `row ${row} has landed in spite of ${record.code}`);
      continue;
    }
    if (stored && !sameValues(stored.values, record.values))
      differences.add(
        'value',
        `row ${row} is ${JSON.stringify(stored.values)}, not ${JSON.stringify(record.values)}`,
      );
    if (record.key === undefined) {
      if (reject) differences.add('good', `row ${row} is rejected: ${String(errorCodes.get(row))}`);
    } else if (stored) {
      if (taken.has(record.key))
        differences.add('key', `row ${row} has landed, ${record.key} was there before`);
      if (landedKeys.has(record.key)) differences.add('key', `${record.key} has landed twice`);
      landedKeys.set(record.key, row);
    } else rejectedKeys.set(record.key, row);
  }
  for (const [key, row] of rejectedKeys)
    if (!landedKeys.has(key) && !taken.has(key))
      differences.add('key', `${key} has not landed at all, row ${row} among others was rejected`);

  for (const row of landed.keys())
    if (row < 1 || row > file.records.length) differences.add('trace', `row ${row} is not in the file`);
  for (const row of [...rejects.keys(), ...errorCodes.keys()])
    if (row < 1 || row > file.records.length) differences.add('trace', `reject ${row} is not in the file`);
  for (const row of errorCodes.keys())
    if (!rejects.has(row)) differences.add('reject', `row ${row} has errors and is not in the reject file`);
  for (const row of outcome.rejectedTwice)
    differences.add('reject', `row ${row} is in the reject file twice`);
  if (!isAscending([...rejects.keys()])) differences.add('reject', 'the reject file is not in file order');

  compareCounts(differences, file, outcome, { loaded: landed.size, rejected: rejects.size });
  compareOthers(differences, task.id, before, after);
  return differences;
}

function landedRows(importId: string, after: StoredRows): Map<number, StoredRow> {
  return new Map([...after.values()].filter((row) => row.importId === importId).map((row) => [row.row, row]));
}

/** Which rows are in chunks that are done. */
function doneRows({ chunks, task }: Outcome): (row: number) => boolean {
  if (task.status === 'succeeded') return () => true;
  const done = new Set<number>();
  for (const { status, firstRow, records } of chunks)
    if (status === 'done') for (let row = firstRow; row < firstRow + records; row++) done.add(row);
  return (row) => done.has(row);
}

function compareCounts(
  differences: Differences,
  file: StormFile,
  { task }: Outcome,
  counted: Readonly<Record<'loaded' | 'rejected', number>>,
): void {
  const told = task.result ?? {};
  for (const [name, count] of Object.entries(counted))
    if (told[name] !== count)
      differences.add('count', `${name} is told as ${String(told[name])} and counted as ${count}`);
  // A cancel may come before the file was scanned.
  const mayBeUnknown = task.status === 'cancelled' && told['records'] === null;
  if (told['records'] !== file.records.length && !mayBeUnknown)
    differences.add(
      'count',
      `records is told as ${String(told['records'])}, the file has ${file.records.length}`,
    );
}

/** Rows of earlier imports are as they were, and there are no others. */
function compareOthers(
  differences: Differences,
  importId: string,
  before: StoredRows,
  after: StoredRows,
): void {
  for (const [key, row] of before) {
    const now = after.get(key);
    if (now === undefined) differences.add('others', `row ${key} of an earlier import is gone`);
    else if (now.id !== row.id || !sameValues(now.values, row.values))
      differences.add('others', `row ${key} of an earlier import has changed`);
  }
  for (const row of after.values())
    if (row.importId !== importId && !before.has(rowKey(row.importId, row.row)))
      differences.add('others', `row ${row.row} of the earlier import ${row.importId} has come up since`);
}

/** A reject file is opened in spreadsheets, which would take such a cell for a formula. */
function guarded(cell: string): string {
  return cell.startsWith('-') ? `'${cell}` : cell;
}

/** Short records are given back with empty cells up to the header's width. */
function padded(cells: readonly string[], width: number): string[] {
  return [...cells, ...Array<string>(Math.max(0, width - cells.length)).fill('')];
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number > numbers[at - 1]!);
}

// Holds what an import has left against the truth of its file, record by record.
import { COLUMNS, type StormFile, type StormRecord } from './files.ts';
import type { Outcome } from './outcome.ts';
import { keysOf, rowKey, sameValues, type StoredRow, type StoredRows } from './table-model.ts';

/** How a file is imported. */
export interface ImportPlan {
  readonly mode: 'insert' | 'upsert' | 'replace';
  readonly onError: 'reject' | 'abort';
  readonly maxErrors: number | null;
  readonly dryRun: boolean;
  /** What a dry run has tried: staged like that, and told from it by `dryRun`. */
  readonly isCommit?: boolean;
}

export interface Evidence {
  readonly file: StormFile;
  readonly plan: ImportPlan;
  readonly outcome: Outcome;
  /** The tables before and after the import. */
  readonly before: StoredRows;
  readonly after: StoredRows;
}

/** What became of the records that were not rejected. */
interface Landing {
  /** The row in the table that a record of the file stands for. */
  readonly landed: ReadonlyMap<number, StoredRow>;
  readonly superseded: ReadonlySet<number>;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
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

export function isDirect({ mode, onError, dryRun, isCommit = false }: ImportPlan): boolean {
  return mode === 'insert' && onError === 'reject' && !dryRun && !isCommit;
}

/** Records that must be rejected when all of them are looked at. */
export function countRejects(file: StormFile, plan: ImportPlan, before: StoredRows): number {
  const taken = plan.mode === 'insert' ? keysOf(file.dataset, before) : new Set<string>();
  let rejects = 0;
  for (const { values, key } of file.records) {
    if (values === undefined) rejects++;
    else if (key !== undefined && plan.mode !== 'upsert') {
      if (taken.has(key)) rejects++;
      taken.add(key);
    }
  }
  if (plan.mode !== 'upsert') return rejects;
  // What the table would refuse only when it lands, and a later record supersedes, never lands.
  const { superseded } = lastOfKeys(file);
  return (
    rejects - file.records.filter(({ values }, at) => values === undefined && superseded.has(at + 1)).length
  );
}

/** Whether the import has done what it is for, and was not only tried. */
function isPublished({ outcome, plan }: Evidence): boolean {
  return outcome.task.status === 'succeeded' && !plan.dryRun;
}

/** @returns what differs */
export function compare(evidence: Evidence): string[] {
  const differences = new Differences();
  const { file, outcome } = evidence;
  const landing = compareLanding(differences, evidence);
  const unprocessed = new Set<number>();
  const isLookedAt = lookedAt(evidence);
  for (const [at, record] of file.records.entries()) {
    const row = at + 1;
    const reject = outcome.rejects.get(row);
    const fates = [landing.landed.has(row), landing.superseded.has(row), reject !== undefined];
    const fateCount = fates.filter(Boolean).length;
    if (fateCount === 0) unprocessed.add(row);
    if (fateCount > 1)
      differences.add('once', `row ${row}: landed, superseded, rejected are ${String(fates)}`);
    if (fateCount === 0 && isLookedAt(row) === true)
      differences.add('once', `nothing has become of row ${row}`);
    if (fateCount > 0 && isLookedAt(row) === false)
      differences.add('trace', `row ${row} has left a trace though its chunk is not done`);
    if (reject !== undefined) compareReject(differences, evidence, row, record, reject);
    else if (record.values === undefined && landing.landed.has(row))
      differences.add('bad', `row ${row} has landed in spite of ${record.code}`);
  }
  compareRejectFile(differences, evidence);
  compareDownloads(differences, evidence, landing, unprocessed);
  compareCounts(differences, outcome, {
    ...landing,
    records: file.records.length,
    unprocessed: unprocessed.size,
    superseded: landing.superseded.size,
    loaded: landing.landed.size,
  });
  return differences.found;
}

/** Whether a row's chunk has been done: undefined where nobody can say, as it leaves no trace. */
function lookedAt({ outcome, plan }: Evidence): (row: number) => boolean | undefined {
  if (outcome.task.status === 'succeeded') return () => true;
  if (!isDirect(plan)) return () => undefined;
  const done = new Set<number>();
  for (const { status, firstRow, records } of outcome.chunks)
    if (status === 'done') for (let row = firstRow; row < firstRow + records; row++) done.add(row);
  return (row) => done.has(row);
}

function compareLanding(differences: Differences, evidence: Evidence): Landing {
  const { plan, before } = evidence;
  if (plan.mode === 'upsert') return compareUpsert(differences, evidence);
  if (plan.mode === 'insert' || !isPublished(evidence)) return compareInsert(differences, evidence);
  // A replace inserts into a table that it has emptied.
  return { ...compareInsert(differences, { ...evidence, before: new Map() }), deleted: before.size };
}

/** Rows of the import stand with their values, each key once, the first of the file, and rows of others are as they were. */
function compareInsert(differences: Differences, evidence: Evidence): Landing {
  const { file, plan, outcome, before, after } = evidence;
  const landed = new Map<number, StoredRow>();
  for (const stored of after.values())
    if (stored.importId === outcome.task.id) landed.set(stored.row, stored);
  if (landed.size > 0 && !isDirect(plan) && !isPublished(evidence))
    differences.add('all or nothing', `${landed.size} rows have landed, the import ${outcome.task.status}`);

  const taken = keysOf(file.dataset, before);
  const keys = new Map<string, number>();
  for (const [row, stored] of landed) {
    const record = file.records[row - 1];
    if (record === undefined) differences.add('trace', `row ${row} is not in the file`);
    else if (record.values !== undefined) {
      compareValues(differences, row, stored, record.values);
      if (record.key === undefined) continue;
      if (taken.has(record.key))
        differences.add('key', `row ${row} has landed, ${record.key} was there before`);
      if (keys.has(record.key)) differences.add('key', `${record.key} has landed twice`);
      keys.set(record.key, row);
    }
  }
  for (const row of outcome.rejects.keys()) {
    const { key, values } = file.records[row - 1] ?? {};
    if (values === undefined) continue;
    if (key === undefined) differences.add('good', `row ${row} is rejected`);
    else if ((isDirect(plan) || isPublished(evidence)) && !keys.has(key) && !taken.has(key))
      differences.add('key', `row ${row} is rejected, and no other record with ${key} has landed`);
    else if (row < (keys.get(key) ?? 0))
      differences.add('key', `row ${row} is rejected, and ${key} has landed from row ${keys.get(key)}`);
  }
  compareOthers(differences, [outcome.task.id], before, after, (row) => row.values);
  return { landed, superseded: new Set(), inserted: landed.size, updated: 0, unchanged: 0, deleted: 0 };
}

/** The last good record of a key is what stands: in the row that was there, or in a new one. */
function compareUpsert(differences: Differences, evidence: Evidence): Landing {
  const { file, outcome, before, after } = evidence;
  const landed = new Map<number, StoredRow>();
  const { last, superseded } = isPublished(evidence)
    ? lastOfKeys(file)
    : { last: new Map<string, LastOfKey>(), superseded: new Set<number>() };
  const standing = standingKeys(before);
  let updated = 0;
  let unchanged = 0;
  for (const [key, { row, values }] of last) {
    const old = standing.get(key);
    const place = old ? rowKey(old.importId, old.row) : rowKey(outcome.task.id, row);
    const stored = after.get(place);
    if (stored === undefined) {
      differences.add('key', `${key} of row ${row} should stand as ${place}`);
      continue;
    }
    landed.set(row, stored);
    compareValues(differences, row, stored, values);
    if (old === undefined) continue;
    if (sameValues(old.values, values)) unchanged++;
    else updated++;
  }
  for (const stored of after.values())
    if (stored.importId === outcome.task.id && landed.get(stored.row) !== stored)
      differences.add('trace', `row ${stored.row} has been inserted and should not`);
  const valuesNow = ({ values }: StoredRow) => last.get(values[0]!)?.values ?? values;
  compareOthers(differences, [outcome.task.id], before, after, valuesNow);
  return { landed, superseded, inserted: last.size - updated - unchanged, updated, unchanged, deleted: 0 };
}

interface LastOfKey {
  readonly row: number;
  readonly values: readonly (string | null)[];
}

export function standingKeys(rows: StoredRows): Map<string, StoredRow> {
  return new Map([...rows.values()].map((stored) => [stored.values[0]!, stored]));
}

function lastOfKeys(file: StormFile): { last: Map<string, LastOfKey>; superseded: Set<number> } {
  const rows = new Map<string, { readonly row: number; readonly values: LastOfKey['values'] | undefined }>();
  const superseded = new Set<number>();
  for (const [at, { key, values, supersedes }] of file.records.entries()) {
    const its = key ?? supersedes;
    if (its === undefined) continue;
    const earlier = rows.get(its);
    if (earlier) superseded.add(earlier.row);
    rows.set(its, { row: at + 1, values });
  }
  const last = new Map<string, LastOfKey>();
  for (const [key, { row, values }] of rows) if (values !== undefined) last.set(key, { row, values });
  return { last, superseded };
}

/** @returns what differs after a dry run that has succeeded: nothing was written, and the counts are those to come */
export function compareDryRun(evidence: Evidence): string[] {
  const differences = new Differences();
  const { file, plan, outcome, before, after } = evidence;
  compareOthers(differences, [], before, after, (row) => row.values);
  const { superseded } = plan.mode === 'upsert' ? lastOfKeys(file) : { superseded: new Set<number>() };
  const rejected = countRejects(file, plan, before);
  const counted = {
    records: file.records.length,
    rejected,
    unprocessed: 0,
    deleted: plan.mode === 'replace' ? before.size : 0,
    ...wouldLand(evidence, file.records.length - rejected),
  };
  for (const [name, count] of Object.entries(counted))
    if (outcome.counts[name] !== count)
      differences.add('count', `${name} is told as ${outcome.counts[name]} and should be ${count}`);
  if (outcome.rejects.size !== rejected)
    differences.add('reject', `there are ${outcome.rejects.size} rejects, not ${rejected}`);
  for (const [at, record] of file.records.entries()) {
    const reject = outcome.rejects.get(at + 1);
    if (reject !== undefined) compareReject(differences, evidence, at + 1, record, reject);
    else if (record.values === undefined && !superseded.has(at + 1))
      differences.add('reject', `row ${at + 1} is not rejected`);
  }
  compareRejectFile(differences, evidence);
  return differences.found;
}

function wouldLand(
  { file, plan, before }: Evidence,
  good: number,
): Pick<Landing, 'inserted' | 'updated' | 'unchanged'> & { superseded: number; loaded: number } {
  if (plan.mode !== 'upsert')
    return { inserted: good, updated: 0, unchanged: 0, superseded: 0, loaded: good };
  const { last, superseded } = lastOfKeys(file);
  const standing = standingKeys(before);
  let updated = 0;
  let unchanged = 0;
  for (const [key, { values }] of last) {
    const old = standing.get(key);
    if (old !== undefined && sameValues(old.values, values)) unchanged++;
    else if (old !== undefined) updated++;
  }
  const inserted = last.size - updated - unchanged;
  return { inserted, updated, unchanged, superseded: superseded.size, loaded: last.size };
}

export function compareValues(
  differences: Differences,
  row: number,
  stored: StoredRow,
  values: readonly (string | null)[],
): void {
  if (!sameValues(stored.values, values))
    differences.add('value', `row ${row} is ${JSON.stringify(stored.values)}, not ${JSON.stringify(values)}`);
}

/** Rows of earlier imports are what they must be now, and there are no others. */
export function compareOthers(
  differences: Differences,
  importIds: readonly string[],
  before: StoredRows,
  after: StoredRows,
  valuesNow: (row: StoredRow) => readonly (string | null)[],
): void {
  for (const [key, row] of before) {
    const now = after.get(key);
    if (now === undefined) differences.add('others', `row ${key} of an earlier import is gone`);
    else if (now.id !== row.id || !sameValues(now.values, valuesNow(row)))
      differences.add('others', `row ${key} of an earlier import is not what it should be`);
  }
  for (const row of after.values())
    if (!importIds.includes(row.importId) && !before.has(rowKey(row.importId, row.row)))
      differences.add('others', `row ${row.row} of the earlier import ${row.importId} has come up since`);
}

function compareReject(
  differences: Differences,
  { file, outcome }: Evidence,
  row: number,
  record: StormRecord,
  reject: readonly string[],
): void {
  compareCells(differences, file, row, record, reject);
  const code = record.code ?? 'unique-error';
  const codes = outcome.errorCodes.get(row);
  if (codes?.includes(code) !== true)
    differences.add('code', `row ${row} has errors ${String(codes)}, not ${code}`);
}

export function compareCells(
  differences: Differences,
  { dataset }: Pick<StormFile, 'dataset'>,
  row: number,
  record: StormRecord,
  given: readonly string[],
): void {
  const expected = padded(record.cells.map(guarded), COLUMNS[dataset].length);
  if (!sameValues(padded(given, expected.length), expected))
    differences.add(
      'cells',
      `row ${row} is given back as ${JSON.stringify(given)}, not ${JSON.stringify(expected)}`,
    );
}

function compareRejectFile(differences: Differences, { file, outcome }: Evidence): void {
  const { rejects, errorCodes, givenTwice } = outcome;
  for (const row of [...rejects.keys(), ...errorCodes.keys()])
    if (row < 1 || row > file.records.length) differences.add('trace', `reject ${row} is not in the file`);
  for (const row of errorCodes.keys())
    if (!rejects.has(row)) differences.add('reject', `row ${row} has errors and is not in the reject file`);
  for (const row of givenTwice) differences.add('download', `row ${row} is in a file twice`);
  if (!isAscending([...rejects.keys()])) differences.add('reject', 'the reject file is not in file order');
}

/** accepted.csv and unprocessed.csv. */
function compareDownloads(
  differences: Differences,
  { file, outcome }: Evidence,
  { landed }: Landing,
  unprocessed: ReadonlySet<number>,
): void {
  for (const [row, stored] of landed)
    if (outcome.accepted.get(row) !== stored.id)
      differences.add(
        'accepted',
        `row ${row} is told as ${outcome.accepted.get(row)}, and stands as ${stored.id}`,
      );
  for (const row of outcome.accepted.keys())
    if (!landed.has(row)) differences.add('accepted', `row ${row} is told to stand and does not`);
  for (const row of unprocessed) {
    const cells = outcome.unprocessed.get(row);
    if (cells === undefined) differences.add('unprocessed', `row ${row} is not in unprocessed.csv`);
    else compareCells(differences, file, row, file.records[row - 1]!, cells);
  }
  for (const row of outcome.unprocessed.keys())
    if (!unprocessed.has(row))
      differences.add('unprocessed', `row ${row} is in unprocessed.csv and should not`);
}

/** What was counted of an import. */
export interface Counted extends Pick<Landing, 'inserted' | 'updated' | 'unchanged' | 'deleted'> {
  readonly records: number;
  readonly superseded: number;
  readonly loaded: number;
  readonly unprocessed: number;
}

export function compareCounts(
  differences: Differences,
  { counts, task, given }: Outcome,
  { records, unprocessed, inserted, updated, unchanged, superseded, loaded, deleted }: Counted,
): void {
  // A cancel may come before the file was scanned.
  const isScanned = counts['records'] !== null || task.status !== 'cancelled';
  const counted = {
    ...(isScanned ? { records, unprocessed } : {}),
    rejected: given.rejects.length,
    inserted,
    updated,
    unchanged,
    superseded,
    loaded,
    deleted,
  };
  for (const [name, count] of Object.entries(counted)) {
    if (counts[name] !== count)
      differences.add('count', `${name} is told as ${counts[name]} and counted as ${count}`);
    if (task.status === 'succeeded' && task.result?.[name] !== count)
      differences.add('result', `${name} is told as ${task.result?.[name]} and counted as ${count}`);
  }
}

/** Short records are given back with empty cells up to the header's width. */
export function padded(cells: readonly string[], width: number): string[] {
  return [...cells, ...Array<string>(Math.max(0, width - cells.length)).fill('')];
}

/** Such files are opened in spreadsheets, which would take such a cell for a formula. */
export function guarded(cell: string): string {
  return cell.startsWith('-') ? `'${cell}` : cell;
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number > numbers[at - 1]!);
}

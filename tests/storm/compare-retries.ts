// Holds what retries have left against the truth of the records they sent, by the numbers of the first file.
import {
  compareCells,
  compareCounts,
  compareOthers,
  compareValues,
  Differences,
  standingKeys,
} from './compare.ts';
import { isKeyed, type DatasetName } from './files.ts';
import type { GivenRecord, Outcome } from './outcome.ts';
import type { SentRecord } from './retry-file.ts';
import { keysOf, rowKey, sameValues, type StoredRow, type StoredRows } from './table-model.ts';

export interface RetryPlan {
  readonly onError: 'reject' | 'abort';
  readonly maxErrors: number | null;
}

/** What is known of the records before they are retried. */
export interface RetryTruth {
  readonly dataset: DatasetName;
  readonly mode: 'insert' | 'upsert';
  /** Numbers that may land: rejects of the parent that no retry has landed. */
  readonly open: ReadonlySet<number>;
  readonly before: StoredRows;
}

export interface RetryEvidence extends RetryTruth {
  /** One, or several at once. Those must have succeeded. */
  readonly retries: readonly { readonly sent: readonly SentRecord[]; readonly outcome: Outcome }[];
  readonly after: StoredRows;
}

/** What became of the numbers of one retry. */
interface RetryLanding {
  readonly landed: ReadonlyMap<number, StoredRow>;
  readonly superseded: ReadonlySet<number>;
  readonly updated: number;
  readonly unchanged: number;
}

/** The records of one number: they are the same. */
interface Sent extends SentRecord {
  readonly copies: number;
}

/** Records that one retry alone must reject. */
export function countRetryRejects(
  { dataset, mode, open, before }: RetryTruth,
  sent: readonly SentRecord[],
): number {
  const good = byRow(sent).filter(({ row, record }) => open.has(row) && record.values !== undefined);
  if (mode === 'upsert' || !isKeyed(dataset)) return sent.length - good.length;
  const taken = keysOf(dataset, before);
  const keys = new Set(good.map(({ record }) => record.key!));
  return sent.length - [...keys].filter((key) => !taken.has(key)).length;
}

/** @returns what differs, and the numbers that have landed */
export function compareRetries(evidence: RetryEvidence): { found: string[]; landed: ReadonlySet<number> } {
  const { dataset, mode, open, retries, before, after } = evidence;
  const differences = new Differences();
  const landings = retries.map(({ sent, outcome }) => {
    const records = byRow(sent);
    const landing =
      mode === 'upsert' ? upserted(differences, evidence, records, outcome) : inserted(evidence, outcome);
    compareRetry(differences, evidence, { sent, records, outcome, landing });
    return landing;
  });

  const landed = new Set<number>();
  for (const landing of landings)
    for (const row of [...landing.landed.keys(), ...landing.superseded]) {
      if (landed.has(row)) differences.add('once', `row ${row} has landed by two retries`);
      landed.add(row);
    }
  const keysNow = keysOf(dataset, after);
  for (const { row, record } of byRow(retries.flatMap(({ sent }) => sent)))
    if (
      retries.every(({ outcome }) => outcome.task.status === 'succeeded') &&
      open.has(row) &&
      record.values !== undefined &&
      !landed.has(row) &&
      !(mode === 'insert' && record.key !== undefined && keysNow.has(record.key))
    )
      differences.add('good', `row ${row} has not landed, and nothing was wrong with it`);

  const valuesNow = new Map<string, readonly (string | null)[]>();
  if (mode === 'upsert')
    for (const { sent } of retries)
      for (const { row, record } of byRow(sent))
        if (landings.some((landing) => landing.landed.has(row))) valuesNow.set(record.key!, record.values!);
  const ids = retries.map(({ outcome }) => outcome.task.id);
  compareOthers(differences, ids, before, after, ({ values }) => valuesNow.get(values[0]!) ?? values);
  return { found: differences.found, landed };
}

/** In the order of their numbers. */
function byRow(sent: readonly SentRecord[]): Sent[] {
  const records = new Map<number, Sent>();
  for (const { row, record } of sent)
    records.set(row, { row, record, copies: (records.get(row)?.copies ?? 0) + 1 });
  return [...records.values()].sort((one, other) => one.row - other.row);
}

function inserted({ after }: RetryEvidence, { task }: Outcome): RetryLanding {
  const own = [...after.values()].filter(({ importId }) => importId === task.id);
  return {
    landed: new Map(own.map((stored) => [stored.row, stored])),
    superseded: new Set(),
    updated: 0,
    unchanged: 0,
  };
}

/** Of a key the record with the greatest number stands, in the row that was there or in a new one. */
function upserted(
  differences: Differences,
  { open, before, after }: RetryEvidence,
  records: readonly Sent[],
  { task, given }: Outcome,
): RetryLanding {
  const rejected = countRows(given.rejects);
  const taken = records.filter(
    ({ row, record, copies }) =>
      task.status === 'succeeded' &&
      open.has(row) &&
      record.values !== undefined &&
      (rejected.get(row) ?? 0) < copies,
  );
  const last = new Map(taken.map((each) => [each.record.key!, each]));
  const landed = new Map<number, StoredRow>();
  const standing = standingKeys(before);
  let [updated, unchanged] = [0, 0];
  for (const [key, { row, record }] of last) {
    const old = standing.get(key);
    const place = old ? rowKey(old.importId, old.row) : rowKey(task.id, row);
    const stored = after.get(place);
    if (stored === undefined) {
      differences.add('key', `${key} of row ${row} should stand as ${place}`);
      continue;
    }
    landed.set(row, stored);
    if (old === undefined) continue;
    if (sameValues(old.values, record.values!)) unchanged++;
    else updated++;
  }
  for (const stored of after.values())
    if (stored.importId === task.id && landed.get(stored.row) !== stored)
      differences.add('trace', `row ${stored.row} has been inserted and should not`);
  const superseded = new Set(taken.map(({ row }) => row).filter((row) => !landed.has(row)));
  return { landed, superseded, updated, unchanged };
}

interface ComparedRetry {
  readonly sent: readonly SentRecord[];
  readonly records: readonly Sent[];
  readonly outcome: Outcome;
  readonly landing: RetryLanding;
}

function compareRetry(differences: Differences, evidence: RetryEvidence, retry: ComparedRetry): void {
  const { outcome, landing, records, sent } = retry;
  const { landed, superseded, updated, unchanged } = landing;
  const [rejected, unprocessed] = [countRows(outcome.given.rejects), countRows(outcome.given.unprocessed)];
  const sentRows = new Map(records.map((each) => [each.row, each]));
  for (const { row, record, copies } of records) {
    const fates = [
      landed.has(row) ? 1 : 0,
      superseded.has(row) ? 1 : 0,
      rejected.get(row) ?? 0,
      unprocessed.get(row) ?? 0,
    ];
    if (fates.reduce((sum, count) => sum + count) !== copies)
      differences.add(
        'once',
        `of ${copies} records ${row}: landed, superseded, rejected, unprocessed are ${String(fates)}`,
      );
    const stored = landed.get(row);
    if (stored === undefined) continue;
    if (!evidence.open.has(row))
      differences.add('open', `row ${row} has landed, and was no reject that could`);
    if (record.values === undefined)
      differences.add('bad', `row ${row} has landed in spite of ${record.code}`);
    else compareValues(differences, row, stored, record.values);
    if (outcome.accepted.get(row) !== stored.id)
      differences.add(
        'accepted',
        `row ${row} is told as ${outcome.accepted.get(row)}, and stands as ${stored.id}`,
      );
  }
  for (const row of [
    ...landed.keys(),
    ...rejected.keys(),
    ...unprocessed.keys(),
    ...outcome.errorCodes.keys(),
  ])
    if (!sentRows.has(row)) differences.add('trace', `row ${row} was not sent`);
  for (const row of outcome.accepted.keys())
    if (!landed.has(row)) differences.add('accepted', `row ${row} is told to stand and does not`);
  if (outcome.task.status === 'succeeded' && unprocessed.size > 0)
    differences.add('unprocessed', `${unprocessed.size} numbers are unprocessed`);
  for (const { row, cells } of [...outcome.given.rejects, ...outcome.given.unprocessed]) {
    const was = sentRows.get(row);
    if (was !== undefined) compareCells(differences, evidence, row, was.record, cells);
  }
  for (const row of rejected.keys()) compareCodes(differences, evidence, retry, sentRows.get(row));
  compareCounts(differences, outcome, {
    records: sent.length,
    inserted: landed.size - updated - unchanged,
    updated,
    unchanged,
    superseded: superseded.size,
    loaded: landed.size,
    deleted: 0,
    unprocessed: [...unprocessed.values()].reduce((sum, count) => sum + count, 0),
  });
}

/** Why a number was rejected. */
function compareCodes(
  differences: Differences,
  { open, retries }: RetryEvidence,
  { outcome, landing }: ComparedRetry,
  sent: Sent | undefined,
): void {
  if (sent === undefined) return;
  const { row, record, copies } = sent;
  // Of several at once another may have it, or have had it until its key was refused; a first copy may be unprocessed.
  const mayBeCopy = retries.length > 1 || outcome.unprocessed.has(row);
  const isCopy = landing.landed.has(row) || landing.superseded.has(row);
  const expected =
    !open.has(row) || (isCopy && record.values !== undefined)
      ? ['retry-error']
      : record.values === undefined
        ? // What only the table refuses, when it lands, is not told where nothing lands; a second copy is.
          [record.code!, ...(record.supersedes !== undefined && copies > 1 ? ['retry-error'] : [])]
        : ['unique-error', ...(mayBeCopy ? ['retry-error'] : [])];
  const codes = outcome.errorCodes.get(row) ?? [];
  if (!expected.some((code) => codes.includes(code)))
    differences.add('code', `row ${row} has errors ${String(codes)}, not ${expected.join(' or ')}`);
}

function countRows(given: readonly GivenRecord[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { row } of given) counts.set(row, (counts.get(row) ?? 0) + 1);
  return counts;
}

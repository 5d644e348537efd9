// Reject files as people send them again: some records mended, some as they were, some left out, some twice, some that are none.
import {
  COLUMNS,
  isKeyed,
  memberCells,
  orderCells,
  quoted,
  sound,
  visitCells,
  type DatasetName,
  type StormRecord,
} from './files.ts';
import { guarded } from './compare.ts';
import type { GivenRecord } from './outcome.ts';
import type { Random } from './random.ts';

/** A record and the number that its cell `_row` says. Two with the same number are the same. */
export interface SentRecord {
  readonly row: number;
  readonly record: StormRecord;
}

export interface RetryFile {
  readonly dataset: DatasetName;
  readonly bytes: Buffer;
  readonly sent: readonly SentRecord[];
}

export interface RetryFileOptions {
  readonly dataset: DatasetName;
  /** What had been sent under each number. */
  readonly records: ReadonlyMap<number, StormRecord>;
  /** Those that may be retried. */
  readonly rejects: readonly GivenRecord[];
  /** Numbers that must not land: they have. */
  readonly landed: readonly number[];
  /** Leaves out records whose key another one of the file has. */
  readonly keysOnce: boolean;
}

export function makeRetryFile(random: Random, options: RetryFileOptions): RetryFile {
  const { dataset, records, rejects, landed, keysOnce } = options;
  const [mendedShare, leftOutShare] = [random.pick([1, 0.9, 0.5]), random.pick([0, 0, 0.2])];
  const [twiceShare, strangers] = [random.pick([0, 0, 0.05, 1]), random.pick([0, 0, 1, 5])];
  const withErrors = random.chance(0.7);
  const lineEnd = random.pick(['\n', '\r\n']);
  const sent: SentRecord[] = [];
  const lines: string[] = [];
  const keys = new Set<string>();
  const add = (row: number, record: StormRecord, errors = '', cells = record.cells.map(guarded)): void => {
    sent.push({ row, record });
    lines.push([String(row), ...(withErrors ? [errors] : []), ...cells].map(quoted).join(','));
  };

  for (const [at, { row, errors, cells }] of rejects.entries()) {
    if (random.chance(leftOutShare) && at < rejects.length - 1) continue;
    const was = records.get(row)!;
    const isMended = random.chance(mendedShare);
    const record = isMended ? mended(random, dataset, row, was) : was;
    if (record.key !== undefined && keysOnce && keys.has(record.key)) continue;
    if (record.key !== undefined) keys.add(record.key);
    for (const _copy of random.chance(twiceShare) ? [1, 2] : [1])
      add(row, record, errors, isMended ? record.cells.map(guarded) : [...cells]);
  }
  const none = [...records.keys()].reduce((most, row) => Math.max(most, row), 0) + 1;
  for (let count = 0; count < strangers || sent.length === 0; count++) {
    const row = landed.length > 0 && random.chance(0.8) ? random.pick(landed) : none;
    if (!sent.some((each) => each.row === row))
      add(row, { cells: freshCells(random, dataset, row), code: 'retry-error' });
  }
  const order = random.chance(0.3) ? shuffled(random, lines.length) : [...lines.keys()];
  const head = ['_row', ...(withErrors ? ['_errors'] : []), ...COLUMNS[dataset]].join(',');
  return {
    dataset,
    bytes: Buffer.from([head, ...order.map((at) => lines[at]), ''].join(lineEnd)),
    sent: order.map((at) => sent[at]!),
  };
}

/** What was spoiled is as it was meant; the key that was taken is another one. */
function mended(random: Random, dataset: DatasetName, row: number, was: StormRecord): StormRecord {
  if (isKeyed(dataset) && (was.meant === undefined || random.chance(0.2)))
    return sound(dataset, freshCells(random, dataset, row));
  return sound(dataset, was.meant ?? was.cells);
}

function freshCells(random: Random, dataset: DatasetName, row: number): string[] {
  if (dataset === 'visits') return visitCells(random, row);
  const letters = String.fromCharCode(random.integer(65, 90), random.integer(65, 90));
  const key = `${letters}${String(random.integer(0, 99_999_999)).padStart(8, '0')}`;
  return dataset === 'members' ? memberCells(random, key) : orderCells(random, key);
}

function shuffled(random: Random, length: number): number[] {
  const order = [...Array(length).keys()];
  for (let at = length - 1; at > 0; at--) {
    const other = random.integer(0, at);
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}

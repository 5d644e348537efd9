// Files that arrive at the same time are recorded together: one transaction, so that many small uploads share its trips and its commit.
import {
  datasetGone,
  recordImports,
  type NewImport,
  type RecordedImport,
} from '../db/imports/record-imports.ts';
import { isUnavailable } from '../db/errors.ts';
import type { Connection } from '../db/transaction.ts';

/** Bounds what one transaction holds. */
const MOST_AT_ONCE = 64;

/** Records one import; resolves when it is committed. */
export type RecordImport = (row: NewImport) => Promise<RecordedImport>;

interface Waiting {
  readonly row: NewImport;
  readonly resolve: (recorded: RecordedImport) => void;
  readonly reject: (error: unknown) => void;
}

/** One transaction at a time: what comes meanwhile is in the next. */
export function createRecorder(db: Connection): RecordImport {
  let waiting: Waiting[] = [];
  let isAtWork = false;

  async function work(): Promise<void> {
    isAtWork = true;
    // Those that Node has read in one turn of its loop come along.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const { now, later } = split(waiting);
      waiting = later;
      await recordAll(db, now);
    }
    isAtWork = false;
  }

  return (row) =>
    new Promise((resolve, reject) => {
      waiting.push({ row, resolve, reject });
      if (!isAtWork) void work();
    });
}

/** No two equal files at once: the second is to know the first (`recordImports`). */
function split(waiting: readonly Waiting[]): { now: Waiting[]; later: Waiting[] } {
  const files = new Set<string>();
  const now: Waiting[] = [];
  const later: Waiting[] = [];
  for (const each of waiting) {
    const file = `${each.row.dataset}/${each.row.sha256}`;
    if (now.length === MOST_AT_ONCE || files.has(file)) later.push(each);
    else now.push(each);
    files.add(file);
  }
  return { now, later };
}

/** Never rejects: each learns what became of its own. */
async function recordAll(db: Connection, all: readonly Waiting[]): Promise<void> {
  try {
    const recorded = await recordImports(
      db,
      all.map(({ row }) => row),
    );
    for (const [at, { row, resolve, reject }] of all.entries()) {
      const one = recorded[at];
      if (one === undefined) reject(datasetGone(row.dataset));
      else resolve(one);
    }
  } catch (error) {
    if (all.length === 1 || isUnavailable(error)) for (const { reject } of all) reject(error);
    // One that cannot be recorded must not keep the others out.
    else for (const each of all) await recordAll(db, [each]);
  }
}

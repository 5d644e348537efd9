// Reads of records, counted behind the answers: in memory first, and folded into Postgres once a second. An API process that is killed
// loses what it has counted since its last fold: the reads of about a second, or of as long as Postgres was away.
import { tableName } from '../identifiers.ts';
import { recordReads } from '../schema/datasets.ts';
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';
import type { Tx } from '../transaction.ts';

const FOLD_MS = 1000;
/** Records whose reads wait to be folded; while Postgres is away for long, reads of others are not counted. */
const MOST_WAITING = 100_000;

interface Count {
  readonly dataset: string;
  readonly record: string;
  reads: number;
  lastReadAt: Date;
}

export interface ReadCounts {
  /** Adds one read; Postgres hears of it later. */
  add(dataset: string, record: string): void;
  /** Folds what is counted now. @throws when Postgres does not take it; it is kept then */
  fold(): Promise<void>;
  /** Folds for the last time, if it can. */
  close(): Promise<void>;
}

/** @param onFailure is told when a fold has failed; the next one tries again */
export function createReadCounts(db: Queryable, onFailure: (error: unknown) => void): ReadCounts {
  let waiting = new Map<string, Count>();
  let timer: NodeJS.Timeout | undefined;
  let folding: Promise<void> = Promise.resolve();

  const put = (count: Count): void => {
    const key = JSON.stringify([count.dataset, count.record]);
    const known = waiting.get(key);
    if (known === undefined) {
      if (waiting.size < MOST_WAITING) waiting.set(key, count);
      return;
    }
    known.reads += count.reads;
    if (count.lastReadAt > known.lastReadAt) known.lastReadAt = count.lastReadAt;
  };
  const foldNow = async (): Promise<void> => {
    const counts = [...waiting.values()];
    if (counts.length === 0) return;
    waiting = new Map();
    try {
      await write(db, counts);
    } catch (error) {
      for (const count of counts) put(count);
      throw error;
    }
  };
  // One after the other, so that nothing is counted twice.
  const fold = (): Promise<void> => {
    const next = folding.then(foldNow);
    folding = next.catch(() => undefined);
    return next;
  };
  const later = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void fold().catch((error: unknown) => {
        onFailure(error);
        later();
      });
    }, FOLD_MS).unref();
  };
  return {
    add(dataset, record) {
      put({ dataset, record, reads: 1, lastReadAt: new Date() });
      later();
    },
    fold,
    async close() {
      clearTimeout(timer);
      await fold().catch(onFailure);
    },
  };
}

/** In the order of the key, so that API processes that fold the same records do not lock each other out. */
async function write(db: Queryable, counts: readonly Count[]): Promise<void> {
  await db.query(
    `INSERT INTO ${tableName(recordReads)} AS r (dataset, record, reads, last_read_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[]) AS v (dataset, record, reads, at) ORDER BY 1, 2
     ON CONFLICT (dataset, record)
     DO UPDATE SET reads = r.reads + excluded.reads, last_read_at = greatest(r.last_read_at, excluded.last_read_at)`,
    [
      counts.map(({ dataset }) => dataset),
      counts.map(({ record }) => record),
      counts.map(({ reads }) => reads),
      counts.map(({ lastReadAt }) => lastReadAt.toISOString()),
    ],
  );
}

export interface RecordStats {
  readonly reads: number;
  readonly lastReadAt: Date | null;
}

export async function findReads(db: Queryable, dataset: string, record: string): Promise<RecordStats> {
  const { rows } = await db.query<{ reads: string; lastReadAt: Date }>(
    `SELECT reads, last_read_at AS "lastReadAt" FROM ${tableName(recordReads)} WHERE dataset = $1 AND record = $2`,
    [dataset, record],
  );
  const [found] = rows;
  return found === undefined
    ? { reads: 0, lastReadAt: null }
    : { reads: Number(found.reads), lastReadAt: found.lastReadAt };
}

const FORGET = prepared(`
  DELETE FROM ${tableName(recordReads)} WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM ${tableName(recordReads)} WHERE last_read_at < now() - $1 * interval '1 day' LIMIT 5000 FOR UPDATE SKIP LOCKED))`);

/** Forgets some records that nobody has read for so long. @returns whether there may be more */
export async function forgetSomeReads(db: Queryable, days: number): Promise<boolean> {
  const { rowCount } = await db.query({ ...FORGET, values: [days] });
  return rowCount === 5000;
}

/** Of records that are deleted. */
export async function forgetReads(tx: Tx, dataset: string, records: readonly string[]): Promise<void> {
  await tx.$client.query(`DELETE FROM ${tableName(recordReads)} WHERE dataset = $1 AND record = ANY ($2)`, [
    dataset,
    records,
  ]);
}

// The one row of workers on demand: what is wanted of them, and how they are. One `sluice up` of a database holds it, and says again and
// again that it is there.
import { and, eq, isNull, or, sql } from 'drizzle-orm';
import type { PoolState, PoolWish } from '../../core/workers/worker-pool.ts';
import type { Database } from '../client.ts';
import { workerPool } from '../schema/workers.ts';
import { BEAT_MS } from './workers.ts';

/** Who starts and stops the worker. */
export interface PoolHolder {
  /** The same over its restart, so that nobody waits for the end of what was killed. */
  readonly id: string;
  readonly host: string;
}

/** A holder that has been silent for so long is gone. */
const GONE_AFTER_MS = 20_000;
const isGone = sql`${workerPool.beatAt} < now() - interval '${sql.raw(String(GONE_AFTER_MS))} milliseconds'`;
/** Written no more often than workers say that they are there. */
const isToldAlready = sql`${workerPool.beatAt} > now() - interval '${sql.raw(String(BEAT_MS))} milliseconds'`;

/**
 * Says how the worker is, and asks what is wanted of it.
 * @returns undefined: another `sluice up` holds the row
 */
export async function holdPool(
  db: Database,
  holder: PoolHolder,
  state: PoolState,
): Promise<PoolWish | undefined> {
  const [told] = await db
    .select({ wish: workerPool.wish })
    .from(workerPool)
    .where(and(eq(workerPool.holder, holder.id), eq(workerPool.state, state), isToldAlready));
  if (told !== undefined) return told.wish;
  const [held] = await db
    .update(workerPool)
    .set({
      holder: holder.id,
      host: holder.host,
      state,
      changedAt: sql`CASE WHEN ${workerPool.state} = ${state} THEN ${workerPool.changedAt} ELSE now() END`,
      beatAt: sql`now()`,
    })
    .where(or(eq(workerPool.holder, holder.id), isNull(workerPool.holder), isGone))
    .returning({ wish: workerPool.wish });
  return held?.wish;
}

/** For a `sluice up` that ends, after its worker. */
export async function releasePool(db: Database, { id }: PoolHolder): Promise<void> {
  await db
    .update(workerPool)
    .set({ holder: null, state: 'stopped', changedAt: sql`now()` })
    .where(eq(workerPool.holder, id));
}

/** A worker was started because somebody wanted it, and has nothing more to do for that. */
export async function answerStart(db: Database): Promise<void> {
  await db.update(workerPool).set({ wish: 'on-demand' }).where(eq(workerPool.wish, 'start'));
}

export interface PoolView {
  readonly state: PoolState;
  readonly wish: PoolWish;
  readonly host: string;
  readonly changedAt: Date;
}

/** @returns undefined when no `sluice up` starts workers on demand */
export async function findPool(db: Database): Promise<PoolView | undefined> {
  const [found] = await db
    .select({
      state: workerPool.state,
      wish: workerPool.wish,
      host: workerPool.host,
      changedAt: workerPool.changedAt,
    })
    .from(workerPool)
    .where(sql`${workerPool.holder} IS NOT NULL AND NOT ${isGone}`);
  return found;
}

/** Whoever holds the row follows it soon. */
export async function askPool(db: Database, wish: PoolWish): Promise<void> {
  await db.update(workerPool).set({ wish });
}

// Idempotency keys: a slot for each user and key, reserved before a request is read and settled with what it has made.
import { and, eq, isNull, lt, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { idempotencyKeys } from '../schema/access.ts';

/** A slot, and the import or the task that the request holding it is about to make. */
export interface KeySlot {
  readonly userId: string;
  readonly key: string;
  readonly importId: string;
}

/** What became of the request that a key was first sent with. */
export interface SettledKey {
  readonly importId: string;
  readonly optionsHash: string;
  /** Of its file; empty when it had none. */
  readonly sha256: string;
  /** Null: the import or the task as it is now. */
  readonly answer: Record<string, unknown> | null;
}

export type Reservation =
  /** The slot was free, or its lease had run out: it is the caller's now. */
  | { readonly kind: 'reserved' }
  /** The first request is under way. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'settled'; readonly first: SettledKey };

/** Exactly one of any number of callers at once reserves the slot. */
export async function reserveKey(
  db: Database,
  slot: KeySlot,
  optionsHash: string,
  leaseMs: number,
): Promise<Reservation> {
  for (;;) {
    const reserved = await db
      .insert(idempotencyKeys)
      .values({ ...slot, optionsHash, expiresAt: inMs(leaseMs) })
      .onConflictDoUpdate({
        target: [idempotencyKeys.userId, idempotencyKeys.key],
        set: { importId: slot.importId, optionsHash, sha256: null, answer: null, expiresAt: inMs(leaseMs) },
        setWhere: lt(idempotencyKeys.expiresAt, sql`now()`),
      })
      .returning({ key: idempotencyKeys.key });
    if (reserved.length > 0) return { kind: 'reserved' };
    const [held] = await db
      .select()
      .from(idempotencyKeys)
      .where(and(eq(idempotencyKeys.userId, slot.userId), eq(idempotencyKeys.key, slot.key)));
    // Freed between the two statements: try again.
    if (held === undefined) continue;
    return held.sha256 === null
      ? { kind: 'busy' }
      : { kind: 'settled', first: { ...held, sha256: held.sha256 } };
  }
}

/** The lease begins anew, if the slot is still held. */
export async function renewKey(db: Database, slot: KeySlot, leaseMs: number): Promise<void> {
  await db
    .update(idempotencyKeys)
    .set({ expiresAt: inMs(leaseMs) })
    .where(held(slot));
}

/** Ties the slot to what its request has made; run it in the transaction that records that. @returns false when the slot was lost to another request */
export async function settleKey(
  db: Database,
  slot: KeySlot,
  { sha256, answer, keepHours }: Pick<SettledKey, 'sha256' | 'answer'> & { readonly keepHours: number },
): Promise<boolean> {
  const rows = await db
    .update(idempotencyKeys)
    .set({ sha256, answer, expiresAt: inMs(keepHours * 3_600_000) })
    .where(held(slot))
    .returning({ key: idempotencyKeys.key });
  return rows.length > 0;
}

/** Lets the next request have the slot. A slot that is settled, or another's, stays. */
export async function freeKey(db: Database, slot: KeySlot): Promise<void> {
  await db.delete(idempotencyKeys).where(held(slot));
}

/** Removes some that are past their time. @returns how many; 0: there are no more */
export async function removeSomeExpiredKeys(db: Database): Promise<number> {
  const { rowCount } = await db.execute(sql`
    DELETE FROM ${idempotencyKeys} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${idempotencyKeys} WHERE expires_at < now() ORDER BY expires_at LIMIT 5000 FOR UPDATE SKIP LOCKED))`);
  return rowCount ?? 0;
}

function held({ userId, key, importId }: KeySlot) {
  return and(
    eq(idempotencyKeys.userId, userId),
    eq(idempotencyKeys.key, key),
    eq(idempotencyKeys.importId, importId),
    isNull(idempotencyKeys.sha256),
  );
}

/** By the clock of Postgres, which all processes share. */
function inMs(ms: number) {
  return sql`now() + ${ms} * interval '1 millisecond'`;
}

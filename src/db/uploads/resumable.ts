// Uploads that come in pieces. Two requests may send to the same one at once: of bytes from the same place on, the first that are written
// down count.
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { resumableUploads as resumable, uploadPieces } from '../schema/uploads.ts';
import { inTransaction, type Connection } from '../transaction.ts';
import { countKept, holdUploadsOf, type KeepLimits, type KeptTotals, type Owner } from './uploads.ts';

export type ResumableUpload = typeof resumable.$inferSelect;
export type Piece = Omit<typeof uploadPieces.$inferSelect, 'uploadId'>;

/** How long somebody who makes a kept upload of it may say nothing. */
const FINISHING_LEASE = sql`now() + interval '30 seconds'`;

/** @returns what its user keeps, when that is too much already */
export async function addResumable(
  db: Connection,
  upload: Pick<
    ResumableUpload,
    'id' | 'length' | 'fileName' | 'packing' | 'options' | 'metadata' | 'createdBy'
  >,
  { hours, mostUploads, mostBytes }: KeepLimits,
): Promise<KeptTotals | undefined> {
  return inTransaction(db, async (tx) => {
    await holdUploadsOf(tx, upload.createdBy);
    const now = await countKept(tx, upload.createdBy);
    if (now.uploads >= mostUploads || now.bytes + upload.length > mostBytes) return now;
    await tx.insert(resumable).values({ ...upload, expiresAt: inHours(hours) });
    return undefined;
  });
}

/** One that has expired is not found. */
export async function findResumable(
  db: Database,
  id: string,
  owner: Owner,
): Promise<ResumableUpload | undefined> {
  const [row] = await db
    .select()
    .from(resumable)
    .where(
      and(
        eq(resumable.id, id),
        gt(resumable.expiresAt, sql`now()`),
        owner === undefined ? undefined : eq(resumable.createdBy, owner),
      ),
    );
  return row;
}

/**
 * Writes down pieces that are stored and follow each other. It is kept for so many hours more.
 * @returns false when other bytes have come from there on meanwhile, or it is gone
 */
export async function addPieces(
  db: Connection,
  id: string,
  pieces: readonly Piece[],
  hours: number,
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const { rowCount } = await tx
      .update(resumable)
      .set({ received: pieces.at(-1)!.endByte, expiresAt: inHours(hours) })
      .where(and(eq(resumable.id, id), eq(resumable.received, pieces[0]!.startByte)));
    if (rowCount !== 1) return false;
    await tx.insert(uploadPieces).values(pieces.map((piece) => ({ uploadId: id, ...piece })));
    return true;
  });
}

/** In their order. */
export function listPieces(db: Database, id: string): Promise<Piece[]> {
  const { startByte, endByte, storageKey } = uploadPieces;
  return db
    .select({ startByte, endByte, storageKey })
    .from(uploadPieces)
    .where(eq(uploadPieces.uploadId, id))
    .orderBy(asc(startByte));
}

/** Takes one that is whole, to make a kept upload of it. @returns false when another one is at it */
export async function beginFinishing(db: Database, id: string): Promise<boolean> {
  const { rowCount } = await db
    .update(resumable)
    .set({ finishingUntil: FINISHING_LEASE })
    .where(
      and(
        eq(resumable.id, id),
        eq(resumable.received, resumable.length),
        sql`(${resumable.finishingUntil} IS NULL OR ${resumable.finishingUntil} < now())`,
      ),
    );
  return rowCount === 1;
}

/** Says that somebody is still at it; null: nobody is. */
export async function setFinishing(db: Database, id: string, isGoingOn: boolean): Promise<void> {
  await db
    .update(resumable)
    .set({ finishingUntil: isGoingOn ? FINISHING_LEASE : null })
    .where(eq(resumable.id, id));
}

/** Its bytes are removed after it: of a crash in between the sweep removes the rest. @returns whether it was there */
export async function deleteResumable(db: Database, id: string): Promise<boolean> {
  const { rowCount } = await db.delete(resumable).where(eq(resumable.id, id));
  return rowCount === 1;
}

/** Deletes some that are past their time, the oldest first. @returns their ids */
export async function deleteExpiredResumable(db: Database, limit: number): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    DELETE FROM ${resumable} WHERE id IN (
      SELECT id FROM ${resumable} WHERE expires_at <= now() AND (finishing_until IS NULL OR finishing_until < now())
       ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING id`);
  return rows.map(({ id }) => id);
}

/** Which of these ids are there; the others' folders are leftovers. */
export async function existingResumable(db: Database, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.execute<{ id: string }>(
    sql`SELECT id FROM ${resumable} WHERE id = ANY(${sql.param(ids)}::uuid[])`,
  );
  return new Set(rows.map((row) => row.id));
}

/** By the clock of Postgres, which all processes share. */
function inHours(hours: number) {
  return sql`now() + ${hours} * interval '1 hour'`;
}

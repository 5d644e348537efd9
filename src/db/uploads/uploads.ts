// Kept uploads: files that were sent, and are not an import, or not only one. Their bytes are in the storage.
import { and, desc, eq, gt, lt, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { creators, toCreator, type Creator } from '../access/users.ts';
import { resumableUploads, uploads } from '../schema/uploads.ts';
import { inTransaction, type Connection, type Tx } from '../transaction.ts';

type Row = typeof uploads.$inferSelect;

export type NewUpload = Omit<Row, 'createdAt' | 'expiresAt'>;

export interface UploadRow extends Omit<Row, 'createdBy'> {
  readonly createdBy: NonNullable<Creator>;
}

/** Whose uploads are meant; undefined: those of all users. */
export type Owner = string | undefined;

/** What a user may keep. */
export interface KeepLimits {
  readonly hours: number;
  readonly mostUploads: number;
  readonly mostBytes: number;
}

/** What a user keeps now. */
export interface KeptTotals {
  readonly uploads: number;
  readonly bytes: number;
}

export type Kept =
  | { readonly kind: 'kept'; readonly id: string; readonly expiresAt: Date }
  /** It would be more than the user may keep. */
  | { readonly kind: 'full'; readonly now: KeptTotals };

/**
 * Records an upload whose bytes are in the storage, if its user may keep one more. Of two at once the second counts the first.
 * @param reuse takes an upload of the same bytes and options in its place, which is kept anew: a file that is sent again and again
 * with the same question is kept once
 */
export async function recordUpload(
  db: Connection,
  upload: NewUpload,
  limits: KeepLimits,
  reuse: boolean,
): Promise<Kept> {
  return inTransaction(db, async (tx) => {
    await holdUploadsOf(tx, upload.createdBy);
    const same = reuse ? await keepAnew(tx, upload, limits) : undefined;
    if (same !== undefined) return { kind: 'kept', ...same };
    const now = await countKept(tx, upload.createdBy, upload.id);
    if (now.uploads >= limits.mostUploads || now.bytes + upload.bytes > limits.mostBytes)
      return { kind: 'full', now };
    // One that came in pieces is a kept upload from now on. Where two make it of the same pieces, the first has made it.
    await tx.delete(resumableUploads).where(eq(resumableUploads.id, upload.id));
    await tx
      .insert(uploads)
      .values({ ...upload, expiresAt: inHours(limits.hours) })
      .onConflictDoNothing();
    const [kept] = await tx
      .select({ id: uploads.id, expiresAt: uploads.expiresAt })
      .from(uploads)
      .where(eq(uploads.id, upload.id));
    return { kind: 'kept', ...kept! };
  });
}

async function keepAnew(tx: Tx, upload: NewUpload, { hours }: KeepLimits) {
  const [same] = await tx
    .select({ id: uploads.id })
    .from(uploads)
    .where(
      and(
        eq(uploads.createdBy, upload.createdBy),
        eq(uploads.sha256, upload.sha256),
        eq(uploads.bytes, upload.bytes),
        sql`${uploads.options} = ${JSON.stringify(upload.options)}::jsonb`,
        sql`${uploads.fileName} IS NOT DISTINCT FROM ${upload.fileName}`,
        sql`${uploads.packing} IS NOT DISTINCT FROM ${upload.packing}`,
        sql`${uploads.parentId} IS NOT DISTINCT FROM ${upload.parentId}`,
        isKept(),
      ),
    )
    .limit(1)
    .for('update');
  if (same === undefined) return undefined;
  const [kept] = await tx
    .update(uploads)
    .set({ expiresAt: inHours(hours) })
    .where(eq(uploads.id, same.id))
    .returning({ id: uploads.id, expiresAt: uploads.expiresAt });
  return kept;
}

/** Those that come in pieces count with all their bytes from the beginning. @param besides this one, which is to become a kept one */
export async function countKept(db: Database, userId: string, besides?: string): Promise<KeptTotals> {
  const { rows } = await db.execute<{ uploads: number; bytes: number }>(sql`
    SELECT count(*)::int AS uploads, coalesce(sum(bytes), 0)::float8 AS bytes FROM (
      SELECT id, bytes FROM ${uploads} WHERE created_by = ${userId} AND expires_at > now()
      UNION ALL
      SELECT id, length FROM ${resumableUploads} WHERE created_by = ${userId} AND expires_at > now()) AS kept
     WHERE id IS DISTINCT FROM ${besides ?? null}::uuid`);
  return rows[0]!;
}

/** Holds the uploads of a user for the rest of the transaction: of two that come at once the second counts the first. */
export async function holdUploadsOf(tx: Tx, userId: string): Promise<void> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`uploads/${userId}`}, 0))`);
}

/** One that has expired is not found, also while its bytes are still there. */
export async function findUpload(db: Database, id: string, owner: Owner): Promise<UploadRow | undefined> {
  const [row] = await selectUploads(db).where(and(eq(uploads.id, id), isKept(), isOf(owner)));
  return row && toUploadRow(row);
}

/** Newest first; those before `beforeId`. */
export async function listUploads(
  db: Database,
  owner: Owner,
  limit: number,
  beforeId?: string,
): Promise<UploadRow[]> {
  const rows = await selectUploads(db)
    .where(and(isKept(), isOf(owner), beforeId === undefined ? undefined : lt(uploads.id, beforeId)))
    .orderBy(desc(uploads.id))
    .limit(limit);
  return rows.map(toUploadRow);
}

/**
 * Keeps with an upload what was said of it.
 * @param takenBack options that hold no more
 * @returns the options that hold now; undefined: it is not there
 */
export async function sayOfUpload(
  db: Database,
  id: string,
  said: Readonly<Record<string, string>>,
  takenBack: readonly string[],
): Promise<Row['options'] | undefined> {
  const [row] = await db
    .update(uploads)
    .set({
      options: sql`${uploads.options} - ${sql.param(takenBack)}::text[] || ${JSON.stringify(said)}::jsonb`,
    })
    .where(and(eq(uploads.id, id), isKept()))
    .returning({ options: uploads.options });
  return row?.options;
}

/** Its bytes are removed after it: of a crash in between the sweep removes the rest. @returns whether it was there */
export async function deleteUpload(db: Database, id: string, owner: Owner): Promise<boolean> {
  const { rowCount } = await db.delete(uploads).where(and(eq(uploads.id, id), isOf(owner)));
  return (rowCount ?? 0) > 0;
}

/** Deletes some that are past their time, the oldest first. @returns their ids */
export async function deleteExpiredUploads(db: Database, limit: number): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    DELETE FROM ${uploads} WHERE id IN (
      SELECT id FROM ${uploads} WHERE expires_at <= now() ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING id`);
  return rows.map(({ id }) => id);
}

/** Which of these ids are kept uploads; the others' folders are leftovers. */
export async function existingUploads(db: Database, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.execute<{ id: string }>(
    sql`SELECT id FROM ${uploads} WHERE id = ANY(${sql.param(ids)}::uuid[])`,
  );
  return new Set(rows.map((row) => row.id));
}

function selectUploads(db: Database) {
  return db
    .select({ upload: uploads, creatorName: creators.name })
    .from(uploads)
    .leftJoin(creators, eq(creators.id, uploads.createdBy))
    .$dynamic();
}

function toUploadRow(row: { upload: Row; creatorName: string | null }): UploadRow {
  return { ...row.upload, createdBy: toCreator(row.upload.createdBy, row.creatorName)! };
}

function isKept() {
  return gt(uploads.expiresAt, sql`now()`);
}

function isOf(owner: Owner) {
  return owner === undefined ? undefined : eq(uploads.createdBy, owner);
}

/** By the clock of Postgres, which all processes share. */
function inHours(hours: number) {
  return sql`now() + ${hours} * interval '1 hour'`;
}

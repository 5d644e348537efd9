// Which files of the inbox have become imports, so that each becomes one once.
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { inboxFiles } from '../schema/uploads.ts';
import type { Tx } from '../transaction.ts';

export interface TakenFile {
  readonly path: string;
  readonly version: string;
  readonly importId: string;
  /** The task that has taken it. */
  readonly taskId: string;
}

/**
 * Of these paths, what a dataset has taken before; other versions of them too. What is seen is not forgotten.
 * @param paths all that are in the inbox now, as far as the caller has looked
 */
export async function seenInInbox(
  db: Database,
  dataset: string,
  paths: readonly string[],
): Promise<TakenFile[]> {
  return db
    .update(inboxFiles)
    .set({ seenAt: sql`now()` })
    .where(and(eq(inboxFiles.dataset, dataset), inArray(inboxFiles.path, [...paths])))
    .returning();
}

/**
 * Forgets some files that have been away from the inbox for 90 days; one that comes back is taken again.
 * @returns whether there may be more
 */
export async function forgetSomeFiles(db: Database): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    DELETE FROM ${inboxFiles} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${inboxFiles} WHERE seen_at < now() - interval '90 days' LIMIT 5000 FOR UPDATE SKIP LOCKED))`);
  return rowCount === 5000;
}

/** In the transaction that records its import. @returns false when another task has taken the file meanwhile */
export async function takeFromInbox(tx: Tx, dataset: string, file: TakenFile): Promise<boolean> {
  const { rowCount } = await tx
    .insert(inboxFiles)
    .values({ dataset, ...file })
    .onConflictDoNothing();
  return (rowCount ?? 0) > 0;
}

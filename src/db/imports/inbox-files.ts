// Which files of the inbox have become imports, so that each becomes one once.
import { and, eq, inArray, lt, sql } from 'drizzle-orm';
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

/** A file that has been away for so long is forgotten, and taken again should it come back. */
const FORGET_AFTER = sql`interval '90 days'`;

/**
 * Of these paths, what a dataset has taken before; other versions of them too. What is seen is not forgotten.
 * @param paths all that are in the inbox now, as far as the caller has looked
 */
export async function seenInInbox(
  db: Database,
  dataset: string,
  paths: readonly string[],
): Promise<TakenFile[]> {
  const seen = await db
    .update(inboxFiles)
    .set({ seenAt: sql`now()` })
    .where(and(eq(inboxFiles.dataset, dataset), inArray(inboxFiles.path, [...paths])))
    .returning();
  await db.delete(inboxFiles).where(lt(inboxFiles.seenAt, sql`now() - ${FORGET_AFTER}`));
  return seen;
}

/** In the transaction that records its import. @returns false when another task has taken the file meanwhile */
export async function takeFromInbox(tx: Tx, dataset: string, file: TakenFile): Promise<boolean> {
  const { rowCount } = await tx
    .insert(inboxFiles)
    .values({ dataset, ...file })
    .onConflictDoNothing();
  return (rowCount ?? 0) > 0;
}

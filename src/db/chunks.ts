// Chunks of an import: the plan, the claim, and the checkpoint that becomes true together with the rows.
import { and, asc, count, eq, isNull, sql } from 'drizzle-orm';
import type { ChunkPlan, TableEnd } from '../core/csv/types.ts';
import type { ImportCounts } from '../core/task.ts';
import type { Database } from './client.ts';
import { importChunks, imports } from './schema.ts';

export type ChunkRow = typeof importChunks.$inferSelect;

const INSERT_BATCH = 1000;

/** Records the plan, once: when a twin was faster its plan stands and this one is dropped. Both are the same by construction. */
export async function insertPlan(
  db: Database,
  importId: string,
  plan: readonly ChunkPlan[],
  tableEnd?: TableEnd,
): Promise<void> {
  const records = plan.reduce((sum, chunk) => sum + chunk.records, 0);
  await db.transaction(async (tx) => {
    const [planned] = await tx
      .update(imports)
      .set({
        plannedAt: sql`now()`,
        records,
        ...(tableEnd && { dialect: sql`${imports.dialect} || ${JSON.stringify({ tableEnd })}::jsonb` }),
      })
      .where(and(eq(imports.id, importId), isNull(imports.plannedAt)))
      .returning({ id: imports.id });
    if (planned === undefined) return;
    for (let at = 0; at < plan.length; at += INSERT_BATCH)
      await tx
        .insert(importChunks)
        .values(
          plan
            .slice(at, at + INSERT_BATCH)
            .map((chunk) => ({ importId, ...chunk, broken: [...chunk.broken] })),
        );
  });
}

/** Chunks still to be done, in file order. */
export async function listWaitingChunks(db: Database, importId: string, limit?: number): Promise<number[]> {
  const query = db
    .select({ chunkNo: importChunks.chunkNo })
    .from(importChunks)
    .where(and(eq(importChunks.importId, importId), eq(importChunks.status, 'waiting')))
    .orderBy(asc(importChunks.chunkNo));
  const rows = await (limit === undefined ? query : query.limit(limit));
  return rows.map((row) => row.chunkNo);
}

/**
 * Counts a beginning, outside the transaction that may die with its worker.
 * @returns how often it was begun, this time included; undefined when another transaction holds the chunk
 */
export async function countChunkStart(
  db: Database,
  importId: string,
  chunkNo: number,
): Promise<number | undefined> {
  const { rows } = await db.execute<{ starts: number }>(sql`
    UPDATE ${importChunks} SET starts = starts + 1
     WHERE (import_id, chunk_no) = (
       SELECT import_id, chunk_no FROM ${importChunks}
        WHERE import_id = ${importId} AND chunk_no = ${chunkNo} FOR UPDATE SKIP LOCKED)
    RETURNING starts`);
  return rows[0]?.starts;
}

/** Locks a chunk until the end of the transaction; a twin waits here and then finds it done. */
export async function claimChunk(
  db: Database,
  importId: string,
  chunkNo: number,
): Promise<ChunkRow | undefined> {
  const [row] = await db
    .select()
    .from(importChunks)
    .where(and(eq(importChunks.importId, importId), eq(importChunks.chunkNo, chunkNo)))
    .for('update');
  return row;
}

/** The checkpoint: written in the transaction that lands the rows. */
export async function markChunkDone(
  db: Database,
  importId: string,
  chunkNo: number,
  outcome: Pick<ChunkRow, 'loaded' | 'rejected' | 'errors' | 'rejectsKey'>,
): Promise<void> {
  await db
    .update(importChunks)
    .set({ status: 'done', doneAt: sql`now()`, ...outcome })
    .where(and(eq(importChunks.importId, importId), eq(importChunks.chunkNo, chunkNo)));
}

/** After a rollback of landed rows: nothing of the chunks counts any more. */
export async function markChunksUndone(db: Database, importId: string): Promise<void> {
  await db
    .update(importChunks)
    .set({ status: 'undone', loaded: 0, rejected: 0, errors: 0, rejectsKey: null })
    .where(eq(importChunks.importId, importId));
}

/** Sums over the chunks that are done. `records` is null while the file has not been scanned. */
export async function sumCounts(db: Database, importId: string): Promise<ImportCounts> {
  const { rows } = await db.execute<Record<'records' | 'loaded' | 'rejected' | 'errors', string | null>>(sql`
    SELECT i.records, coalesce(sum(c.loaded), 0) loaded, coalesce(sum(c.rejected), 0) rejected, coalesce(sum(c.errors), 0) errors
      FROM ${imports} i LEFT JOIN ${importChunks} c ON c.import_id = i.id
     WHERE i.id = ${importId} GROUP BY i.id`);
  const row = rows[0];
  if (row === undefined) throw new Error(`There is no import ${importId}`);
  return {
    records: row.records === null ? null : Number(row.records),
    loaded: Number(row.loaded),
    rejected: Number(row.rejected),
    errors: Number(row.errors),
  };
}

export async function countChunks(db: Database, importId: string): Promise<{ done: number; total: number }> {
  const [row] = await db
    .select({
      total: count(),
      done: sql<number>`count(*) FILTER (WHERE ${importChunks.status} = 'done')`.mapWith(Number),
    })
    .from(importChunks)
    .where(eq(importChunks.importId, importId));
  return row ?? { done: 0, total: 0 };
}

/** Where the rejects of the done chunks are, in file order. */
export async function listRejectKeys(db: Database, importId: string): Promise<string[]> {
  const { rows } = await db.execute<{ key: string }>(sql`
    SELECT rejects_key AS key FROM ${importChunks}
     WHERE import_id = ${importId} AND status = 'done' AND rejects_key IS NOT NULL ORDER BY chunk_no`);
  return rows.map((row) => row.key);
}

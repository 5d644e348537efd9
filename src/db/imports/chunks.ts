// Chunks of an import: the plan, the claim, and the checkpoint that becomes true together with the rows.
import { and, asc, count, eq, gt, ne, sql } from 'drizzle-orm';
import type { FilePlan } from '../../core/csv/types.ts';
import { countRecords, type ImportCounts } from '../../core/imports/import-counts.ts';
import type { Database } from '../client.ts';
import { importChunks, imports } from '../schema/imports.ts';

export type ChunkRow = typeof importChunks.$inferSelect;

/**
 * Records the plan, once: when another worker was faster its plan stands and this one is dropped. Both are the same by construction.
 * @param starts what `beginChunk` would count: 1 for chunks that are begun in the same breath
 * @returns whether it is this plan that stands
 */
export async function insertPlan(
  db: Database,
  importId: string,
  { chunks, records, learnt }: FilePlan,
  starts: 0 | 1 = 0,
): Promise<boolean> {
  const { rows } = await db.execute(sql`
    WITH planned AS (
      UPDATE ${imports} SET planned_at = now(), records = ${records}, plan = NULL, dialect = dialect || ${JSON.stringify(learnt)}::jsonb
       WHERE id = ${importId} AND planned_at IS NULL RETURNING id),
    inserted AS (
      INSERT INTO ${importChunks} (import_id, starts, chunk_no, start_byte, end_byte, first_row, first_line, records, broken)
      SELECT planned.id, ${starts}, "chunkNo", "startByte", "endByte", "firstRow", "firstLine", chunk.records, broken
        FROM planned, jsonb_to_recordset(${JSON.stringify(chunks)}) AS chunk (
          "chunkNo" integer, "startByte" bigint, "endByte" bigint, "firstRow" bigint, "firstLine" bigint, records integer, broken jsonb))
    SELECT FROM planned`);
  return rows.length > 0;
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

export async function findChunk(
  db: Database,
  importId: string,
  chunkNo: number,
): Promise<ChunkRow | undefined> {
  const [row] = await db
    .select()
    .from(importChunks)
    .where(and(eq(importChunks.importId, importId), eq(importChunks.chunkNo, chunkNo)));
  return row;
}

/** The rows of each chunk, in file order. */
export async function listChunkRows(
  db: Database,
  importId: string,
): Promise<{ chunkNo: number; firstRow: number; records: number }[]> {
  return db
    .select({
      chunkNo: importChunks.chunkNo,
      firstRow: importChunks.firstRow,
      records: importChunks.records,
    })
    .from(importChunks)
    .where(eq(importChunks.importId, importId))
    .orderBy(asc(importChunks.chunkNo));
}

/** The chunk that has a record, by its number in the file, and where the next one begins. */
export async function findChunkOfRow(
  db: Database,
  importId: string,
  row: number,
): Promise<(ChunkRow & { readonly nextLine: number | null }) | undefined> {
  const [found, next] = await db
    .select()
    .from(importChunks)
    .where(
      and(
        eq(importChunks.importId, importId),
        sql`${importChunks.firstRow} + ${importChunks.records} > ${row}`,
      ),
    )
    .orderBy(asc(importChunks.chunkNo))
    .limit(2);
  return found === undefined || found.firstRow > row
    ? undefined
    : { ...found, nextLine: next?.firstLine ?? null };
}

/** Locks a chunk until the end of the transaction; another worker waits here and then finds it done. */
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

/** What became of a chunk's records, and where its rejects are. */
export type ChunkOutcome = Pick<ChunkRow, 'loaded' | 'rejected' | 'errors' | 'rejectsKey'>;

/** The checkpoint: written in the transaction that lands the rows. */
export async function markChunkDone(
  db: Database,
  importId: string,
  chunkNo: number,
  outcome: ChunkOutcome,
): Promise<void> {
  await db
    .update(importChunks)
    .set({ status: 'done', doneAt: sql`clock_timestamp()`, ...outcome })
    .where(and(eq(importChunks.importId, importId), eq(importChunks.chunkNo, chunkNo)));
}

/** Counts records of a done chunk that Postgres refused later, and tells where its rejects are now. `loaded` stays: see `takeFromLoaded`. */
export async function addLateRejects(
  db: Database,
  importId: string,
  chunkNo: number,
  late: { readonly rejected: number; readonly errors: number; readonly rejectsKey: string },
): Promise<void> {
  await db
    .update(importChunks)
    .set({
      rejected: sql`${importChunks.rejected} + ${late.rejected}`,
      errors: sql`${importChunks.errors} + ${late.errors}`,
      rejectsKey: late.rejectsKey,
    })
    .where(and(eq(importChunks.importId, importId), eq(importChunks.chunkNo, chunkNo)));
}

/**
 * Holds done chunks until the end of the transaction, in file order: those that have one of the rows, or all of them.
 * @param rows null: all chunks
 */
export async function claimChunksOf(
  db: Database,
  importId: string,
  rows: readonly number[] | null,
): Promise<{ chunkNo: number; firstRow: number; records: number }[]> {
  const hasOne =
    rows === null
      ? undefined
      : sql`EXISTS (SELECT FROM unnest(${sql.param(rows)}::bigint[]) AS r
                     WHERE r >= ${importChunks.firstRow} AND r < ${importChunks.firstRow} + ${importChunks.records})`;
  return db
    .select({
      chunkNo: importChunks.chunkNo,
      firstRow: importChunks.firstRow,
      records: importChunks.records,
    })
    .from(importChunks)
    .where(and(eq(importChunks.importId, importId), eq(importChunks.status, 'done'), hasOne))
    .orderBy(asc(importChunks.chunkNo))
    .for('update');
}

/** Rows of a done chunk were taken out of the table again. */
export async function takeFromLoaded(
  db: Database,
  importId: string,
  chunkNo: number,
  rows: number,
): Promise<void> {
  await db
    .update(importChunks)
    .set({ loaded: sql`${importChunks.loaded} - ${rows}` })
    .where(and(eq(importChunks.importId, importId), eq(importChunks.chunkNo, chunkNo)));
}

/** After staging was lost: every chunk is to be done again. */
export async function restageChunks(db: Database, importId: string): Promise<void> {
  await db
    .update(importChunks)
    .set({ status: 'waiting', loaded: 0, rejected: 0, errors: 0, rejectsKey: null, doneAt: null })
    .where(eq(importChunks.importId, importId));
}

/**
 * Holds the done chunks until the end of the transaction. Who changes one holds it before it looks at the task, so whoever ends the
 * task and changes chunks too must have these first.
 * @returns false when somebody else has one of them
 */
export async function claimDoneChunks(db: Database, importId: string): Promise<boolean> {
  const { rows } = await db.execute<{ all: boolean }>(sql`
    WITH done AS (SELECT chunk_no FROM ${importChunks} WHERE import_id = ${importId} AND status = 'done'),
         held AS (
           SELECT chunk_no FROM ${importChunks} WHERE import_id = ${importId} AND status = 'done'
              FOR UPDATE SKIP LOCKED)
    SELECT (SELECT count(*) FROM held) = (SELECT count(*) FROM done) AS all`);
  return rows[0]!.all;
}

/**
 * After a rollback of landed rows: nothing of the chunks counts any more. Chunks that are not done may be held, and count nothing.
 * `rejectsKey` stays: it tells rejected records from those whose rows somebody else had taken away before.
 */
export async function markChunksUndone(db: Database, importId: string): Promise<void> {
  await db
    .update(importChunks)
    .set({ status: 'undone', loaded: 0, rejected: 0, errors: 0 })
    .where(and(eq(importChunks.importId, importId), eq(importChunks.status, 'done')));
}

/** What became of the records so far. */
export async function sumCounts(db: Database, importId: string): Promise<ImportCounts> {
  const [row] = await db
    .select({
      imp: imports,
      landed: sql`coalesce(sum(${importChunks.loaded}), 0)`.mapWith(Number),
      rejected: sql`coalesce(sum(${importChunks.rejected}), 0)`.mapWith(Number),
      errors: sql`coalesce(sum(${importChunks.errors}), 0)`.mapWith(Number),
    })
    .from(imports)
    .leftJoin(importChunks, eq(importChunks.importId, imports.id))
    .where(eq(imports.id, importId))
    .groupBy(imports.id);
  if (row === undefined) throw new Error(`There is no import ${importId}`);
  return countRecords({ ...row.imp, ...row });
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

/** Chunks in file order, all or those that are not done: a page behind the chunk `after`. */
export async function listChunks(
  db: Database,
  importId: string,
  which: 'all' | 'undone',
  after: number,
  limit: number,
): Promise<ChunkRow[]> {
  return db
    .select()
    .from(importChunks)
    .where(
      and(
        eq(importChunks.importId, importId),
        gt(importChunks.chunkNo, after),
        which === 'all' ? undefined : ne(importChunks.status, 'done'),
      ),
    )
    .orderBy(asc(importChunks.chunkNo))
    .limit(limit);
}

// How often each chunk was begun: a chunk that is begun again and again, and never done, ends its workers.
import { and, eq, getTableColumns, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { importChunks, imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';
import type { ImportRow } from './imports.ts';

/** A chunk that may be begun, and what it belongs to. */
export interface BegunChunk {
  readonly imp: ImportRow;
  /** How often the chunk was begun, this time included. */
  readonly starts: number;
  /** What its task was said to wait for. */
  readonly waitingFor: string | null;
}

/**
 * Counts a beginning, outside the transaction that may die with its worker.
 * @param mayBeForgotten it does not wait for the disk, where the rows of other chunks come first: a crash of Postgres may forget it, unlike
 * one of the worker. Not for a chunk that was begun before: it may be what ends Postgres
 * @returns undefined when the task does not run, or another transaction holds the chunk
 */
export async function beginChunk(
  db: Database,
  importId: string,
  chunkNo: number,
  mayBeForgotten: boolean,
): Promise<BegunChunk | undefined> {
  const commit = mayBeForgotten ? sql`set_config('synchronous_commit', 'off', true)` : sql`NULL`;
  const free = db.$with('free').as(
    db
      .select({
        importId: importChunks.importId,
        chunkNo: importChunks.chunkNo,
        commit: commit.as('commit'),
      })
      .from(importChunks)
      .where(and(eq(importChunks.importId, importId), eq(importChunks.chunkNo, chunkNo)))
      .for('update', { skipLocked: true }),
  );
  const [begun] = await db
    .with(free)
    .update(importChunks)
    .set({ starts: sql`${importChunks.starts} + 1` })
    .from(free)
    .innerJoin(imports, eq(imports.id, free.importId))
    .innerJoin(tasks, and(eq(tasks.id, imports.id), eq(tasks.status, 'running')))
    .where(and(eq(importChunks.importId, free.importId), eq(importChunks.chunkNo, free.chunkNo)))
    .returning({ ...getTableColumns(imports), starts: importChunks.starts, waitingFor: tasks.waitingFor });
  if (begun === undefined) return undefined;
  const { starts, waitingFor, ...imp } = begun;
  return { imp, starts, waitingFor };
}

/** Takes a beginning back that has come to nothing through no fault of the chunk. */
export async function uncountChunkStart(db: Database, importId: string, chunkNo: number): Promise<void> {
  await db
    .update(importChunks)
    .set({ starts: sql`${importChunks.starts} - 1` })
    .where(and(eq(importChunks.importId, importId), eq(importChunks.chunkNo, chunkNo)));
}

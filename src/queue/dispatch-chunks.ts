// Ringing for the chunks of an import, as children of its job, which waits for them.
import { IMPORT } from '../core/tasks/task-kinds.ts';
import { dropEnded } from './dispatch.ts';
import type { ChunkJob, Queues } from './queues.ts';

export function chunkJobId(importId: string, chunkNo: number): string {
  return `${importId}-${chunkNo}`;
}

/** A chunk that fails for good does not fail the import's job in Redis: Postgres has the reason, and the import ends by it. */
export async function dispatchChunks(
  queues: Queues,
  importId: string,
  chunkNos: readonly number[],
): Promise<void> {
  const parent = { id: importId, queue: queues[IMPORT.queue].qualifiedName };
  await queues.chunks.addBulk(
    chunkNos.map((chunkNo) => ({
      name: 'chunk',
      data: { importId, chunkNo } satisfies ChunkJob,
      opts: { jobId: chunkJobId(importId, chunkNo), parent, ignoreDependencyOnFailure: true },
    })),
  );
}

/** Rings again for chunks that nobody has done for a while, if Redis has lost them or thinks they are over. @returns those rung for */
export async function dispatchLostChunks(
  queues: Queues,
  importId: string,
  chunkNos: readonly number[],
): Promise<number[]> {
  const lost: number[] = [];
  for (const chunkNo of chunkNos) {
    const state = await queues.chunks.getJobState(chunkJobId(importId, chunkNo));
    if (state === 'unknown' || state === 'completed' || state === 'failed') lost.push(chunkNo);
  }
  for (const chunkNo of lost) await dropEnded(queues.chunks, chunkJobId(importId, chunkNo));
  if (lost.length > 0) await dispatchChunks(queues, importId, lost);
  return lost;
}

/** Whether the import's job waits for its chunks. */
export async function waitsForChunks(queues: Queues, importId: string): Promise<boolean> {
  return (await queues[IMPORT.queue].getJobState(importId)) === 'waiting-children';
}

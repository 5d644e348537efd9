// Ringing the bell: telling the queue of work that Postgres already knows. Ringing twice does no harm.
import type { Job, Queue } from 'bullmq';
import type { TaskName } from '../core/tasks/task.ts';
import type { ChunkJob, ImportJob, Queues, UndoJob } from './queues.ts';

export function chunkJobId(importId: string, chunkNo: number): string {
  return `${importId}-${chunkNo}`;
}

/** Rings for an import that was just recorded. @throws Error at once when Redis is away */
export async function dispatchImport(queues: Queues, importId: string): Promise<void> {
  requireReady(queues);
  await queues.imports.add('import', { importId }, { jobId: importId });
}

/** Rings for an undo that was just recorded. @throws Error at once when Redis is away */
export async function dispatchUndo(queues: Queues, undoId: string): Promise<void> {
  requireReady(queues);
  await queues.imports.add('undo', { undoId }, { jobId: undoId });
}

/**
 * Rings for chunks of an import, as children of its job, which waits for them.
 * A chunk that fails for good does not fail the parent in Redis: Postgres has the reason, and the parent ends by it.
 */
export async function dispatchChunks(
  queues: Queues,
  importId: string,
  chunkNos: readonly number[],
): Promise<void> {
  await queues.chunks.addBulk(
    chunkNos.map((chunkNo) => ({
      name: 'chunk',
      data: { importId, chunkNo } satisfies ChunkJob,
      opts: {
        jobId: chunkJobId(importId, chunkNo),
        parent: { id: importId, queue: queues.imports.qualifiedName },
        ignoreDependencyOnFailure: true,
      },
    })),
  );
}

/**
 * Rings again for a task that Postgres knows to be unfinished, if Redis has lost it or thinks it is over.
 * @returns whether it had to be rung
 */
export async function dispatchLostTask(
  queues: Queues,
  { id, name }: { readonly id: string; readonly name: TaskName },
): Promise<boolean> {
  await dropFinal(queues.imports, id);
  if ((await queues.imports.getJobState(id)) !== 'unknown') return false;
  await RING[name](queues, id);
  return true;
}

const RING = { import: dispatchImport, undo: dispatchUndo } satisfies Record<TaskName, unknown>;

/** The same for chunks that nobody has done for a while; the parent is waiting for them. @returns the chunks rung */
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
  for (const chunkNo of lost) await dropFinal(queues.chunks, chunkJobId(importId, chunkNo));
  if (lost.length > 0) await dispatchChunks(queues, importId, lost);
  return lost;
}

/** Takes a job out of the queue; one that is being worked on stays and finds out by Postgres. */
export async function withdrawImport(queues: Queues, importId: string): Promise<void> {
  requireReady(queues);
  await queues.imports.remove(importId);
}

/** A finished job keeps its id for a while, and an add with that id would be ignored. */
async function dropFinal(queue: Queue<ImportJob | UndoJob> | Queue<ChunkJob>, jobId: string): Promise<void> {
  const job: Job | undefined = await (queue as Queue).getJob(jobId);
  if (job === undefined) return;
  const state = await job.getState();
  if (state === 'completed' || state === 'failed') await job.remove();
}

function requireReady(queues: Queues): void {
  if (!queues.isReady()) throw new Error('Redis cannot be reached');
}

import { listWaitingChunks } from '../../db/imports/chunks.ts';
import { dispatchLostChunks, waitsForChunks } from '../../queue/dispatch-chunks.ts';
import type { SweepDeps } from '../steps-task.ts';

/** Chunks are worked on in file order, so a lost one is soon among the first that wait. */
const CHUNKS_PER_SWEEP = 100;

/** An import's job may wait for chunks that are no longer in Redis. @returns how many were rung for */
export async function dispatchLostParts({ db, queues }: SweepDeps, importId: string): Promise<number> {
  if (!(await waitsForChunks(queues, importId))) return 0;
  const waiting = await listWaitingChunks(db, importId, CHUNKS_PER_SWEEP);
  return (await dispatchLostChunks(queues, importId, waiting)).length;
}

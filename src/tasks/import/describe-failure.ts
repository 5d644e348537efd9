import { countChunks, listWaitingChunks } from '../../db/imports/chunks.ts';
import type { Database } from '../../db/client.ts';

/** The step of an import that has failed, and how a sentence about it begins. */
export interface FailedStep {
  readonly code: 'plan-failed' | 'chunk-failed' | 'publish-failed';
  readonly what: string;
  readonly chunkNo?: number;
}

/** @param chunkNo of the work that has failed; left out: it was not about one chunk, but it may have loaded the only one */
export async function describeFailedStep(
  db: Database,
  importId: string,
  chunkNo?: number,
): Promise<FailedStep> {
  if (chunkNo !== undefined) return chunkFailed(chunkNo);
  const { done, total } = await countChunks(db, importId);
  if (total === 0) return { code: 'plan-failed', what: 'The file could not be planned' };
  if (done === total) return { code: 'publish-failed', what: 'The rows could not be published' };
  const [waiting] = await listWaitingChunks(db, importId, 1);
  return chunkFailed(waiting ?? 0);
}

function chunkFailed(chunkNo: number): FailedStep {
  return { code: 'chunk-failed', what: `Chunk ${chunkNo} could not be loaded`, chunkNo };
}

// Shows an import's progress on its job, for Bull Board. Users read it from Postgres.
import { countChunks } from '../db/imports/chunks.ts';
import type { Database } from '../db/client.ts';
import type { Queues } from '../queue/queues.ts';

/** Told at most this often for one import by one worker. */
const INTERVAL_MS = 500;

export type ReportProgress = (importId: string) => Promise<void>;

export function createProgressReport(db: Database, queues: Queues, now: () => number): ReportProgress {
  const toldAt = new Map<string, number>();
  return async (importId) => {
    if (now() - (toldAt.get(importId) ?? 0) < INTERVAL_MS) return;
    const { done, total } = await countChunks(db, importId);
    if (done < total) toldAt.set(importId, now());
    else toldAt.delete(importId);
    await queues.imports.updateJobProgress(importId, {
      chunksDone: done,
      chunksTotal: total,
      percent: Math.floor((100 * done) / total),
    });
  };
}

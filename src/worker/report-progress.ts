// Shows an import's progress on its job, for Bull Board. Users read it from Postgres.
import { IMPORT } from '../core/tasks/task-kinds.ts';
import { countChunks } from '../db/imports/chunks.ts';
import type { Database } from '../db/client.ts';
import type { Queues } from '../queue/queues.ts';

/** Told at most this often for one import by one worker. */
const INTERVAL_MS = 500;

export type ReportProgress = (importId: string) => Promise<void>;

export function createProgressReport(db: Database, queues: Queues, now: () => number): ReportProgress {
  const mayTell = oncePer(INTERVAL_MS, now);
  return async (importId) => {
    if (!mayTell(importId)) return;
    const { done, total } = await countChunks(db, importId);
    await queues[IMPORT.queue].updateJobProgress(importId, {
      chunksDone: done,
      chunksTotal: total,
      percent: Math.floor((100 * done) / total),
    });
  };
}

/** Says yes once in each interval for an id. Keeps no id for longer: of many imports there may be no last word. */
export function oncePer(
  intervalMs: number,
  now: () => number,
  told = new Map<string, number>(),
): (id: string) => boolean {
  return (id) => {
    // In the order of telling.
    for (const [each, at] of told) {
      if (now() - at < intervalMs) break;
      told.delete(each);
    }
    if (told.has(id)) return false;
    told.set(id, now());
    return true;
  };
}

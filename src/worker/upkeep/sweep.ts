// What keeps the promise "Postgres knows, Redis rings the bell": unfinished work that Redis has lost is rung again,
// and files that nobody needs are removed.
import { isUuid } from '../../core/uuid.ts';
import { listWaitingChunks } from '../../db/imports/chunks.ts';
import type { Database } from '../../db/client.ts';
import { existingImports, listImportsPastRetention, markFilesRemoved } from '../../db/imports/imports.ts';
import { removeExpiredKeys } from '../../db/imports/idempotency-keys.ts';
import { dropStaging, listLeftStaging } from '../../db/landing/staging.ts';
import { takeUnfinished } from '../../db/tasks/tasks.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Logger } from '../../logger.ts';
import type { Queues } from '../../queue/queues.ts';
import { dispatchLostChunks, dispatchLostTask } from '../../queue/dispatch.ts';
import { IMPORTS_FOLDER, importFolder, importOfFolder } from '../../storage/keys.ts';
import type { Storage } from '../../storage/storage.ts';

export interface SweepDeps {
  readonly db: Database;
  readonly queues: Queues;
  readonly storage: Storage;
  readonly logger: Logger;
}

const TASKS_PER_SWEEP = 500;
/** Chunks are worked on in file order, so a lost one is soon among the first that wait. */
const CHUNKS_PER_SWEEP = 100;
const FILES_PER_SWEEP = 100;
const STAGING_LOCK_MS = 1000;
/** An upload that has not grown for so long is dead: the server cuts idle connections much earlier. */
const LEFTOVER_AFTER_MS = 15 * 60_000;

/** Rings again for unfinished tasks that were rung more than `olderThanMs` ago and are unknown to Redis, or over there. */
export async function dispatchLostWork(deps: SweepDeps, olderThanMs: number): Promise<void> {
  for (const task of await takeUnfinished(deps.db, olderThanMs, TASKS_PER_SWEEP)) {
    if (await dispatchLostTask(deps.queues, task)) {
      deps.logger.warn({ task: task.id, name: task.name }, 'Redis had lost a task; it is rung again');
      continue;
    }
    const importId = task.id;
    if ((await deps.queues.imports.getJobState(importId)) !== 'waiting-children') continue;
    const waiting = await listWaitingChunks(deps.db, importId, CHUNKS_PER_SWEEP);
    const rung = await dispatchLostChunks(deps.queues, importId, waiting);
    if (rung.length > 0)
      deps.logger.warn({ importId, chunks: rung.length }, 'Redis had lost chunks; they are rung again');
  }
}

/** Drops staging tables that no import needs any more. */
export async function removeOldStaging(
  { db, logger }: Pick<SweepDeps, 'db' | 'logger'>,
  dryRunHours: number,
): Promise<void> {
  for (const importId of await listLeftStaging(db, dryRunHours)) {
    await inTransaction(db, async (tx) => {
      // A chunk that is being cut off may still hold its table; the next sweep comes soon.
      await tx.$client.query(`SET LOCAL lock_timeout = ${STAGING_LOCK_MS}`);
      await dropStaging(tx, importId);
    });
    logger.debug({ importId }, 'staging tables removed');
  }
}

/** Removes Idempotency-Keys past their time, and reservations of uploads that died. */
export async function removeOldKeys({ db, logger }: SweepDeps): Promise<void> {
  const removed = await removeExpiredKeys(db);
  if (removed > 0) logger.debug({ removed }, 'old Idempotency-Keys removed');
}

/** Removes files of imports that ended more than `days` ago, and folders of uploads that never became an import. */
export async function removeOldFiles(deps: SweepDeps, days: number, now: Date): Promise<void> {
  for (const importId of await listImportsPastRetention(deps.db, days, FILES_PER_SWEEP)) {
    await deps.storage.removeFolder(importFolder(importId));
    await markFilesRemoved(deps.db, importId);
  }
  const idle: string[] = [];
  for await (const { key, changedAt } of deps.storage.listFolders(IMPORTS_FOLDER))
    if (isUuid(importOfFolder(key)) && now.getTime() - changedAt.getTime() > LEFTOVER_AFTER_MS)
      idle.push(importOfFolder(key));
  const known = await existingImports(deps.db, idle);
  for (const importId of idle.filter((id) => !known.has(id))) {
    deps.logger.info({ importId }, 'removing what an interrupted upload left behind');
    await deps.storage.removeFolder(importFolder(importId));
  }
}

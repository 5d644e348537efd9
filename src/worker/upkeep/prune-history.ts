// What is kept for people to look at goes when it is old enough: row errors first, then whole tasks.
import { removeOldGroups } from '../../db/tasks/groups.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import {
  listDueTasks,
  markErrorsRemoved,
  nextWithErrors,
  removeSomeErrors,
  removeSomeRows,
  removeTasks,
  type DueTask,
} from '../../db/tasks/prune.ts';
import { doEach, type Duty, type UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;
const TASKS_AT_ONCE = 100;
/** Between batches, so that others get their turn. */
const PAUSE_MS = 50;

export type HistorySettings = Pick<Config, 'rowErrorRetentionDays' | 'taskRetentionDays'>;

export function pruneHistory(
  { db, logger }: Pick<UpkeepDeps, 'db' | 'logger'>,
  { rowErrorRetentionDays, taskRetentionDays }: HistorySettings,
): Duty {
  async function removeErrors(importId: string): Promise<void> {
    await markErrorsRemoved(db, importId);
    while (await removeSomeErrors(db, importId)) await sleep(PAUSE_MS);
  }

  async function pruneErrors(): Promise<void> {
    let after: string | undefined;
    for (;;) {
      const next = await nextWithErrors(db, rowErrorRetentionDays, after);
      if (next === undefined || next.isRecent) return;
      const { importId } = next;
      if (next.isDue)
        await doEach([importId], logger, (id) => `row errors of import ${id} were not removed`, removeErrors);
      after = importId;
    }
  }

  async function removeAll(ids: readonly string[]): Promise<void> {
    while (await removeSomeRows(db, ids)) await sleep(PAUSE_MS);
    await removeTasks(db, ids);
  }

  /** One that cannot be removed is tried by itself, so that it keeps no other from going. */
  async function removeDue(due: readonly DueTask[]): Promise<void> {
    const ids = due.map(({ id }) => id);
    try {
      await removeAll(ids);
    } catch {
      await doEach(
        ids,
        logger,
        (id) => `task ${id} was not removed`,
        (id) => removeAll([id]),
      );
    }
  }

  async function pruneTasks(): Promise<void> {
    let after: DueTask | undefined;
    for (;;) {
      const due = await listDueTasks(db, taskRetentionDays, TASKS_AT_ONCE, after);
      if (due.length === 0) return;
      await removeDue(due);
      logger.debug({ removed: due.length }, 'old tasks removed');
      after = due.at(-1);
      await sleep(PAUSE_MS);
    }
  }

  return {
    name: 'the sweep of old tasks and row errors',
    everyMs: EVERY_MS,
    run: async () => {
      // 0: they are kept.
      if (rowErrorRetentionDays > 0) await pruneErrors();
      if (taskRetentionDays > 0) {
        await pruneTasks();
        while ((await removeOldGroups(db.$client, taskRetentionDays)) > 0) await sleep(PAUSE_MS);
      }
    },
  };
}

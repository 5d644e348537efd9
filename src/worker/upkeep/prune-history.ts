// What is kept for people to look at goes when it is old enough: row errors first, then whole tasks.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import { inDays, keepsAll, readPeriods, type Periods } from '../../db/retention.ts';
import { removeOldGroups } from '../../db/tasks/groups.ts';
import {
  listDueTasks,
  listImportsOf,
  listWithErrors,
  markErrorsRemoved,
  removeSomeErrors,
  removeSomeRequests,
  removeSomeRows,
  removeTasks,
  type DueTask,
} from '../../db/tasks/prune.ts';
import { doEach, type Duty, type UpkeepDeps } from './duty.ts';
import { duePages, PAUSE_MS, untilNone } from './walk.ts';

const EVERY_MS = 10 * 60_000;
const TASKS_AT_ONCE = 1000;
/** An import may have very many rows in other tables. */
const IMPORTS_AT_ONCE = 100;

export type HistorySettings = Pick<Config, 'rowErrorRetentionDays' | 'taskRetentionDays'>;

export function pruneHistory(
  { db, logger }: Pick<UpkeepDeps, 'db' | 'logger'>,
  { rowErrorRetentionDays, taskRetentionDays }: HistorySettings,
): Duty {
  async function removeErrors(importId: string): Promise<void> {
    await markErrorsRemoved(db, importId);
    await untilNone(() => removeSomeErrors(db, importId));
  }

  async function pruneErrors(): Promise<void> {
    const periods = await readPeriods(db, 'rowErrors', inDays(rowErrorRetentionDays));
    if (keepsAll(periods)) return;
    for await (const due of duePages((after) => listWithErrors(db, periods, IMPORTS_AT_ONCE, after)))
      await doEach(due, logger, (id) => `row errors of import ${id} were not removed`, removeErrors);
    await untilNone(() => removeSomeRequests(db, periods));
  }

  /** Each import by itself, for its chunks go with it. */
  async function removeImport(id: string): Promise<void> {
    await untilNone(() => removeSomeRows(db, [id]));
    await removeTasks(db, [id]);
  }

  /** One that cannot be removed is tried by itself, so that it keeps no other from going. */
  async function removeOthers(ids: readonly string[]): Promise<void> {
    try {
      await removeTasks(db, ids);
    } catch {
      await doEach(
        ids,
        logger,
        (id) => `task ${id} was not removed`,
        (id) => removeTasks(db, [id]),
      );
    }
  }

  const removeImports = (ids: readonly string[]): Promise<void> =>
    doEach(ids, logger, (id) => `import ${id} was not removed`, removeImport);

  async function pruneTasks(periods: Periods): Promise<void> {
    let after: DueTask | undefined;
    for (;;) {
      const due = await listDueTasks(db, periods, TASKS_AT_ONCE, after);
      if (due.length === 0) return;
      const idsOf = (isImport: boolean): string[] =>
        due.filter((task) => task.isImport === isImport).map(({ id }) => id);
      await removeImports(idsOf(true));
      await removeOthers(idsOf(false));
      logger.debug({ removed: due.length }, 'old tasks removed');
      after = due.at(-1);
      await sleep(PAUSE_MS);
    }
  }

  async function pruneImportsOf(dataset: string, period: string): Promise<void> {
    const pages = duePages((after) => listImportsOf(db, dataset, period, IMPORTS_AT_ONCE, after));
    for await (const due of pages) {
      await removeImports(due);
      if (due.length > 0) await sleep(PAUSE_MS);
    }
  }

  return {
    name: 'the sweep of old tasks and row errors',
    everyMs: EVERY_MS,
    run: async () => {
      await pruneErrors();
      const periods = await readPeriods(db, 'imports', inDays(taskRetentionDays));
      for (const [dataset, period] of Object.entries(periods.own))
        if (period !== null) await pruneImportsOf(dataset, period);
      // 0: they are kept.
      if (taskRetentionDays > 0) {
        await pruneTasks(periods);
        while ((await removeOldGroups(db.$client, taskRetentionDays)) > 0) await sleep(PAUSE_MS);
      }
    },
  };
}

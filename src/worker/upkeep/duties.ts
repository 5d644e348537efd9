import type { Config } from '../../config/config.ts';
import { analyzeTables } from './analyze-tables.ts';
import { signOfLife } from './beat.ts';
import { dispatchLostTasks } from './dispatch-lost-tasks.ts';
import { countEndedTasks } from './count-ended.ts';
import type { Duty, UpkeepDeps } from './duty.ts';
import { endLongWaits } from './end-long-waits.ts';
import { endSilentSessions } from './end-silent-sessions.ts';
import { expireLateTasks, loseTasks } from './lose-tasks.ts';
import { forgetOld } from './forget.ts';
import { inTurn } from './in-turn.ts';
import { pruneAudit } from './prune-audit.ts';
import { pruneHistory } from './prune-history.ts';
import { pruneWebhooks } from './prune-webhooks.ts';
import { removeExports } from './remove-exports.ts';
import { removeFiles } from './remove-files.ts';
import { removeKeys } from './remove-keys.ts';
import { removeLeftovers } from './remove-leftovers.ts';
import { removeStaging } from './remove-staging.ts';
import { removeUnfinished } from './remove-unfinished.ts';
import { removeUploads } from './remove-uploads.ts';
import { removeScheduleRuns } from './remove-schedule-runs.ts';
import { runSchedules } from './run-schedules.ts';
import { watchCancels } from './watch-cancels.ts';

/** What every worker does beside its jobs; what several of them do at once does no harm. What costs much is done in turn. */
export function allDuties(
  deps: UpkeepDeps,
  config: Config,
  worker: { readonly id: string; readonly hello: () => Promise<void> },
  now: () => number,
): Duty[] {
  return [
    signOfLife(deps.db, worker.hello, worker.id, config),
    watchCancels(deps),
    runSchedules(deps),
    removeScheduleRuns(deps, config),
    loseTasks(deps, config, now),
    expireLateTasks(deps),
    dispatchLostTasks(deps, config),
    endLongWaits(deps, config),
    endSilentSessions(deps, config),
    removeStaging(deps, config),
    removeKeys(deps),
    removeFiles(deps, config),
    removeUploads(deps),
    removeExports(deps),
    inTurn(deps, worker.id, removeLeftovers(deps)),
    inTurn(deps, worker.id, removeUnfinished(deps, config)),
    pruneHistory(deps, config),
    countEndedTasks(deps),
    analyzeTables(deps),
    pruneAudit(deps, config),
    pruneWebhooks(deps, config),
    forgetOld(deps, config),
  ];
}

import type { Config } from '../../config/config.ts';
import { dispatchLostTasks } from './dispatch-lost-tasks.ts';
import type { Duty, UpkeepDeps } from './duty.ts';
import { endSilentSessions } from './end-silent-sessions.ts';
import { removeFiles } from './remove-files.ts';
import { removeKeys } from './remove-keys.ts';
import { removeLeftovers } from './remove-leftovers.ts';
import { removeStaging } from './remove-staging.ts';
import { watchCancels } from './watch-cancels.ts';

/** What every worker does beside its jobs; what several of them do at once does no harm. */
export function allDuties(deps: UpkeepDeps, config: Config): Duty[] {
  return [
    watchCancels(deps),
    dispatchLostTasks(deps, config),
    endSilentSessions(deps, config),
    removeStaging(deps, config),
    removeKeys(deps),
    removeFiles(deps, config),
    removeLeftovers(deps),
  ];
}

// The task `import`: lands a file. Plan, load chunk by chunk, publish what was staged, end.
import { IMPORT } from '../../core/tasks/task-kinds.ts';
import type { ImportCounts } from '../../core/imports/import-counts.ts';
import { defineStepsTask, type StepArgs } from '../steps-task.ts';
import { settleCancel } from './cancel-import.ts';
import { describeFailedStep } from './describe-failure.ts';
import { dispatchLostParts } from './dispatch-lost-parts.ts';
import { landSmallStream } from './land-small-stream.ts';
import { loadChunk } from './load-chunk.ts';
import { planImport } from './plan-import.ts';

export interface ChunkArgs extends StepArgs {
  readonly chunkNo: number;
  /** As far as the queue knows. */
  readonly isFirst: boolean;
}

export const importTask = defineStepsTask({
  kind: IMPORT,
  steps: {
    /** Also ends it, when nothing is left to load. */
    plan: (deps, { taskId }: StepArgs) => planImport(deps, taskId),
    load: (deps, { taskId, chunkNo, isFirst }: ChunkArgs) => loadChunk(deps, taskId, chunkNo, isFirst),
    /** Of many imports at once: those that wait and are so small that their rows hold them. */
    landSmall: (deps) => landSmallStream(deps),
  },

  async run(turn): Promise<ImportCounts | null> {
    for (;;) {
      const outcome = await turn.step('plan', { taskId: turn.taskId });
      if (outcome.kind === 'ended') return outcome.counts;
      await turn.waitForChunks(outcome.chunkNos);
    }
  },

  settleCancel,
  dispatchLostParts,

  describeFailure: (db, { taskId, chunkNo }) => describeFailedStep(db, taskId, chunkNo),
});

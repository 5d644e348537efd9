// The task `undo`: takes the rows of an import back, in one transaction.
import { UNDO } from '../../core/tasks/task-kinds.ts';
import { endCancelled } from '../../db/tasks/cancels.ts';
import { defineStepsTask, type StepArgs } from '../steps-task.ts';
import { undoImport } from './undo-import.ts';

export const undoTask = defineStepsTask({
  kind: UNDO,
  steps: { undo: (deps, { taskId }: StepArgs) => undoImport(deps, taskId) },
  run: (turn) => turn.step('undo', { taskId: turn.taskId }),
  // It commits only while it is running: nothing of it is left.
  settleCancel: endCancelled,
  describeFailure: () => Promise.resolve({ code: 'undo-failed', what: 'The rows could not be taken back' }),
});

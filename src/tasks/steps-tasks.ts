// Sluice's own tasks that are made of steps: a new one is a module that defines it, its kind in core/tasks/task-kinds.ts, and a line here.
import { importTask } from './import/task.ts';
import type { StepsTask } from './steps-task.ts';
import { undoTask } from './undo/task.ts';

const STEPS_TASKS: readonly StepsTask[] = [importTask, undoTask];

export function stepsTask(name: string): StepsTask | undefined {
  return STEPS_TASKS.find(({ kind }) => kind.name === name);
}

/** @throws Error for a name that this version of Sluice does not know */
export function requireStepsTask(name: string): StepsTask {
  const task = stepsTask(name);
  if (task === undefined) throw new Error(`This version of Sluice has no task "${name}"`);
  return task;
}

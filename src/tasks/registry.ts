// What workers can do. A new task is a module that defines it, its kind in core/tasks/task-kinds.ts, and a line here.
import type { TaskDefinition } from './define-task.ts';
import { importTask } from './import/task.ts';
import { undoTask } from './undo/task.ts';

const TASKS: readonly TaskDefinition[] = [importTask, undoTask];

/** @throws Error for a name that this version of Sluice does not know */
export function taskDefinition(name: string): TaskDefinition {
  const definition = TASKS.find(({ kind }) => kind.name === name);
  if (definition === undefined) throw new Error(`This version of Sluice has no task "${name}"`);
  return definition;
}

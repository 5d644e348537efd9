// What workers can do. Imports and undos are here by name; all other tasks are those that ship (a module in shipped/, and a line here) and
// those in the operator's folders.
import { DEFAULT_BACKOFF } from '../core/tasks/backoff.ts';
import type { Run, TaskDocument } from '../core/tasks/task-document.ts';
import type { Task } from './define-task.ts';
import { importTask } from './import/task.ts';
import { loadTasks } from './load-tasks.ts';
import { add } from './shipped/add.ts';
import { sleep } from './shipped/sleep.ts';
import type { StepsTask } from './steps-task.ts';
import { undoTask } from './undo/task.ts';

const STEPS_TASKS: readonly StepsTask[] = [importTask, undoTask];
const SHIPPED: readonly Task[] = [add, sleep];

export function stepsTask(name: string): StepsTask | undefined {
  return STEPS_TASKS.find(({ kind }) => kind.name === name);
}

/** @throws Error for a name that this version of Sluice does not know */
export function requireStepsTask(name: string): StepsTask {
  const task = stepsTask(name);
  if (task === undefined) throw new Error(`This version of Sluice has no task "${name}"`);
  return task;
}

/** All tasks that a process knows. */
export interface TaskRegistry {
  /** Undefined for imports, undos, and names that nobody has defined. */
  readonly find: (name: string) => Task | undefined;
  readonly namesOf: (run: Exclude<Run, 'import'>) => string[];
  /** Of all, imports and undos too. */
  readonly documents: readonly TaskDocument[];
}

/**
 * Those that ship and those in folders.
 * @throws AppError CONFIG_INVALID for a file that cannot be loaded or has no task, and for a name that two have
 */
export async function openRegistry(folders: readonly string[]): Promise<TaskRegistry> {
  const taken = new Set([
    ...STEPS_TASKS.map(({ kind }) => kind.name),
    ...SHIPPED.map(({ document }) => document.name),
  ]);
  const tasks = new Map(
    [...SHIPPED, ...(await loadTasks(folders, taken))].map((task) => [task.document.name, task]),
  );
  return {
    find: (name) => tasks.get(name),
    namesOf: (run) =>
      [...tasks.values()].flatMap(({ document }) => (document.run === run ? [document.name] : [])),
    documents: [...STEPS_TASKS.map(documentOf), ...[...tasks.values()].map(({ document }) => document)],
  };
}

function documentOf({ kind: { name, queue, args } }: StepsTask): TaskDocument {
  return {
    name,
    args,
    queue,
    priority: 0,
    run: 'import',
    delivery: 'at-least-once',
    maxAttempts: 1,
    backoff: DEFAULT_BACKOFF,
  };
}

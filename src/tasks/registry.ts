// What workers can do besides imports and undos (steps-tasks.ts): the tasks that ship, each a module in shipped/ and a line here, and those
// in the operator's folders. Their code is loaded where it runs: in the thread of I/O tasks, and in slots once they run a CPU task.
import type { Run, TaskDocument } from '../core/tasks/task-document.ts';
import { TASK_KINDS } from '../core/tasks/task-kinds.ts';
import type { Task } from './define-task.ts';
import type { HttpRules } from './http/request-safely.ts';
import { loadTasks } from './load-tasks.ts';
import { changeManyTasks, type ChangeSettings } from './records/change-many.ts';
import { exportTask, type ExportSettings } from './records/export.ts';
import { add } from './shipped/add.ts';
import { fetchFile, type Intake } from './shipped/fetch-file.ts';
import { httpRequest } from './shipped/http-request.ts';
import { sleep } from './shipped/sleep.ts';

const shipped = (settings: ShippedSettings, intake?: Intake): Task[] => [
  add,
  sleep,
  httpRequest(settings),
  fetchFile(settings, intake),
  ...changeManyTasks(settings),
  exportTask(settings),
];

/** What tasks that ship are set by. */
export type ShippedSettings = HttpRules & ChangeSettings & ExportSettings;

/** The tasks of defineTask that a thread can run. */
export interface TaskRegistry {
  /** Undefined for imports, undos, and names that nobody has defined. */
  readonly find: (name: string) => Task | undefined;
  readonly namesOf: (run: Exclude<Run, 'import'>) => string[];
  readonly documents: readonly TaskDocument[];
}

/**
 * Those that ship and those in folders.
 * @throws AppError CONFIG_INVALID for a file that cannot be loaded or has no task, and for a name that two have
 */
export async function openRegistry(
  folders: readonly string[],
  settings: ShippedSettings,
  intake?: Intake,
): Promise<TaskRegistry> {
  const own = shipped(settings, intake);
  const taken = new Set([...TASK_KINDS.map(({ name }) => name), ...own.map(({ document }) => document.name)]);
  const tasks = new Map(
    [...own, ...(await loadTasks(folders, taken))].map((task) => [task.document.name, task]),
  );
  const documents = [...tasks.values()].map(({ document }) => document);
  return {
    find: (name) => tasks.get(name),
    namesOf: (run) => documents.filter((each) => each.run === run).map(({ name }) => name),
    documents,
  };
}

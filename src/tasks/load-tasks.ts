// Tasks of the operator: each JavaScript or TypeScript file in a folder of SLUICE_TASKS has one as its default export, or a list of them.
import { readdirSync } from 'node:fs';
import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '../errors.ts';
import type { Task } from './define-task.ts';
import { programFile } from '../package-files.ts';

const MODULE = /(?<!\.d|\.test)\.m?[jt]s$/;
/** Files that tasks share begin with one of these, and are no tasks. */
const HIDDEN = /^[_.]/;

/**
 * @param taken names that are given already
 * @throws AppError CONFIG_INVALID for a file that cannot be loaded or has no task, and for a name that is given twice
 */
export async function loadTasks(folders: readonly string[], taken: ReadonlySet<string>): Promise<Task[]> {
  if (folders.length === 0) return [];
  // In these files `sluice/tasks` and `typebox` are those of this Sluice, and TypeScript loses its types.
  register(pathToFileURL(programFile('tasks/module-hooks')));
  const found = new Map<string, string>();
  const tasks: Task[] = [];
  for (const file of folders.flatMap(filesOf)) {
    for (const task of await tasksOf(file)) {
      const { name } = task.document;
      const other = taken.has(name) ? 'a task of Sluice' : found.get(name);
      if (other !== undefined)
        throw invalid(file, `defines the task "${name}", which is the name of ${other} too`);
      found.set(name, `the task in ${file}`);
      tasks.push(task);
    }
  }
  return tasks;
}

function filesOf(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    throw new AppError(
      'CONFIG_INVALID',
      `SLUICE_TASKS names the folder ${folder}, which cannot be read: ${(error as Error).message}.`,
      { variable: 'SLUICE_TASKS' },
      { cause: error },
    );
  }
  return names.filter((name) => MODULE.test(name) && !HIDDEN.test(name)).map((name) => join(folder, name));
}

async function tasksOf(file: string): Promise<Task[]> {
  let exported: unknown;
  try {
    ({ default: exported } = (await import(pathToFileURL(file).href)) as { default?: unknown });
  } catch (error) {
    throw invalid(file, `cannot be loaded: ${(error as Error).message}`, error);
  }
  const all: unknown[] = Array.isArray(exported) ? exported : [exported];
  if (all.length === 0 || !all.every(isTask))
    throw invalid(
      file,
      'has no task as its default export. Write `export default defineTask({ … }, async (args, ctx) => …)`',
    );
  return all;
}

function isTask(value: unknown): value is Task {
  return typeof value === 'object' && value !== null && 'document' in value && 'run' in value;
}

function invalid(file: string, what: string, cause?: unknown): AppError {
  return new AppError('CONFIG_INVALID', `The file ${file} of SLUICE_TASKS ${what}.`, { file }, { cause });
}

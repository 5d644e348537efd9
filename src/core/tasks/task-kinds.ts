// What every process knows of a task by its name. How it is done, only workers know: src/tasks/registry.ts.
import { Type, type Static, type TObject } from 'typebox';
import type { TaskQueue } from './queue-names.ts';

/** What is known of all tasks of one name. */
export interface TaskKind {
  readonly name: string;
  /** Where its bell rings. */
  readonly queue: TaskQueue;
  readonly args: TObject;
  /** What a request to cancel it may say; each option has a default. */
  readonly cancelOptions: TObject;
}

/** Lands a file. */
export const IMPORT = {
  name: 'import',
  queue: 'imports',
  args: Type.Object({ dataset: Type.String(), fileName: Type.Union([Type.String(), Type.Null()]) }),
  cancelOptions: Type.Object({
    rows: Type.Optional(
      Type.Enum(['keep', 'rollback'], {
        type: 'string',
        default: 'keep',
        description:
          'Of an import: what becomes of rows that have landed. `keep` leaves them, `rollback` takes them back.',
      }),
    ),
  }),
} as const satisfies TaskKind;

/** Takes the rows of an import back. */
export const UNDO = {
  name: 'undo',
  queue: 'imports',
  args: Type.Object({ importId: Type.String() }),
  cancelOptions: Type.Object({}),
} as const satisfies TaskKind;

export const TASK_KINDS: readonly TaskKind[] = [IMPORT, UNDO];

export type UndoArgs = Static<typeof UNDO.args>;

/** @throws Error for a name that this version of Sluice does not know */
export function taskKind(name: string): TaskKind {
  const kind = TASK_KINDS.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`This version of Sluice has no task "${name}"`);
  return kind;
}

// What every process knows of imports and undos. How it is done, only workers know: src/tasks/registry.ts.
import { Type, type Static, type TObject } from 'typebox';
import { DEFAULT_BACKOFF } from './backoff.ts';
import { IMPORTS_QUEUE } from './queue-names.ts';
import type { TaskDocument } from './task-document.ts';

/** What is known of all tasks of one name. */
export interface TaskKind {
  readonly name: string;
  readonly queue: typeof IMPORTS_QUEUE;
  readonly args: TObject;
  /** What a request to cancel it may say; each option has a default. */
  readonly cancelOptions: TObject;
}

/** Lands a file. */
export const IMPORT = {
  name: 'import',
  queue: IMPORTS_QUEUE,
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
  queue: IMPORTS_QUEUE,
  args: Type.Object({ importId: Type.String() }),
  cancelOptions: Type.Object({}),
} as const satisfies TaskKind;

export const TASK_KINDS: readonly TaskKind[] = [IMPORT, UNDO];

/** What is said of them where all tasks are listed. Their attempts are counted by their chunks and steps. */
export const KIND_DOCUMENTS: readonly TaskDocument[] = TASK_KINDS.map(({ name, queue, args }) => ({
  name,
  args,
  queue,
  priority: 0,
  run: 'import',
  delivery: 'at-least-once',
  maxAttempts: 1,
  backoff: DEFAULT_BACKOFF,
}));

export type UndoArgs = Static<typeof UNDO.args>;

/** Undefined for tasks that are neither imports nor undos. */
export function taskKind(name: string): TaskKind | undefined {
  return TASK_KINDS.find((each) => each.name === name);
}

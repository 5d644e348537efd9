// What files of the web and of the inbox have in common on their way to an import.
import type { Sender } from '../../intake/record-import.ts';
import type { IntakeDeps } from '../../intake/intake-deps.ts';
import { judgeOption } from '../../intake/judge-option.ts';
import { CollectedOptions, readOptions, type UploadOptions } from '../../intake/upload-options.ts';
import { AppError } from '../../errors.ts';
import { askerOf } from '../asker.ts';
import { NonRetryable } from '../task-context.ts';

/** What a task says of the files that it takes. */
export interface SaidOfFiles {
  /** Where their records land. */
  readonly dataset: string;
  /** Those of an upload. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** @throws NonRetryable that says which option is wrong */
export function readSaid(deps: IntakeDeps, said: Readonly<Record<string, unknown>>): UploadOptions {
  try {
    const collected = new CollectedOptions();
    for (const [name, value] of Object.entries(said)) {
      const added = value === undefined ? undefined : collected.add(name, value);
      if (added !== undefined) judgeOption(deps, added.name, added.text);
    }
    return readOptions(collected.texts);
  } catch (error) {
    throw error instanceof AppError ? new NonRetryable(error.message) : error;
  }
}

/** Whoever has asked for the task; null for one that came by SQL. */
export function senderOf({ database }: IntakeDeps, taskId: string): Promise<Sender | null> {
  return askerOf(database.pool, taskId);
}

import { isUnavailable } from '../db/errors.ts';
import { AppError } from '../errors.ts';

/** What is being recorded. */
export interface Recording {
  /** Of the task, which is also that of the import. */
  readonly id: string;
  /** Where a client can look for it. */
  readonly path: string;
}

/**
 * Runs a transaction that records a task. When Postgres goes away meanwhile nobody knows whether it was committed; then the task is
 * looked for, once.
 * @param find on another connection
 * @throws AppError UNAVAILABLE saying that it is not known, with the task's id in `taskId`; other failures fly on, and nothing is recorded
 */
export async function recordSurely<T>(
  recording: Recording,
  record: () => Promise<T>,
  find: () => Promise<T | undefined>,
): Promise<T> {
  try {
    return await record();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    const found = await find().catch(() => undefined);
    if (found !== undefined) return found;
    throw new AppError(
      'UNAVAILABLE',
      `The connection to Postgres was lost while task ${recording.id} was being recorded, and it is not known whether it was. Look for it at ${recording.path} in some seconds. With the same Idempotency-Key the request can be sent again and is never taken twice; without one, send it again only when the task is not there.`,
      { taskId: recording.id },
      { cause: error },
    );
  }
}

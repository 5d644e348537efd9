import { databaseError, SQLSTATE } from '../db/errors.ts';
import { AppError } from '../errors.ts';

/** True when there was no room for a file in the storage, or for rows in Postgres. */
export function lacksRoom(error: unknown): boolean {
  if (error instanceof AppError) return error.code === 'STORAGE_FULL';
  return databaseError(error)?.code === SQLSTATE.diskFull;
}

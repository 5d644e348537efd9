import { databaseError, SQLSTATE } from '../db/errors.ts';
import { AppError } from '../errors.ts';

/** True when there was no room for a file in the storage, or for rows in Postgres. */
export function lacksRoom(error: unknown): boolean {
  if (error instanceof AppError) return error.code === 'STORAGE_FULL';
  return databaseError(error)?.code === SQLSTATE.diskFull;
}

/** True when the storage does not answer, or refuses us: a file may be read or written later, as when there is no room. */
export function isStorageAway(error: unknown): boolean {
  return error instanceof AppError && error.code === 'STORAGE_UNAVAILABLE';
}

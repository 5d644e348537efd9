import { AppError } from '../errors.ts';
import { NonRetryable } from './task-context.ts';

/** What another attempt would not mend, as an error that has none. */
export function finalIfDeclined(error: unknown): unknown {
  return isDeclined(error) ? new NonRetryable(error.message) : error;
}

/** What was asked for is at fault, or the file that came. */
export function isDeclined(error: unknown): error is AppError {
  return error instanceof AppError && error.status < 500;
}

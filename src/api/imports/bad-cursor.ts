import { AppError } from '../../errors.ts';

export function badCursor(): AppError {
  return new AppError(
    'INVALID_REQUEST',
    'The cursor is not one of ours. Use the nextCursor of the page before, or none for the first page.',
  );
}

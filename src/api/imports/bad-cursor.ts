import { AppError } from '../../errors.ts';

export function badCursor(): AppError {
  return new AppError(
    'INVALID_REQUEST',
    'The cursor is not valid. Send the nextCursor of the previous page, or none for the first page.',
  );
}

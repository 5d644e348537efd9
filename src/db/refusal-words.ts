// What Postgres refuses, in words of the API: of rows of files and of records alike.
import type pg from 'pg';
import type { RowErrorCode } from '../core/imports/row-error.ts';
import { SQLSTATE } from './errors.ts';

export function refusalCode({ code }: Pick<pg.DatabaseError, 'code'>): RowErrorCode {
  switch (code) {
    case SQLSTATE.uniqueViolation:
      return 'unique-error';
    case SQLSTATE.foreignKeyViolation:
      return 'foreign-key-error';
    case SQLSTATE.notNullViolation:
      return 'constraint-error';
    default:
      return 'database-error';
  }
}

/** The message with its detail. Of a check and of a null the detail is the whole row as it would stand in the table, with what is ours in it. */
export function refusalText({
  code,
  message,
  detail = '',
}: Pick<pg.DatabaseError, 'code' | 'message' | 'detail'>): string {
  const tellsDetail = detail !== '' && code !== SQLSTATE.notNullViolation && code !== SQLSTATE.checkViolation;
  return tellsDetail ? `${message} (${detail})` : message;
}

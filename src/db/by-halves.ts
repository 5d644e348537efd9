// Finds the rows that a statement cannot take by trying ranges of rows, smaller and smaller ones.
import type pg from 'pg';
import { databaseError, isDataError } from './postgres-errors.ts';
import { applySingly, notRefused, openRefused } from './refused-rows.ts';

/** Row numbers, both included. */
export interface RowRange {
  readonly first: number;
  readonly last: number;
}

/** So few rows are tried one by one, without a word between them and us. */
const ROWS_TRIED_SINGLY = 256;

/** Work that did not end as it must, though Postgres did not refuse it: it is taken back like a refusal. */
export class NotWhole extends Error {}

/** Does work that may break a rule of the data. @returns false when it did, and was taken back */
export function trySavepoint(client: pg.ClientBase, work: () => Promise<unknown>): Promise<boolean> {
  return takeBackIf(isRefusal, client, work);
}

/**
 * Puts a question to Postgres that is made of expressions of the catalog. @returns false when these cannot be evaluated
 * where they were not made for
 */
export function tryAsking(client: pg.ClientBase, question: string): Promise<boolean> {
  const isUnfit = (error: unknown): boolean =>
    isRefusal(error) || databaseError(error)?.code?.startsWith('42') === true;
  return takeBackIf(isUnfit, client, () => client.query(question));
}

function isRefusal(error: unknown): boolean {
  const cause = databaseError(error);
  return error instanceof NotWhole || (cause !== undefined && isDataError(cause));
}

async function takeBackIf(
  isExpected: (error: unknown) => boolean,
  client: pg.ClientBase,
  work: () => Promise<unknown>,
): Promise<boolean> {
  await client.query('SAVEPOINT rows');
  try {
    await work();
    await client.query('RELEASE SAVEPOINT rows');
    return true;
  } catch (error) {
    if (!isExpected(error)) throw error;
    // A savepoint that is kept would be another level of nesting for each refusal.
    await client.query('ROLLBACK TO SAVEPOINT rows; RELEASE SAVEPOINT rows');
    return false;
  }
}

/** What is done with rows, all of a range or one. */
export interface RowWork {
  /** Does it for a range, by one or more statements. Throws the error of Postgres, or NotWhole. */
  readonly whole: (range: RowRange) => Promise<unknown>;
  /** The statements that do it for one row; `row` is SQL. */
  readonly single: (row: string) => readonly string[];
}

/**
 * Does work for the rows that can take it, in their order; the others are recorded as refused (refused-rows.ts).
 * A range is tried in a savepoint; a range that breaks a rule of the data is halved, and tried row by row in the end.
 * @param rows SQL name of a table with the row numbers in `import_row`; rows refused already are not tried singly again, and the
 *   work for a range must leave them out by itself (`notRefused`)
 */
export async function applyByHalves(
  client: pg.ClientBase,
  rows: string,
  { first, last }: RowRange,
  work: RowWork,
): Promise<void> {
  await openRefused(client);
  let at = first;
  let size = last - first + 1;
  /** The range from `at` to here is known to fail. */
  let failing = -1;
  while (at <= last) {
    const end = Math.min(at + size - 1, last);
    if (end - at < ROWS_TRIED_SINGLY) {
      await applySingly(
        client,
        `SELECT import_row FROM ${rows} AS s WHERE import_row BETWEEN ${at} AND ${end} AND ${notRefused('s.import_row')} ORDER BY import_row`,
        work.single,
      );
    } else if (end === failing || !(await trySavepoint(client, () => work.whole({ first: at, last: end })))) {
      failing = end;
      size = Math.ceil((end - at + 1) / 2);
      continue;
    }
    at = end + 1;
    size = Math.max(size * 2, 2 * ROWS_TRIED_SINGLY);
  }
}

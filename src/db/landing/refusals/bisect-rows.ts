// Finds the rows that a statement cannot take by trying ranges of rows, smaller and smaller ones.
import { databaseError, isDataError } from '../../errors.ts';
import { applySingly, countRefused, notRefused, openRefused } from './refused-rows.ts';
import type { Tx } from '../../transaction.ts';

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
export async function trySavepoint(tx: Tx, work: () => Promise<unknown>): Promise<boolean> {
  return (await takeBackIf(isRefusal, tx, async () => void (await work()))) !== TAKEN_BACK;
}

/**
 * Has a statement done that is made of expressions of the catalog. Nothing is done when these cannot be evaluated where they
 * were not made for. @returns the rows it changed; undefined when it could not be done
 */
export async function tryAsking(tx: Tx, statement: string): Promise<number | undefined> {
  const isUnfit = (error: unknown): boolean =>
    isRefusal(error) || databaseError(error)?.code?.startsWith('42') === true;
  const done = await takeBackIf(isUnfit, tx, () => tx.$client.query(statement));
  return done === TAKEN_BACK ? undefined : (done.rowCount ?? 0);
}

/** Whether work broke a rule of the data: `trySavepoint` takes it back then. */
export function isRefusal(error: unknown): boolean {
  const cause = databaseError(error);
  return error instanceof NotWhole || (cause !== undefined && isDataError(cause));
}

const TAKEN_BACK = Symbol('taken back');

async function takeBackIf<T>(
  isExpected: (error: unknown) => boolean,
  tx: Tx,
  work: () => Promise<T>,
): Promise<T | typeof TAKEN_BACK> {
  await tx.$client.query('SAVEPOINT rows');
  try {
    const result = await work();
    await tx.$client.query('RELEASE SAVEPOINT rows');
    return result;
  } catch (error) {
    if (!isExpected(error)) throw error;
    // A savepoint that is kept would be another level of nesting for each refusal.
    await tx.$client.query('ROLLBACK TO SAVEPOINT rows; RELEASE SAVEPOINT rows');
    return TAKEN_BACK;
  }
}

/** A statement for the rows of a range, both ends included; these are SQL. */
export type RangeStatement = (first: string, last: string) => string;

/**
 * Does statements for the rows that can take them, in the order of `import_row`; the others are recorded as refused
 * (refused-rows.ts). For all rows at once, then for half of them and so on, and row by row in the end: a row is done by all of
 * the statements or by none. Everything within the caller's transaction.
 * @param rowsIn SQL name of a table that has the rows' `import_row`, best with an index. Rows refused already are not tried singly;
 *   that no range holds them is the statements' affair (`notRefused`)
 * @returns how many rows were refused
 * @throws anything that is not about the rows themselves
 */
export async function applyBisected(
  tx: Tx,
  rowsIn: string,
  statements: readonly RangeStatement[],
): Promise<number> {
  await openRefused(tx);
  const range = await rangeOf(tx, rowsIn);
  if (range === undefined) return 0;
  const before = await countRefused(tx);
  await bisect(tx, rowsIn, range, {
    whole: async ({ first, last }) => {
      for (const statement of statements) await tx.$client.query(statement(String(first), String(last)));
    },
    single: (row) => statements.map((statement) => statement(row, row)),
  });
  return (await countRefused(tx)) - before;
}

/** The row numbers in a table; undefined when it is empty. */
export async function rangeOf(tx: Tx, rowsIn: string): Promise<RowRange | undefined> {
  const { rows } = await tx.$client.query<{ first: string | null; last: string | null }>(
    `SELECT min(import_row) AS first, max(import_row) AS last FROM ${rowsIn}`,
  );
  const { first, last } = rows[0]!;
  return first === null || last === null ? undefined : { first: Number(first), last: Number(last) };
}

/** What is done with rows, all of a range or one. */
export interface RowWork {
  /** Does it for a range. Throws the error of Postgres, or NotWhole; is then taken back. */
  readonly whole: (range: RowRange) => Promise<unknown>;
  /** The statements that do it for one row; `row` is SQL. */
  readonly single: (row: string) => readonly string[];
}

/**
 * See `applyBisected`. A range whose first part has succeeded is known to fail, and not tried again as a whole. Where most rows are
 * refused, the next are tried one by one at once: a range that fails costs as much as its rows.
 */
export async function bisect(
  tx: Tx,
  rowsIn: string,
  { first, last }: RowRange,
  work: RowWork,
): Promise<void> {
  let at = first;
  let size = last - first + 1;
  let failing = -1;
  while (at <= last) {
    const end = Math.min(at + size - 1, last);
    const isSmall = end - at < ROWS_TRIED_SINGLY;
    let areMostRefused = false;
    if (isSmall) {
      await applySingly(tx, rowsBetween(rowsIn, at, end), work.single);
      areMostRefused = (await countRefused(tx, at, end)) > (end - at + 1) / 2;
    } else if (end === failing || !(await trySavepoint(tx, () => work.whole({ first: at, last: end })))) {
      failing = end;
      size = Math.ceil((end - at + 1) / 2);
      continue;
    }
    at = end + 1;
    size = areMostRefused ? ROWS_TRIED_SINGLY : Math.max(size, ROWS_TRIED_SINGLY) * 2;
  }
}

function rowsBetween(rowsIn: string, first: number, last: number): string {
  return `
    SELECT s.import_row FROM ${rowsIn} AS s
     WHERE s.import_row BETWEEN ${first} AND ${last} AND ${notRefused('s.import_row')} ORDER BY s.import_row`;
}

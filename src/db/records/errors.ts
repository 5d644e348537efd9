// What Postgres says of a statement over records, in the words of the request.
import { AppError } from '../../errors.ts';
import { databaseError, isStatementTimeout } from '../errors.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';

const UNDEFINED = ['42703', '42P01'];
/** Types of tables that exist need not have each operator, nor an order. */
const NO_OPERATOR = '42883';

/** What a read may fail with that is not a fault of Sluice. */
export function readFailure(error: unknown, { dataset }: RecordShape, timeoutMs: number): unknown {
  if (isStatementTimeout(error))
    return new AppError(
      'QUERY_TOO_SLOW',
      `The query took longer than ${timeoutMs} ms (SLUICE_QUERY_TIMEOUT_MS) and was stopped. Narrow the filter, order by an indexed column, or ask for count=estimated.`,
      { limitMs: timeoutMs },
      { cause: error },
    );
  const cause = databaseError(error);
  if (cause?.code !== undefined && UNDEFINED.includes(cause.code))
    return new AppError(
      'DATASET_INCOMPATIBLE',
      `The tables of dataset "${dataset.name}" are not as it describes them: ${cause.message}. Apply the dataset again.`,
      { dataset: dataset.name },
      { cause: error },
    );
  // A value that only Postgres knows to be none, such as a pattern that ends in a backslash; or a comparison that a type does not have.
  if (cause?.code?.startsWith('22') === true || cause?.code === NO_OPERATOR)
    return new AppError(
      'QUERY_INVALID',
      `Postgres cannot run the query: ${cause.message}.`,
      {},
      { cause: error },
    );
  return error;
}

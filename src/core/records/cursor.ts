// Where a page ended: the values of the order's columns of its last record. The next page begins behind them, whatever has come or gone.
import { refuseQuery, type OrderTerm } from './query.ts';

/** The order in words; a cursor is good for the order it was made with. */
function orderText(order: readonly OrderTerm[]): string {
  return order
    .map(({ column, descending, nullsFirst }) => `${column.name} ${Number(descending)}${Number(nullsFirst)}`)
    .join(',');
}

/** @param values as Postgres has written them, in the order's own order */
export function writeCursor(order: readonly OrderTerm[], values: readonly (string | null)[]): string {
  return Buffer.from(JSON.stringify([orderText(order), ...values])).toString('base64url');
}

/** @throws AppError QUERY_INVALID for what is no cursor, or is one of another order */
export function readCursor(
  order: readonly OrderTerm[],
  cursor: string,
  pointer = '/cursor',
): (string | null)[] {
  const [said, ...values] = parse(cursor);
  const isSound =
    values.length === order.length &&
    values.every((value) => value === null || (typeof value === 'string' && !value.includes('\0')));
  if (said === orderText(order) && isSound) return values as (string | null)[];
  return refuseQuery(
    'The cursor is not one of this list in this order. Give the nextCursor of the page before, with the same order, or none for the first page.',
    { pointer },
  );
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

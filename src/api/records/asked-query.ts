// A query as it was asked for, in the URL or in a body, as one of its dataset.
import { LosslessNumber } from 'lossless-json';
import { readCursor } from '../../core/records/cursor.ts';
import { readWhere } from '../../core/records/json-query.ts';
import {
  completeOrder,
  parseOrder,
  parseQuery,
  parseSelect,
  selectWhole,
  type SaidOfQuery,
} from '../../core/records/parse-query.ts';
import { refuseQuery, type CountMode, type RecordQuery } from '../../core/records/query.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import type { PageQuery } from '../../db/records/select-sql.ts';
import { MOST_RECORDS } from './schemas.ts';

export interface AskedPage {
  readonly query: PageQuery;
  readonly count: CountMode;
}

interface SaidPage extends SaidOfQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly count: CountMode;
}

/** @throws AppError QUERY_INVALID */
export function pageOfParameters(shape: RecordShape, parameters: SaidPage): AskedPage {
  const { limit, cursor, count, ...rest } = parameters;
  const query = parseQuery(shape, rest);
  return withPage(query, limit, cursor, count);
}

function withPage(
  query: RecordQuery,
  limit: number,
  cursor: string | undefined,
  count: CountMode,
): AskedPage {
  const after = cursor === undefined ? undefined : readCursor(query.order, cursor);
  return { query: { ...query, limit, after }, count };
}

const MEMBERS = ['where', 'select', 'order', 'limit', 'cursor', 'count'];
const COUNTS: readonly unknown[] = ['none', 'estimated', 'exact'];

/** @param body JSON whose numbers are LosslessNumbers. @throws AppError QUERY_INVALID */
export function pageOfBody(shape: RecordShape, body: unknown): AskedPage {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return refuseQuery('The body is an object such as {"where": {"age": {"gte": 18}}, "limit": 50}.');
  const said = body as Record<string, unknown>;
  const unknown = Object.keys(said).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined)
    refuseQuery(`"${unknown.slice(0, 100)}" is not known here. There are ${MEMBERS.join(', ')}.`, {
      pointer: `/${unknown.slice(0, 100)}`,
    });
  const { where, count = 'none' } = said;
  if (!COUNTS.includes(count)) refuseQuery('count expects none, estimated or exact.', { pointer: '/count' });
  const select = textOf(said, 'select');
  const order = textOf(said, 'order');
  const query: RecordQuery = {
    select: select === undefined ? selectWhole(shape) : parseSelect(shape, select),
    where: readWhere(shape, where, '/where'),
    order: completeOrder(shape, order === undefined ? [] : parseOrder(shape, order)),
  };
  return withPage(query, limitOf(said['limit']), textOf(said, 'cursor'), count as CountMode);
}

function textOf(said: Record<string, unknown>, name: string): string | undefined {
  const value = said[name];
  if (value === undefined || typeof value === 'string') return value;
  return refuseQuery(`${name} expects a text.`, { pointer: `/${name}` });
}

function limitOf(value: unknown): number {
  if (value === undefined) return 100;
  const limit = value instanceof LosslessNumber ? Number(value.value) : Number.NaN;
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_RECORDS) return limit;
  return refuseQuery(`limit expects a whole number from 1 to ${MOST_RECORDS}.`, { pointer: '/limit' });
}

// How a column writes its dates, told by all of its values together.
import type { DateOrder } from '../types.ts';
import type { Inferred } from './infer-column.ts';

const ISO_DATE = /^\d{4}-(\d{2})-(\d{2})$/;
const ISO_DATETIME =
  /^\d{4}-(\d{2})-(\d{2})[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i;
const TIME = /^(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?$/;
/** With one separator, and perhaps a time behind it. */
const YEAR_FIRST = /^\d{4}([-/.])(\d{1,2})\1(\d{1,2})(?<time>[T ]\d{1,2}:\d{2}(?::\d{2})?)?$/;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2\d{4}(?<time>[T ]\d{1,2}:\d{2}(?::\d{2})?)?$/;

/** Undefined when they are no dates. */
export function inferDates(values: readonly string[]): Inferred | undefined {
  if (all(values, ISO_DATE, 1, 2)) return { type: 'date', format: 'default' };
  if (all(values, ISO_DATETIME, 1, 2)) return { type: 'datetime', format: 'default' };
  if (values.every((value) => TIME.test(value))) return { type: 'time', format: 'any' };
  if (all(values, YEAR_FIRST, 2, 3)) return { ...typeOf(values, YEAR_FIRST), dateOrder: 'ymd' };
  const orders: DateOrder[] = [];
  if (all(values, YEAR_LAST, 3, 1)) orders.push('dmy');
  if (all(values, YEAR_LAST, 1, 3)) orders.push('mdy');
  const [order, other] = orders;
  if (order === undefined) return undefined;
  const isOpen = other !== undefined && !values.every((value) => isSame(value));
  return { ...typeOf(values, YEAR_LAST), ...(isOpen ? { isOpen } : { dateOrder: order }) };
}

/** Whether all match, with a month and a day that there may be in these groups. */
function all(values: readonly string[], pattern: RegExp, monthAt: number, dayAt: number): boolean {
  return values.every((value) => {
    const match = pattern.exec(value);
    if (match === null) return false;
    const [month, day] = [Number(match[monthAt]), Number(match[dayAt])];
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
  });
}

/** 05/05/2024 is one day whichever comes first. */
function isSame(value: string): boolean {
  const match = YEAR_LAST.exec(value);
  return match !== null && Number(match[1]) === Number(match[3]);
}

function typeOf(values: readonly string[], pattern: RegExp): Inferred {
  const hasTime = values.some((value) => pattern.exec(value)?.groups?.['time'] !== undefined);
  return { type: hasTime ? 'datetime' : 'date', format: 'any' };
}

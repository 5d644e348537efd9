// Which operator a column takes, and which values it takes with it.
import { isJsonText } from '../is-json.ts';
import { cutValue } from '../imports/row-error.ts';
import { createTypeReader } from '../dataset/fields/readers/create-type-reader.ts';
import type { TypeReader } from '../dataset/fields/readers/type-reader.ts';
import { asColumnTakes } from './existing-shape.ts';
import { COMPARISONS, refuseQuery, type Comparison, type Condition } from './query.ts';
import type { RecordColumn } from './record-shape.ts';

export const OPERATORS = [...COMPARISONS, 'like', 'ilike', 'in', 'is'] as const;
export type Operator = (typeof OPERATORS)[number];

/** Values of `is`. */
export const IS_VALUES = ['null', 'not_null', 'true', 'false', 'unknown'] as const;

const readers = new WeakMap<RecordColumn, TypeReader>();

/** Reads a value in the form of JSON: ISO 8601 dates, RFC 3339 times, plain numbers, true and false; whatever notation the field's files have. */
export function typeReaderOf(column: RecordColumn): TypeReader {
  const known = readers.get(column);
  if (known !== undefined) return known;
  const { name, type, format, timeZone, timeZoneOverlap, nonFinite } = column.field;
  const reader = createTypeReader({
    name,
    type,
    // Of a text in a filter any form may be looked for.
    ...(column.kind === 'uuid' && format !== undefined ? { format } : {}),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(timeZoneOverlap === undefined ? {} : { timeZoneOverlap }),
    ...(nonFinite === undefined ? {} : { nonFinite }),
  });
  readers.set(column, reader);
  return reader;
}

/** In a URL a `+` that is not written as %2B is a blank: that of a time's offset is put back. */
const BLANK_OFFSET = /^(\d{4}-\d\d-\d\dT[\d:.]+) (\d\d:\d\d)$/;

/** @returns the value as Postgres reads it. @throws AppError QUERY_INVALID with column, operator and what would fit */
export function readOperand(column: RecordColumn, operator: Operator, text: string, pointer: string): string {
  const value = readValue(column, text);
  if (value !== undefined) return value;
  const got = column.field.sensitive === true ? 'another value' : `"${cutValue(text)}"`;
  return refuseQuery(`${operator} on "${column.name}" expects ${expectedBy(column)}, got ${got}`, {
    pointer,
    field: column.name,
    operator,
  });
}

/** @returns undefined for a text that is no value of the column */
export function readValue(column: RecordColumn, text: string): string | undefined {
  if (text.includes('\0')) return undefined;
  if (column.kind === 'text') return text;
  if (column.kind === 'json') return isJsonText(text) ? text : undefined;
  if (column.kind === 'boolean') return /^(?:true|false|t|f)$/i.test(text) ? text.toLowerCase() : undefined;
  const { read } = typeReaderOf(column);
  if (column.kind !== 'datetime') return read(text);
  const written = text.replace(BLANK_OFFSET, '$1+$2');
  const value = read(written) ?? read(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : '');
  return value === undefined ? undefined : asColumnTakes(column, value);
}

function expectedBy(column: RecordColumn): string {
  if (column.kind === 'json') return 'JSON';
  return column.kind === 'boolean' ? 'true or false' : typeReaderOf(column).expects;
}

/** @throws AppError QUERY_INVALID when the column does not take the operator */
export function requireOperator(column: RecordColumn, operator: Operator, pointer: string): void {
  const fitting = operatorsOf(column);
  if (fitting.includes(operator)) return;
  refuseQuery(
    `"${column.name}" (${column.field.type}) does not take ${operator}. It takes ${fitting.join(', ')}.`,
    { pointer, field: column.name, operator },
  );
}

function operatorsOf({ kind }: RecordColumn): readonly Operator[] {
  switch (kind) {
    case 'text':
      return OPERATORS;
    case 'boolean':
      return ['eq', 'neq', 'in', 'is'];
    case 'json':
      return ['eq', 'neq', 'is'];
    default:
      return [...COMPARISONS, 'in', 'is'];
  }
}

/** The condition of one operator over texts; `values` of any but `in` has one. */
export function conditionOf(
  column: RecordColumn,
  operator: Operator,
  values: readonly string[],
  pointer: string,
): Condition {
  requireOperator(column, operator, pointer);
  const [first = ''] = values;
  switch (operator) {
    case 'like':
    case 'ilike':
      if (first.includes('\0'))
        refuseQuery(`${operator} on "${column.name}" holds a NUL character`, { pointer });
      return { is: operator, column, pattern: first.replaceAll('*', '%') };
    case 'in':
      return { is: 'in', column, values: values.map((value) => readOperand(column, 'in', value, pointer)) };
    case 'is':
      return isCondition(column, first, pointer);
    default:
      return {
        is: operator satisfies Comparison,
        column,
        value: readOperand(column, operator, first, pointer),
      };
  }
}

function isCondition(column: RecordColumn, text: string, pointer: string): Condition {
  const fitting = column.kind === 'boolean' ? IS_VALUES : IS_VALUES.slice(0, 2);
  const what = fitting.find((each) => each === text.toLowerCase());
  switch (what) {
    case 'null':
    case 'unknown':
      return { is: 'null', column };
    case 'not_null':
      return { is: 'not', of: { is: 'null', column } };
    case 'true':
    case 'false':
      return { is: what, column };
    default:
      return refuseQuery(`is on "${column.name}" expects ${fitting.join(' or ')}, got "${cutValue(text)}"`, {
        pointer,
        field: column.name,
        operator: 'is',
      });
  }
}

export function isOperator(text: string): text is Operator {
  return (OPERATORS as readonly string[]).includes(text);
}

// The same query as JSON, for filters that outgrow a URL: `{"where": {"or": [{"age": {"gte": 18}}, {"name": {"is": null}}]}}`.
import { LosslessNumber } from 'lossless-json';
import { findColumn } from './find-column.ts';
import { conditionOf, isOperator, OPERATORS } from './operands.ts';
import {
  EVERYTHING,
  MAX_CONDITIONS,
  MAX_DEPTH,
  MAX_IN_VALUES,
  refuseQuery,
  type Condition,
} from './query.ts';
import type { RecordColumn, RecordShape } from './record-shape.ts';

/** @param where JSON whose numbers are LosslessNumbers. @throws AppError QUERY_INVALID, with a pointer into the body */
export function readWhere(shape: RecordShape, where: unknown, pointer: string): Condition {
  return where === undefined ? EVERYTHING : new Reader(shape).node(where, pointer, 0);
}

class Reader {
  readonly #shape: RecordShape;
  #conditions = 0;

  constructor(shape: RecordShape) {
    this.#shape = shape;
  }

  node(value: unknown, pointer: string, depth: number): Condition {
    if (depth > MAX_DEPTH)
      refuseQuery(`The filter is nested more than ${MAX_DEPTH} levels deep.`, { pointer });
    if (!isObject(value))
      return refuseQuery('A filter is an object such as {"age": {"gte": 18}}.', { pointer });
    return all(
      Object.entries(value).map(([name, inner]) => {
        const at = `${pointer}/${escapePointer(name)}`;
        switch (name) {
          case 'and':
          case 'or':
            return this.#list(name === 'or' ? 'any' : 'all', inner, at, depth);
          case 'not':
            return { is: 'not', of: this.node(inner, at, depth + 1) };
          default:
            return this.#column(findColumn(this.#shape.columns, name, at), inner, at);
        }
      }),
    );
  }

  #list(is: 'all' | 'any', value: unknown, pointer: string, depth: number): Condition {
    if (!Array.isArray(value) || value.length === 0)
      return refuseQuery(`${pointer.split('/').at(-1)} expects a list of filters.`, { pointer });
    return { is, of: value.map((each, at) => this.node(each, `${pointer}/${at}`, depth + 1)) };
  }

  /** Each operator of a column; all of them hold. */
  #column(column: RecordColumn, value: unknown, pointer: string): Condition {
    if (!isObject(value))
      return refuseQuery(
        `"${column.name}" expects an object of operators, such as {"eq": …}: ${OPERATORS.join(', ')}, not.`,
        { pointer },
      );
    return all(
      Object.entries(value).map(([operator, operand]) => {
        const at = `${pointer}/${escapePointer(operator)}`;
        if (operator === 'not') return { is: 'not', of: this.#column(column, operand, at) };
        if (!isOperator(operator))
          return refuseQuery(
            `"${operator.slice(0, 40)}" is no operator. There are ${OPERATORS.join(', ')} and not.`,
            { pointer: at },
          );
        if (++this.#conditions > MAX_CONDITIONS)
          refuseQuery(`The filter has more than ${MAX_CONDITIONS} comparisons.`, { pointer: at });
        const values = operator === 'in' ? this.#values(operand, at) : [this.#text(operand, operator, at)];
        return conditionOf(column, operator, values, at);
      }),
    );
  }

  #values(value: unknown, pointer: string): string[] {
    if (!Array.isArray(value)) return refuseQuery('in expects a list of values.', { pointer });
    if (value.length > MAX_IN_VALUES)
      refuseQuery(`The filter lists more than ${MAX_IN_VALUES} values.`, { pointer });
    return value.map((each, at) => this.#text(each, 'in', `${pointer}/${at}`));
  }

  #text(value: unknown, operator: string, pointer: string): string {
    if (typeof value === 'string') return value;
    if (typeof value === 'boolean') return String(value);
    if (value instanceof LosslessNumber) return value.value;
    if (value === null && operator === 'is') return 'null';
    return refuseQuery(
      value === null
        ? `${operator} takes no null: nothing is equal to it. Write {"is": null}.`
        : `${operator} expects a text, a number or a boolean.`,
      { pointer },
    );
  }
}

const all = (of: readonly Condition[]): Condition => (of.length === 1 ? of[0]! : { is: 'all', of });

function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LosslessNumber)
  );
}

/** RFC 6901. */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

// What another version of a dataset asks of its tables that rows of an earlier one do not fulfil: an import that goes by the earlier one
// could not land its rows any more.
import { planTables, type PlannedTable } from './table-plan.ts';
import type { Dataset } from '../types.ts';

/** Sentences; none: rows of `before` land in the tables of `after`. */
export function tightenedTables(before: Dataset, after: Dataset): string[] {
  const earlier = planTables(before);
  return planTables(after).flatMap((table) => {
    const same = earlier.find(({ schema, name }) => schema === table.schema && name === table.name);
    return same === undefined ? [] : tightened(same, table);
  });
}

function tightened(before: PlannedTable, after: PlannedTable): string[] {
  const columns = after.columns.flatMap((column) => {
    const earlier = before.columns.find(({ name }) => name === column.name);
    const mustBeFilled = !column.nullable && column.default === undefined;
    if (mustBeFilled && (earlier === undefined || earlier.nullable))
      return [`Column "${column.name}" of table "${after.name}" becomes required.`];
    if (earlier !== undefined && !holds(column.type, earlier.type))
      return [
        `Column "${column.name}" of table "${after.name}" becomes ${column.type}; it is ${earlier.type}.`,
      ];
    return [];
  });
  const keys = after.indexes
    .filter(
      ({ kind, columns: of }) =>
        kind === 'unique' &&
        !before.indexes.some((index) => index.kind === kind && isSame(index.columns, of)),
    )
    .map(({ columns: of }) => `Table "${after.name}" becomes unique by ${of.join(', ')}.`);
  return [...columns, ...keys];
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each));
}

/** Whether each value of the type `from` is one of `to`. */
function holds(to: string, from: string): boolean {
  const [most, most0] = [lengthOf(to), lengthOf(from)];
  return to === from || (most !== undefined && most0 !== undefined && most >= most0);
}

function lengthOf(type: string): number | undefined {
  if (type === 'text') return Infinity;
  const length = /^varchar\((\d+)\)$/.exec(type)?.[1];
  return length === undefined ? undefined : Number(length);
}

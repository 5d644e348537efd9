// Names in a query, found among the columns of a dataset's records.
import { didYouMean } from '../dataset/header/nearest.ts';
import { cutValue } from '../imports/row-error.ts';
import { refuseQuery } from './query.ts';
import type { RecordColumn, RecordLink, RecordShape } from './record-shape.ts';

const maps = new WeakMap<readonly RecordColumn[], ReadonlyMap<string, RecordColumn>>();

function byName(columns: readonly RecordColumn[]): ReadonlyMap<string, RecordColumn> {
  const map = maps.get(columns) ?? new Map(columns.map((column) => [column.name, column]));
  maps.set(columns, map);
  return map;
}

/** @param columns those of a shape, or of a link of it. @throws AppError QUERY_INVALID */
export function findColumn(columns: readonly RecordColumn[], name: string, pointer: string): RecordColumn {
  const map = byName(columns);
  return (
    map.get(name) ??
    refuseQuery(`There is no field "${cutValue(name)}" here.${didYouMean(name, map.keys())}`, { pointer })
  );
}

/** A link by the name of its table, or of the column that refers to it. @throws AppError QUERY_INVALID */
export function findLink({ links }: RecordShape, name: string, pointer: string): RecordLink {
  return (
    links.find(({ table, column }) => table === name || column === name) ??
    refuseQuery(
      `There is no linked table "${cutValue(name)}" here.${
        links.length === 0
          ? ' The dataset has none.'
          : didYouMean(
              name,
              links.map(({ table }) => table),
            )
      }`,
      { pointer },
    )
  );
}

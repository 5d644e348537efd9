import type { Dataset } from '../types.ts';

export const DEFAULT_SCHEMA = 'public';

/** The tables a dataset lands in, in the order of insertion: linked tables first, the main table last. */
export function landingTables(dataset: Dataset): { schema: string; table: string; columns: string[] }[] {
  const schema = dataset.target.schema ?? DEFAULT_SCHEMA;
  return [...(dataset.target.links ?? []).map((link) => link.table), dataset.target.table].map((table) => ({
    schema,
    table,
    columns: [],
  }));
}

/** A table by its name, perhaps with a schema before a point. */
export function tableOf(named: string, schema: string): { schema: string; table: string } {
  const point = named.indexOf('.');
  return point === -1
    ? { schema, table: named }
    : { schema: named.slice(0, point), table: named.slice(point + 1) };
}

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

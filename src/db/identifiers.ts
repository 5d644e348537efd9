// Names in SQL that is put together as text. Whatever comes from a dataset document or the catalog passes through here.
import { identifier } from '../core/dataset/tables/identifier.ts';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';

export { identifier };

/** What names a table. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/** A table's quoted name, with its schema. */
export function qualifiedName({ schema, table }: TableName): string {
  return `${identifier(schema)}.${identifier(table)}`;
}

/** Quoted names of columns, with commas. */
export function columnList(columns: readonly string[]): string {
  return columns.map(identifier).join(', ');
}

/** The quoted name of a table of Sluice's own, for SQL as text. */
export function tableName(table: PgTable): string {
  const { schema, name } = getTableConfig(table);
  return qualifiedName({ schema: schema ?? 'public', table: name });
}

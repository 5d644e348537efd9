import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** A table and the columns that COPY text lines hold, in their order. */
export interface CopyTarget {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
}

/** The table's quoted name, with its schema. */
export function qualifiedName(target: Pick<CopyTarget, 'schema' | 'table'>): string {
  return `${pg.escapeIdentifier(target.schema)}.${pg.escapeIdentifier(target.table)}`;
}

export function columnList(columns: readonly string[]): string {
  return columns.map((column) => pg.escapeIdentifier(column)).join(', ');
}

/**
 * Sends blocks of COPY text lines.
 * @returns the rows that Postgres says it has copied
 * @throws Postgres' own error; a transaction is then aborted up to the savepoint
 */
export async function copyInto(
  client: pg.ClientBase,
  relation: string,
  columns: readonly string[],
  blocks: readonly Buffer[],
): Promise<number> {
  if (blocks.length === 0) return 0;
  const sink = client.query(copyFrom(`COPY ${relation} (${columnList(columns)}) FROM STDIN`));
  await pipeline(Readable.from(blocks, { objectMode: true }), sink);
  return sink.rowCount;
}

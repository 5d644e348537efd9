import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { from as copyFrom } from 'pg-copy-streams';
import { columnList } from '../identifiers.ts';
import type { Tx } from '../transaction.ts';

/** A table and the columns that COPY text lines hold, in their order. */
export interface CopyTarget {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
}

/**
 * Sends blocks of COPY text lines.
 * @returns the rows that Postgres says it has copied
 * @throws Postgres' own error; a transaction is then aborted up to the savepoint
 */
export async function copyInto(
  tx: Tx,
  relation: string,
  columns: readonly string[],
  blocks: readonly Buffer[],
): Promise<number> {
  if (blocks.length === 0) return 0;
  const sink = tx.$client.query(copyFrom(`COPY ${relation} (${columnList(columns)}) FROM STDIN`));
  await pipeline(Readable.from(blocks, { objectMode: true }), sink);
  return sink.rowCount;
}

import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { from as copyFrom } from 'pg-copy-streams';
import type { ColumnLookup, ExistingName } from '../../core/dataset/tables/landing-parts.ts';
import { columnList } from '../identifiers.ts';
import { traced, type Attributes } from '../../tracing/tracing.ts';
import type { Tx } from '../transaction.ts';

/** A table and the columns that rows hold, in their order. */
export interface CopyTarget {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  /** Of rows in COPY's binary form: the types they are written for, which the columns must have. Left out: they are COPY text. */
  readonly types?: readonly string[];
  /** The table that exists which the rows are for, when it is somebody's own: `columns` are also those of PROVENANCE_COLUMNS. */
  readonly existing?: ExistingName;
  /** Columns whose rows bring what is to be looked up in other tables: they cannot be copied into the table itself. */
  readonly lookups?: readonly ColumnLookup[];
}

/** COPY's binary form (its documentation, "Binary Format"): a signature, no flags and no extension, before the rows; -1 behind them. */
const BINARY_HEAD = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const BINARY_END = Buffer.from([0xff, 0xff]);

/**
 * Sends blocks of rows.
 * @returns the rows that Postgres says it has copied
 * @throws Postgres' own error; a transaction is then aborted up to the savepoint
 */
export async function copyInto(
  tx: Tx,
  relation: string,
  { columns, types }: Pick<CopyTarget, 'columns' | 'types'>,
  blocks: readonly Buffer[],
): Promise<number> {
  if (blocks.length === 0) return 0;
  return traced({ name: 'COPY', kind: 'client', attributes: copySpan(relation) }, async (span) => {
    const rows = await copyBlocks(tx, relation, { columns, types }, blocks);
    span.set({ 'sluice.copy.rows': rows });
    return rows;
  });
}

async function copyBlocks(
  tx: Tx,
  relation: string,
  { columns, types }: Pick<CopyTarget, 'columns' | 'types'>,
  blocks: readonly Buffer[],
): Promise<number> {
  const format = types === undefined ? 'text' : 'binary';
  const sink = tx.$client.query(
    copyFrom(`COPY ${relation} (${columnList(columns)}) FROM STDIN (FORMAT ${format})`),
  );
  const sent = types === undefined ? blocks : [BINARY_HEAD, ...blocks, BINARY_END];
  await pipeline(Readable.from(sent, { objectMode: true }), sink);
  return sink.rowCount;
}

const copySpan = (relation: string): Attributes => ({
  'db.system.name': 'postgresql',
  'db.operation.name': 'COPY',
  'db.collection.name': relation,
});

// Rows in COPY's binary form are bytes of certain types: a column of another one would read another value from them, or none.
import { isTransactionClash } from '../errors.ts';
import { qualifiedName } from '../identifiers.ts';
import type { Tx } from '../transaction.ts';
import type { CopyTarget } from './copy.ts';

/** A table was altered while rows for it were made: they are to be made once more. */
export class ColumnsChanged extends Error {
  constructor(tables: readonly CopyTarget[]) {
    super(`The columns of ${tables.map(qualifiedName).join(' or ')} have just got another type`);
  }
}

/** Whether work that failed so may well go through the second time. */
export function isTableClash(error: unknown): boolean {
  return error instanceof ColumnsChanged || isTransactionClash(error);
}

/** Whether all columns have exactly the types that the targets name, whatever their length. Domains are types of their own. */
export async function haveTypes(tx: Tx, targets: readonly CopyTarget[]): Promise<boolean> {
  const wanted = targets.flatMap(({ schema, table, columns, types = [] }) =>
    types.map((type, at) => ({ schema, table, column: columns[at]!, type })),
  );
  const { rows } = await tx.$client.query<{ fit: boolean }>(
    `SELECT count(*) = $5 AS fit
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS w (schema, name, col, type)
       JOIN pg_namespace n ON n.nspname = w.schema
       JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = w.col AND a.atttypid = w.type::regtype`,
    [
      wanted.map(({ schema }) => schema),
      wanted.map(({ table }) => table),
      wanted.map(({ column }) => column),
      wanted.map(({ type }) => type),
      wanted.length,
    ],
  );
  return rows[0]!.fit;
}

/** To be asked when the transaction has a lock on the tables, so that none is altered any more. @throws ColumnsChanged */
export async function requireTypes(tx: Tx, targets: readonly CopyTarget[]): Promise<void> {
  const binary = targets.filter(({ types }) => types !== undefined);
  if (binary.length > 0 && !(await haveTypes(tx, binary))) throw new ColumnsChanged(binary);
}

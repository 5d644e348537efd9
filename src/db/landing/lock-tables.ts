import type { CopyTarget } from './copy.ts';
import { qualifiedName } from '../identifiers.ts';
import type { Tx } from '../transaction.ts';

/**
 * Nobody else writes to the tables until the end of the transaction; readers go on. Who waits for a table keeps other writers waiting
 * behind it, so the session must have a `lock_timeout`.
 * @throws Postgres' 55P03 when others are writing and do not come to an end
 */
export async function lockForWriting(
  tx: Tx,
  tables: readonly Pick<CopyTarget, 'schema' | 'table'>[],
): Promise<void> {
  const names = tables.map(qualifiedName).join(', ');
  await tx.$client.query(`LOCK TABLE ${names} IN SHARE ROW EXCLUSIVE MODE`);
}

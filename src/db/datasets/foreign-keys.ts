import type { CopyTarget } from '../landing/copy.ts';
import { qualifiedName } from '../identifiers.ts';
import type { Tx } from '../transaction.ts';

/** A foreign key that refers to a table; names of columns are quoted as SQL wants them. */
export interface ForeignKey {
  /** The table that refers, with its schema. */
  readonly by: string;
  /** The same, not quoted. */
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  /** The columns it refers to, in the same order. */
  readonly to: readonly string[];
  /** The table that refers is the one it refers to. */
  readonly isToItself: boolean;
  /** ON DELETE RESTRICT: a row that is referred to cannot go even together with those that refer to it. */
  readonly restricts: boolean;
  /** ON DELETE NO ACTION: another row may have taken the key when the statement ends. */
  readonly checksAtEnd: boolean;
}

/** Every foreign key that refers to a table, from wherever; those of partitions are told by their partitioned table. */
export async function foreignKeysTo(
  tx: Tx,
  table: Pick<CopyTarget, 'schema' | 'table'>,
): Promise<ForeignKey[]> {
  const columns = (relation: string, numbers: string): string => `
    ARRAY(SELECT quote_ident(a.attname) FROM unnest(${numbers}) WITH ORDINALITY AS k (attnum, at)
            JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.attnum ORDER BY k.at)`;
  const { rows } = await tx.$client.query<ForeignKey>(
    `SELECT format('%I.%I', n.nspname, r.relname) AS by, n.nspname AS schema, r.relname AS table,
            ${columns('c.conrelid', 'c.conkey')} AS columns, ${columns('c.confrelid', 'c.confkey')} AS "to",
            c.conrelid = c.confrelid AS "isToItself", c.confdeltype = 'r' AS restricts, c.confdeltype = 'a' AS "checksAtEnd"
       FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
      WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid = $1::regclass
      ORDER BY 1, c.conname`,
    [qualifiedName(table)],
  );
  return rows;
}

/** SQL: whether a row of the key's table refers to the row `alias`. @param but a condition on it, `r` */
export function refersTo({ by, columns, to }: ForeignKey, alias: string, but = 'true'): string {
  const equal = columns.map((column, at) => `r.${column} = ${alias}.${to[at]}`);
  return `EXISTS (SELECT FROM ${by} r WHERE ${[...equal, but].join(' AND ')})`;
}

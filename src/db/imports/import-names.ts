import type { Queryable } from '../connection.ts';
import { tableName } from '../identifiers.ts';
import { imports } from '../schema/imports.ts';

/** What people know an import by. */
export interface ImportName {
  readonly dataset: string;
  readonly fileName: string | null;
}

/** @param ids of imports, or of tasks that take the rows of an import back. @returns for each that is known its import's name */
export async function findImportNames(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ImportName>> {
  const { rows } = await db.query<ImportName & { id: string }>(
    `SELECT id, dataset, file_name AS "fileName" FROM ${tableName(imports)} WHERE id = ANY($1::uuid[])
     UNION ALL
     SELECT undo_id, dataset, file_name FROM ${tableName(imports)} WHERE undo_id = ANY($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map(({ id, dataset, fileName }) => [id, { dataset, fileName }]));
}

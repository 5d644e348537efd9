import { sql } from 'drizzle-orm';
import { imports } from '../../db/schema/imports.ts';
import { recordExports } from '../../db/schema/datasets.ts';
import { tasks } from '../../db/schema/tasks.ts';
import { resumableUploads, uploads } from '../../db/schema/uploads.ts';
import type { Tx } from '../../db/transaction.ts';
import {
  EXPORTS_FOLDER,
  idOfFolder,
  IMPORTS_FOLDER,
  KEPT_FOLDER,
  RESUMABLE_FOLDER,
} from '../../storage/keys.ts';
import type { StoredFile } from './stored-files.ts';

/** Notes of files that were removed while the backup was made that they are gone, as their removal would have. */
export async function noteGone(tx: Tx, files: AsyncIterable<StoredFile>): Promise<void> {
  for await (const { key, written } of files) {
    if (written !== null) continue;
    const [folder, id] = [key.slice(0, key.indexOf('/') + 1), idOfFolder(key.split('/', 2).join('/') + '/')];
    if (folder === IMPORTS_FOLDER)
      await tx.execute(sql`
        UPDATE ${imports} SET files_removed_at = now()
         WHERE id = ${id} AND (SELECT finished_at FROM ${tasks} t WHERE t.id = ${id}) IS NOT NULL`);
    if (folder === KEPT_FOLDER) await tx.execute(sql`DELETE FROM ${uploads} WHERE id = ${id}`);
    if (folder === RESUMABLE_FOLDER) await tx.execute(sql`DELETE FROM ${resumableUploads} WHERE id = ${id}`);
    if (folder === EXPORTS_FOLDER) await tx.execute(sql`DELETE FROM ${recordExports} WHERE id = ${id}`);
  }
}

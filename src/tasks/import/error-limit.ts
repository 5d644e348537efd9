import { exceedsMaxErrors } from '../../core/imports/max-errors.ts';
import type { ImportCounts } from '../../core/imports/import-counts.ts';
import { isDirect } from '../../core/imports/import-mode.ts';
import type { TaskError } from '../../core/tasks/task.ts';
import { sumCounts } from '../../db/imports/chunks.ts';
import type { Database } from '../../db/client.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import { failTask } from '../../db/tasks/tasks.ts';

/**
 * Fails an import that has rejected more records than it may. Looked at whenever a chunk has committed rejects, and once more
 * at the end: a worker may die between the commit and the look.
 * @returns `within` its limit; `failed` by this call; `stopped` when the limit is exceeded, but the import had ended otherwise
 */
export async function failAtErrorLimit(
  db: Database,
  imp: ImportRow,
): Promise<'within' | 'failed' | 'stopped'> {
  if (imp.maxErrors === null || !exceedsLimit(imp, await sumCounts(db, imp.id))) return 'within';
  const failed = await failTask(db, imp.id, tooManyErrors(imp));
  return failed === undefined ? 'stopped' : 'failed';
}

/** @param counts of an import whose file has been scanned */
export function exceedsLimit(
  { maxErrors }: Pick<ImportRow, 'maxErrors'>,
  { rejected, records }: Pick<ImportCounts, 'rejected' | 'records'>,
): boolean {
  return exceedsMaxErrors(maxErrors, rejected, records ?? 0);
}

export function tooManyErrors(imp: ImportRow): TaskError {
  return {
    code: 'too-many-errors',
    message:
      `More records were rejected than maxErrors=${imp.maxErrors} allows. ` +
      (isDirect(imp)
        ? `Rows that have landed stay; the other records are unprocessed. Either mend the rejects, retry them, and send unprocessed.csv. Or undo the import and send the whole file again. If you send the whole file without the undo, those rows land twice.`
        : 'Nothing has landed. Look at the row errors, mend the file and send it again, or send it with a larger maxErrors.'),
  };
}

// The commit of a dry run does what the dry run said, or nothing.
import { isDeepStrictEqual } from 'node:util';
import type { ImportCounts } from '../../core/imports/import-counts.ts';
import type { TaskError } from '../../core/tasks/task.ts';
import { sumCounts } from '../../db/imports/chunks.ts';
import type { Database } from '../../db/client.ts';
import { findImport, type ImportRow } from '../../db/imports/imports.ts';
import type { Applied } from './apply-staged.ts';

const TOLD = ['inserted', 'updated', 'unchanged', 'superseded', 'rejected', 'deleted'] as const;

function describe(counts: Pick<ImportCounts, (typeof TOLD)[number]>): string {
  return TOLD.map((count) => `${counts[count]} ${count}`).join(', ');
}

/** @returns why a commit must not be; null when it does what its dry run said, and for imports that are none */
export async function findChange(
  db: Database,
  imp: ImportRow,
  { published, digest }: Applied,
  rejected: number,
): Promise<TaskError | null> {
  if (imp.commitOf === null) return null;
  const dryRun = await findImport(db, imp.commitOf);
  const said = await sumCounts(db, imp.commitOf);
  const now = { ...published, rejected };
  const isSame = TOLD.every((count) => said[count] === now[count]);
  if (isSame && isDeepStrictEqual(dryRun?.digest, digest)) return null;
  return {
    code: 'table-changed',
    message: `Since dry run ${imp.commitOf} the table has changed. The dry run said ${describe(said)}; now it would be ${describe(now)}. Nothing was loaded. Send the file with dryRun=true again.`,
  };
}

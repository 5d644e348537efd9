import { and, eq, inArray, isNotNull } from 'drizzle-orm';
import { isDirect } from '../../core/imports/import-mode.ts';
import { copyTables, fileFields, landingParts } from '../../core/dataset/tables/landing-parts.ts';
import { restageChunks } from '../../db/imports/chunks.ts';
import { freeAllClaims } from '../../db/imports/retried-rows.ts';
import { deleteRowErrors } from '../../db/imports/row-errors.ts';
import { createStaging } from '../../db/landing/staging.ts';
import { imports } from '../../db/schema/imports.ts';
import { tasks } from '../../db/schema/tasks.ts';
import type { Tx } from '../../db/transaction.ts';

/** Staged rows are in no backup: imports under way that had some stage all of their chunks once more. */
export async function restageImports(tx: Tx): Promise<void> {
  const found = await tx
    .select({ imp: imports })
    .from(imports)
    .innerJoin(tasks, eq(tasks.id, imports.id))
    .where(and(inArray(tasks.status, ['queued', 'running']), isNotNull(imports.plannedAt)));
  for (const { imp } of found) {
    if (isDirect(imp)) continue;
    const parts = landingParts(imp.document, fileFields(imp.document, imp.columns));
    await createStaging(tx, imp.id, copyTables(parts, false));
    await restageChunks(tx, imp.id);
    await freeAllClaims(tx, imp.id);
    await deleteRowErrors(tx, imp.id);
  }
}

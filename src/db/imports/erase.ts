// Erases what an import says of people: names, and the values in row errors. What it has counted stays, and so do its rows.
import { and, eq, gt, isNotNull, isNull, sql } from 'drizzle-orm';
import { UNDO } from '../../core/tasks/task-kinds.ts';
import { isFinal } from '../../core/tasks/task-status.ts';
import { IMPORT_EVENTS } from '../../core/webhooks/events.ts';
import { AppError } from '../../errors.ts';
import type { Database } from '../client.ts';
import { importRowErrors, imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';
import { webhookAttempts, webhookDeliveries } from '../schema/webhooks.ts';
import { inTransaction, type Connection, type Tx } from '../transaction.ts';
import { findTask } from '../tasks/tasks.ts';
import { lockImport, type ImportRow } from './imports.ts';

/** What stands in the place of a message that may have held a value. */
const ERASED = 'Erased.';

/**
 * Harmless when it is done already. The files go right after (`markFilesErased`); should that fail, the sweep removes them.
 * @param together what else becomes true with it
 * @throws AppError NOT_FOUND; CONFLICT while the import, an undo or a retry of it is under way
 */
export async function eraseImport(
  db: Connection,
  id: string,
  together?: (tx: Tx) => Promise<void>,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    await requireErasable(tx, id, await lockImport(tx, id));
    await tx
      .update(importRowErrors)
      .set({ value: null, message: ERASED })
      .where(eq(importRowErrors.importId, id));
    await tx.execute(sql`
      UPDATE ${tasks}
         SET args = CASE WHEN args ? 'fileName' THEN args || '{"fileName": null}' ELSE args END,
             error = error || ${JSON.stringify({ message: ERASED })}::jsonb,
             version = version + 1
       WHERE id = ${id} OR name = ${UNDO.name} AND args->>'importId' = ${id}`);
    await tx
      .update(imports)
      .set({
        fileName: null,
        entryName: null,
        content: null,
        // Names of files.
        dialect: sql`${imports.dialect} - 'parts' - 'otherEntries'`,
        erasedAt: sql`coalesce(${imports.erasedAt}, now())`,
      })
      .where(eq(imports.id, id));
    await eraseTold(tx, id);
    await together?.(tx);
  });
}

/** What webhooks were told, or are to be told, names the file; what receivers have answered may repeat it. */
async function eraseTold(tx: Tx, id: string): Promise<void> {
  const events = sql.param(IMPORT_EVENTS.map((event) => `${id}-${event}`));
  await tx.execute(sql`
    WITH told AS (
      UPDATE ${webhookDeliveries} SET payload = jsonb_set(payload::jsonb, '{data,fileName}', 'null', false)::json
       WHERE event_id = ANY(${events}::text[]) RETURNING id)
    UPDATE ${webhookAttempts} SET answer = NULL, error = CASE WHEN error IS NOT NULL THEN ${ERASED} END
     WHERE delivery_id IN (SELECT id FROM told)`);
}

/** Imports that were erased and still have files, by id: a page behind the id `after`. */
export async function listErasedWithFiles(
  db: Database,
  limit: number,
  after: string | undefined,
): Promise<string[]> {
  const rows = await db
    .select({ id: imports.id })
    .from(imports)
    .where(
      and(
        isNotNull(imports.erasedAt),
        isNull(imports.filesRemovedAt),
        after === undefined ? undefined : gt(imports.id, after),
      ),
    )
    .orderBy(imports.id)
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** Notes that upload and rejects are gone. Which rows an upsert had found stays known: others hang on it. */
export async function markFilesErased(db: Connection, id: string): Promise<void> {
  await db
    .update(imports)
    .set({ filesRemovedAt: sql`coalesce(${imports.filesRemovedAt}, now())` })
    .where(eq(imports.id, id));
}

async function requireErasable(tx: Tx, id: string, imp: ImportRow | undefined): Promise<void> {
  const status = (await findTask(tx, id))?.status;
  if (imp === undefined || status === undefined) throw new AppError('NOT_FOUND', `There is no import ${id}.`);
  if (!isFinal(status))
    throw new AppError(
      'CONFLICT',
      `The import is ${status}. It can be erased when it has ended; cancel it, or ask again then.`,
      { taskStatus: status },
    );
  const undo = imp.undoId === null ? undefined : await findTask(tx, imp.undoId);
  if (undo !== undefined && !isFinal(undo.status))
    throw new AppError(
      'CONFLICT',
      `An undo of this import is ${undo.status} (task ${undo.id}). Ask again when it has ended.`,
      { taskId: undo.id },
    );
  const [retry] = await tx
    .select({ id: imports.id })
    .from(imports)
    .innerJoin(tasks, eq(tasks.id, imports.id))
    .where(and(eq(imports.parentId, id), sql`${tasks.status} IN ('queued', 'running', 'cancelling')`))
    .limit(1);
  if (retry !== undefined)
    throw new AppError(
      'CONFLICT',
      `A retry of this import reads its rejects (import ${retry.id}). Ask again when it has ended.`,
      { importId: retry.id },
    );
}

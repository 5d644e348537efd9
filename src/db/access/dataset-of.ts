// Which dataset something is about, for keys that are limited to some.
import { eq, sql } from 'drizzle-orm';
import { verbOfRecordTask } from '../../core/records/record-request.ts';
import { UNDO } from '../../core/tasks/task-kinds.ts';
import type { Database } from '../client.ts';
import { imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';
import { uploads } from '../schema/uploads.ts';

/** Of what is about no dataset: the name of none, which no key is limited to. */
export const NO_DATASET = '';

/** Undefined: there is no such import. */
export async function datasetOfImport(db: Database, id: string): Promise<string | undefined> {
  const [row] = await db.select({ dataset: imports.dataset }).from(imports).where(eq(imports.id, id));
  return row?.dataset;
}

/** Of an import, its undo, or a request over records. Undefined: there is no such task; empty: it is another one. */
export async function datasetOfTask(db: Database, id: string): Promise<string | undefined> {
  const [task] = await db.select({ name: tasks.name, args: tasks.args }).from(tasks).where(eq(tasks.id, id));
  if (task === undefined) return undefined;
  if (verbOfRecordTask(task.name) !== undefined) return (task.args as { dataset: string }).dataset;
  const importId = task.name === UNDO.name ? (task.args as { importId: string }).importId : id;
  return (await datasetOfImport(db, importId)) ?? NO_DATASET;
}

/** Undefined: there is no such upload; empty: it was sent without one. */
export async function datasetOfUpload(db: Database, id: string): Promise<string | undefined> {
  const [row] = await db
    .select({ dataset: sql<string>`coalesce(${uploads.options} ->> 'dataset', ${NO_DATASET})` })
    .from(uploads)
    .where(eq(uploads.id, id));
  return row?.dataset;
}

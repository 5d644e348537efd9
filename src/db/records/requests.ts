// Requests over records that became tasks.
import { and, eq } from 'drizzle-orm';
import type { RecordRequest } from '../../core/records/record-request.ts';
import type { Database } from '../client.ts';
import { recordRequests } from '../schema/datasets.ts';

/** @param tx in which the task is recorded @param id the task's */
export async function recordRequest(
  tx: Database,
  id: string,
  dataset: string,
  request: RecordRequest,
): Promise<void> {
  await tx.insert(recordRequests).values({ id, dataset, request: JSON.stringify(request) });
}

/** Undefined: there is none, or the task that it was made for first is no longer kept. */
export async function findRequest(
  db: Database,
  id: string,
  dataset: string,
): Promise<RecordRequest | undefined> {
  const [row] = await db
    .select({ request: recordRequests.request })
    .from(recordRequests)
    .where(and(eq(recordRequests.id, id), eq(recordRequests.dataset, dataset)));
  return row && (JSON.parse(row.request) as RecordRequest);
}

// Looks at what a staged import leaves, for the tests of the modes.
import { expect } from 'vitest';
import { parseReject, type Reject } from '../../src/core/imports/rejects.ts';
import type { ImportCounts } from '../../src/core/imports/import-counts.ts';
import { listRejectKeys, sumCounts } from '../../src/db/imports/chunks.ts';
import type { SlotDeps } from '../../src/tasks/work-deps.ts';

export async function rejectsOf(slot: SlotDeps, importId: string): Promise<Reject[]> {
  const rejects: Reject[] = [];
  for (const key of await listRejectKeys(slot.db, importId)) {
    const lines = (await slot.storage.read(key).toArray()).join('').split('\n').slice(0, -1);
    rejects.push(...lines.map(parseReject));
  }
  return rejects;
}

/** The counts that are not zero; all of them make up the records. */
export async function countsOf(slot: SlotDeps, importId: string): Promise<Partial<ImportCounts>> {
  const counts = await sumCounts(slot.db, importId);
  const { records, inserted, updated, unchanged, superseded, rejected, unprocessed } = counts;
  expect(inserted + updated + unchanged + superseded + rejected + (unprocessed ?? NaN)).toBe(records);
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

export async function stagingTables(slot: SlotDeps): Promise<string[]> {
  const { rows } = await slot.db.$client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'sluice_staging'::regnamespace AND relkind = 'r' ORDER BY 1`,
  );
  return rows.map((row) => row.name);
}

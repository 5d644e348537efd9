// Mappings that imports succeeded with, one for each dataset and header, so that the next file like that needs no new one.
import { and, eq, gt, sql } from 'drizzle-orm';
import type { ColumnMapping } from '../../core/dataset/header/mapping.ts';
import type { Database } from '../client.ts';
import { imports, mappings } from '../schema/imports.ts';

export type MappingRow = typeof mappings.$inferSelect;

export async function findMapping(
  db: Database,
  dataset: string,
  fingerprint: string,
): Promise<ColumnMapping | undefined> {
  const [row] = await db
    .select({ mapping: mappings.mapping })
    .from(mappings)
    .where(and(eq(mappings.dataset, dataset), eq(mappings.fingerprint, fingerprint)));
  return row?.mapping;
}

/** A page of a dataset's mappings, in the order of their fingerprints; `after` is the last of the page before. */
export async function listMappings(
  db: Database,
  dataset: string,
  page: { limit: number; after?: string },
): Promise<{ mappings: MappingRow[]; next: string | null }> {
  const rows = await db
    .select()
    .from(mappings)
    .where(
      and(
        eq(mappings.dataset, dataset),
        page.after === undefined ? undefined : gt(mappings.fingerprint, page.after),
      ),
    )
    .orderBy(mappings.fingerprint)
    .limit(page.limit + 1);
  const shown = rows.slice(0, page.limit);
  return { mappings: shown, next: rows.length > page.limit ? (shown.at(-1)?.fingerprint ?? null) : null };
}

/** @returns false when there is none */
export async function deleteMapping(db: Database, dataset: string, fingerprint: string): Promise<boolean> {
  const { rowCount } = await db
    .delete(mappings)
    .where(and(eq(mappings.dataset, dataset), eq(mappings.fingerprint, fingerprint)));
  return rowCount === 1;
}

/** Saves the mapping of an import that has succeeded; nothing when it had none. Run it in the transaction that ends the import. */
export async function keepMapping(db: Database, importId: string): Promise<void> {
  await db.execute(sql`
    INSERT INTO ${mappings} (dataset, fingerprint, header, mapping, created_by)
    SELECT dataset, header_fingerprint, (SELECT jsonb_agg(c->'header' ORDER BY n) FROM jsonb_array_elements(columns) WITH ORDINALITY AS e(c, n)),
           mapping, created_by
      FROM ${imports} WHERE id = ${importId} AND mapping IS NOT NULL AND header_fingerprint IS NOT NULL
    ON CONFLICT (dataset, fingerprint) DO UPDATE
       SET mapping = excluded.mapping, header = excluded.header, created_by = excluded.created_by, used_at = now()`);
}

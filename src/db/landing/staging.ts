// Staging tables: where the rows of an import wait until one transaction publishes them. One for each table they will land
// in, with its columns, checks and nothing else; not logged, so a crash of Postgres empties them, which publishing notices.
import { sql } from 'drizzle-orm';
import { TIME_COLUMNS } from '../../core/dataset/tables/table-plan.ts';
import type { ImportRow } from '../imports/imports.ts';
import type { StagedTable } from './stage-rows.ts';
import { fillTimes } from '../datasets/read-tables.ts';
import { copyTables, fileFields, landingParts } from '../../core/dataset/tables/landing-parts.ts';
import { landingTables } from '../../core/dataset/tables/landing-tables.ts';
import type { Database } from '../client.ts';
import type { Tx } from '../transaction.ts';
import type { CopyTarget } from './copy.ts';
import { identifier, qualifiedName, tableName } from '../identifiers.ts';
import { landedColumns, readTarget, waitingColumns } from './existing/stage-existing.ts';
import { CHANGES_INSERTS } from '../datasets/table-rules.ts';
import { importChunks, imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';

const SCHEMA = 'sluice_staging';

/** The staging table of the `at`-th of the tables that an import lands in (in the order of insertion). */
function stagingName(importId: string, at: number): { schema: string; table: string } {
  return { schema: SCHEMA, table: `${importId.replaceAll('-', '')}_${at}` };
}

/** The same tables, in staging. */
export function stagingTargets(importId: string, targets: readonly CopyTarget[]): CopyTarget[] {
  return targets.map((target, at) => ({ ...target, ...stagingName(importId, at) }));
}

/**
 * Makes the staging tables of an import.
 * @param targets the tables that rows will land in; `columns` are those that rows bring
 */
export async function createStaging(tx: Tx, importId: string, targets: readonly CopyTarget[]): Promise<void> {
  for (const [at, target] of targets.entries()) {
    const staging = qualifiedName(stagingName(importId, at));
    if (target.existing !== undefined) {
      const columns = waitingColumns(target, await readTarget(tx, target));
      await tx.$client.query(
        `CREATE UNLOGGED TABLE ${staging} (${columns}) WITH (autovacuum_enabled = false)`,
      );
      continue;
    }
    await tx.execute(
      sql.raw(
        `CREATE UNLOGGED TABLE ${staging} (LIKE ${qualifiedName(target)} INCLUDING CONSTRAINTS) WITH (autovacuum_enabled = false)`,
      ),
    );
    const later = await rulesForLater(tx, staging, target);
    const changes = [
      ...later.notNull.map((name) => `ALTER COLUMN ${identifier(name)} DROP NOT NULL`),
      ...later.checks.map((name) => `DROP CONSTRAINT ${identifier(name)}`),
      ...TIME_COLUMNS.map((name) => `ALTER COLUMN ${name} SET DEFAULT now()`),
    ];
    await tx.execute(sql.raw(`ALTER TABLE ${staging} ${changes.join(', ')}`));
  }
}

/**
 * Rules that rows may break while they are staged, and keep when they are published: those of columns that the file does not bring,
 * which the table fills, or which an updated row has already; and all of them where a trigger may change the row.
 */
async function rulesForLater(
  tx: Tx,
  staging: string,
  target: CopyTarget,
): Promise<{ notNull: string[]; checks: string[] }> {
  const columns = sql`(SELECT jsonb_array_elements_text(${JSON.stringify(target.columns)}::jsonb))`;
  const isChanged = sql`(SELECT ${sql.raw(CHANGES_INSERTS)} FROM pg_class t WHERE t.oid = ${qualifiedName(target)}::regclass)`;
  const { rows } = await tx.execute<{ notNull: string[]; checks: string[] }>(sql`
    SELECT ARRAY(SELECT attname::text FROM pg_attribute
                  WHERE attrelid = ${staging}::regclass AND attnum > 0 AND attnotnull
                    AND (${isChanged} OR attname NOT IN ${columns})) AS "notNull",
           ARRAY(SELECT conname::text FROM pg_constraint con
                  WHERE conrelid = ${staging}::regclass AND contype = 'c'
                    AND (${isChanged} OR EXISTS (
                          SELECT FROM unnest(con.conkey) AS k (attnum)
                            LEFT JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.attnum AND k.attnum > 0
                           WHERE a.attname IN ${columns} IS NOT TRUE))) AS checks`);
  return rows[0]!;
}

/** Where an import's rows are staged and where they belong: linked tables first, the main table last. */
export async function stagedTables(tx: Tx, imp: ImportRow): Promise<StagedTable[]> {
  const parts = landingParts(imp.document, fileFields(imp.document, imp.columns));
  if (parts.isExisting) {
    const target = copyTables(parts, true)[0]!;
    const existing = await readTarget(tx, target);
    const staged = qualifiedName(stagingName(imp.id, 0));
    const columns = landedColumns(target, existing);
    return [{ target: { ...target, columns }, staged, provenance: existing.provenance }];
  }
  const targets = copyTables(parts, await fillTimes(tx, landingTables(imp.document)));
  return targets.map((target, at) => ({ target, staged: qualifiedName(stagingName(imp.id, at)) }));
}

/** Rows of the main table that wait in staging. */
async function countStaged(tx: Tx, main: string): Promise<number> {
  const { rows } = await tx.$client.query<{ count: string }>(`SELECT count(*) FROM ${main}`);
  return Number(rows[0]!.count);
}

/** Whether the staging tables of an import are there, with all that its chunks have staged. */
export async function isStagingWhole(
  tx: Tx,
  importId: string,
  tables: readonly StagedTable[],
): Promise<boolean> {
  const main = tables.at(-1)!.staged;
  const found = await tx.$client.query<{ name: string | null }>('SELECT to_regclass($1) AS name', [main]);
  if (found.rows[0]!.name === null) return false;
  const { rows } = await tx.$client.query<{ staged: string }>(
    `SELECT coalesce(sum(loaded), 0) AS staged FROM ${tableName(importChunks)} WHERE import_id = $1`,
    [importId],
  );
  return (await countStaged(tx, main)) === Number(rows[0]!.staged);
}

/** Nothing of an import is in staging any more, and its tables are gone. */
export async function dropStaging(tx: Tx, importId: string): Promise<void> {
  const { rows } = await tx.$client.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class
      WHERE relnamespace = $1::regnamespace AND relkind = 'r' AND starts_with(relname, $2)`,
    [SCHEMA, stagingName(importId, 0).table.slice(0, -1)],
  );
  if (rows.length > 0) await tx.$client.query(`DROP TABLE ${rows.map((row) => row.name).join(', ')}`);
}

/**
 * Imports that have staging tables and no use for them: ended, or gone. A dry run that succeeded keeps its own for
 * `dryRunHours`, unless it is erased.
 */
export async function listLeftStaging(db: Database, dryRunHours: number): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    WITH staged AS (
      SELECT DISTINCT CASE WHEN relname ~ '^[0-9a-f]{32}_' THEN left(relname, 32)::uuid END AS id
        FROM pg_class WHERE relnamespace = ${SCHEMA}::regnamespace AND relkind = 'r')
    SELECT s.id FROM staged s LEFT JOIN ${tasks} t ON t.id = s.id LEFT JOIN ${imports} i ON i.id = s.id
     WHERE s.id IS NOT NULL AND CASE
       WHEN i.dry_run AND t.status = 'succeeded' AND i.erased_at IS NULL THEN t.finished_at < now() - ${dryRunHours} * interval '1 hour'
       ELSE coalesce(t.status IN ('succeeded', 'failed', 'cancelled'), true) END`);
  return rows.map((row) => row.id);
}

// Rows into a table that exists, and into the table beside it who brought them: one statement, so that neither is without the other.
import { PROVENANCE_COLUMNS } from '../../../core/dataset/tables/provenance-columns.ts';
import { isSameRow, sideKeys, type Provenance } from '../../datasets/existing-tables.ts';
import { columnList, identifier as name, qualifiedName } from '../../identifiers.ts';
import { NotWhole } from '../refusals/bisect-rows.ts';
import type { Tx } from '../../transaction.ts';
import type { StagedTable } from '../stage-rows.ts';

/** Rows of a table that exists, staged. */
export type StagedExisting = StagedTable & { readonly provenance: Provenance };

export function isStagedExisting(table: StagedTable): table is StagedExisting {
  return table.provenance !== undefined;
}

export interface NotingInsert {
  /** `inserted AS (INSERT …)`, a part of WITH. */
  readonly inserted: string;
  /** The INSERT that notes the rows of `inserted`; goes on with RETURNING. */
  readonly noted: string;
}

/**
 * SQL that inserts the staged rows `s` for which a condition is true. A row that got its key only on its way in (by a trigger) is
 * not found again unless it is the only one: then fewer are noted than were staged.
 * @param onConflict as INSERT has it
 */
export function insertNoting(
  { target, staged, provenance }: StagedExisting,
  where: string,
  { onConflict = '', isSingle = false }: { readonly onConflict?: string; readonly isSingle?: boolean } = {},
): NotingInsert {
  const columns = columnList(target.columns);
  const keys = sideKeys(provenance);
  const returned = provenance.key.map((column, at) => `t.${name(column)} AS ${keys[at]}`);
  const joined = isSingle ? 'true' : isSameRow(provenance, 'i', 's');
  const ofInserted = keys.map((key) => `i.${key}`).join(', ');
  // Of staged rows with one key the first has landed.
  const [firstOfKey, inOrder] =
    provenance.isNumbered === true || isSingle
      ? ['', '']
      : [`DISTINCT ON (${ofInserted})`, `ORDER BY ${ofInserted}, s.import_row`];
  return {
    inserted: `inserted AS (
      INSERT INTO ${qualifiedName(target)} AS t (${columns}) OVERRIDING SYSTEM VALUE
      SELECT ${columns} FROM ${staged} AS s WHERE ${where} ORDER BY s.import_row ${onConflict}
      RETURNING ${returned.join(', ')}, ${provenance.isPartitioned ? 'NULL::xid' : 't.xmin'} AS version)`,
    noted: `
      INSERT INTO ${provenance.table} (${notedColumns(provenance).join(', ')})
      SELECT ${firstOfKey} ${stagedValues().join(', ')}, i.version, ${ofInserted}
        FROM inserted AS i JOIN ${staged} AS s ON ${joined} WHERE ${where} ${inOrder}
      ${renewing(provenance)}`,
  };
}

const FROM_STAGED = ['id', 'created_by', 'updated_by', 'import_id', 'import_row'];

/** Columns of the table beside, in the order of `stagedValues`, the version and the key. */
function notedColumns(provenance: Provenance): string[] {
  return [...FROM_STAGED, 'version', ...sideKeys(provenance)];
}

/** SQL: what a staged row `s` brings for the table beside. */
function stagedValues(): string[] {
  const { id, createdBy, updatedBy, importId, importRow } = PROVENANCE_COLUMNS;
  return [id, createdBy, updatedBy, importId, importRow].map((column) => `s.${name(column)}`);
}

/** SQL: whose row of this key was there before, and is gone, does not matter any more. */
function renewing(provenance: Provenance): string {
  const renewed = [...FROM_STAGED, 'version', 'created_at', 'updated_at'];
  return `ON CONFLICT (${sideKeys(provenance).join(', ')}) DO UPDATE SET ${renewed.map((column) => `${column} = excluded.${column}`).join(', ')}`;
}

/** SQL: whether the row `row` of the table is that of the staged row `s`. */
function isSameStaged({ key }: Provenance, row: string): string {
  return key.map((column) => `s.${name(column)} = ${row}.${name(column)}`).join(' AND ');
}

/**
 * The same for rows that nothing keeps from landing, in two statements that take half of the time: rows of one statement have one version.
 * @throws when Postgres refuses a row; NotWhole
 */
export async function insertAtOnce(tx: Tx, table: StagedExisting, where: string): Promise<void> {
  const { target, staged, provenance } = table;
  const columns = columnList(target.columns);
  const { rowCount } = await tx.$client.query(
    `INSERT INTO ${qualifiedName(target)} (${columns}) OVERRIDING SYSTEM VALUE
     SELECT ${columns} FROM ${staged} AS s WHERE ${where} ORDER BY s.import_row`,
  );
  const { rows } = await tx.$client.query<{ version: string }>(
    `SELECT t.xmin AS version FROM ${staged} AS s JOIN ${qualifiedName(target)} AS t ON ${isSameStaged(provenance, 't')}
      WHERE ${where} LIMIT 1`,
  );
  if (rows.length === 0) return;
  const keys = provenance.key.map((column) => `s.${name(column)}`);
  const noted = await tx.$client.query(
    `INSERT INTO ${provenance.table} (${notedColumns(provenance).join(', ')})
     SELECT ${stagedValues().join(', ')}, '${rows[0]!.version}'::xid, ${keys.join(', ')} FROM ${staged} AS s WHERE ${where} ORDER BY s.import_row
     ${renewing(provenance)}`,
  );
  if (noted.rowCount !== rowCount) throw new NotWhole();
}

/** Of a partitioned table: the versions of the rows that have just landed. */
export async function noteVersions(tx: Tx, { target, staged, provenance }: StagedExisting): Promise<void> {
  if (!provenance.isPartitioned) return;
  await tx.$client.query(
    `UPDATE ${provenance.table} AS p SET version = t.xmin
       FROM ${staged} AS s, ${qualifiedName(target)} AS t
      WHERE p.id = s.${PROVENANCE_COLUMNS.id} AND p.version IS NULL AND ${isSameRow(provenance, 'p', 't')}`,
  );
}

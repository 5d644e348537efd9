// Takes the rows of an import out of a table that exists, but for those that somebody has changed since, refers to, or counts as its own.
// That a row was changed shows by the transaction that wrote it: the table itself has no trigger and no column of Sluice's.
import pg from 'pg';
import type { Dataset } from '../../../core/dataset/types.ts';
import { isSameRow, requireProvenance, targetOf } from '../../datasets/existing-tables.ts';
import { foreignKeysTo, refersTo, type ForeignKey } from '../../datasets/foreign-keys.ts';
import { qualifiedName, tableName } from '../../identifiers.ts';
import { importMatches, keptRows } from '../../schema/imported-rows.ts';
import { tasks } from '../../schema/tasks.ts';
import { NOTE_DELETED } from '../note-deleted.ts';
import type { Tx } from '../../transaction.ts';
import type { TakenBack } from '../take-back.ts';

/** Works within the caller's transaction; see `takeBackRows`, which it is a part of. */
export async function takeBackExisting(tx: Tx, dataset: Dataset, importId: string): Promise<TakenBack> {
  const name = targetOf(dataset);
  const main = qualifiedName(name);
  const side = await requireProvenance(tx, name);
  const run = async (text: string): Promise<number> =>
    (await tx.$client.query(text, [importId])).rowCount ?? 0;
  // What an upsert publishes meanwhile is waited for, and the next one waits.
  await tx.$client.query(`LOCK TABLE ${main} IN ROW EXCLUSIVE MODE`);
  const rows = `${main} AS m JOIN ${side.table} AS p ON ${isSameRow(side, 'p', 'm')}`;
  await tx.$client.query(
    `SELECT count(*) FROM (SELECT FROM ${rows} WHERE p.import_id = $1 FOR UPDATE OF m) AS locked`,
    [importId],
  );

  const keep = (referencedBy: string | null, condition: string): Promise<number> =>
    run(`INSERT INTO ${tableName(keptRows)} (import_id, id, row, referenced_by)
         SELECT p.import_id, p.id, p.import_row, ${referencedBy === null ? 'NULL' : pg.escapeLiteral(referencedBy)}
           FROM ${rows} WHERE p.import_id = $1 AND ${condition} ON CONFLICT (import_id, row, id) DO NOTHING`);
  const changed = await keep(null, 'm.xmin IS DISTINCT FROM p.version');
  const held = await keep(
    null,
    `EXISTS (SELECT FROM ${tableName(importMatches)} x JOIN ${tableName(tasks)} t ON t.id = x.import_id
              WHERE x.id = p.id AND t.status = 'succeeded')`,
  );
  const keys = await foreignKeysTo(tx, name);
  let referenced = 0;
  for (const key of keys.filter(({ isToItself }) => !isToItself))
    referenced += await keep(key.by, refersTo(key, 'm'));
  // Of the table itself only rows that stay count; each that is kept may refer to others.
  const toItself = keys.filter(({ isToItself }) => isToItself);
  const isKept = `EXISTS (SELECT FROM ${tableName(keptRows)} k WHERE k.import_id = $1 AND k.id = q.id)`;
  const staysOf = ({ restricts }: ForeignKey): string => {
    const goes = `EXISTS (SELECT FROM ${side.table} AS q WHERE ${isSameRow(side, 'q', 'r')} AND q.import_id = $1 AND NOT ${isKept})`;
    return restricts ? `NOT (${isSameRow(side, 'p', 'r')})` : `NOT ${goes}`;
  };
  for (let found = toItself.length; found > 0;) {
    found = 0;
    for (const key of toItself) found += await keep(key.by, refersTo(key, 'm', staysOf(key)));
    referenced += found;
  }
  return { deleted: await deleteRows(tx, main, importId, side), changed, held, referenced };
}

/** Deletes the rows that are not kept, and notes their records. What is beside rows that are gone goes too. */
async function deleteRows(
  tx: Tx,
  main: string,
  importId: string,
  side: Awaited<ReturnType<typeof requireProvenance>>,
): Promise<number> {
  const isKept = `EXISTS (SELECT FROM ${tableName(keptRows)} k WHERE k.import_id = $1 AND k.id = p.id)`;
  const { rows } = await tx.$client.query<{ deleted: string }>(
    `WITH deleted AS (
       DELETE FROM ${main} AS m USING ${side.table} AS p
        WHERE ${isSameRow(side, 'p', 'm')} AND p.import_id = $1 AND NOT ${isKept}
       RETURNING p.import_row AS row),
     ${NOTE_DELETED}`,
    [importId],
  );
  await tx.$client.query(`DELETE FROM ${side.table} AS p WHERE p.import_id = $1 AND NOT ${isKept}`, [
    importId,
  ]);
  return Number(rows[0]!.deleted);
}

// Takes the rows of an import back, but for those that somebody has changed since, refers to, or counts as its own.
import { sql } from 'drizzle-orm';
import pg from 'pg';
import { DEFAULT_SCHEMA } from '../../core/dataset/tables/landing-tables.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import type { Database } from '../client.ts';
import { identifier, qualifiedName, tableName } from '../identifiers.ts';
import { isExisting } from '../datasets/existing-tables.ts';
import { takeBackExisting } from './existing/take-back-existing.ts';
import { foreignKeysTo, refersTo, type ForeignKey } from '../datasets/foreign-keys.ts';
import { NOTE_DELETED } from './note-deleted.ts';
import { importMatches, keptRows, retriedRows, takenBackRows } from '../schema/imported-rows.ts';
import { tasks } from '../schema/tasks.ts';
import type { Tx } from '../transaction.ts';

/** What became of the rows of an import. */
export interface TakenBack {
  readonly deleted: number;
  /** Kept: it or a row it is linked to was changed since, or its `import_row` was taken away. */
  readonly changed: number;
  /** Kept: not changed, but an upsert that has succeeded found it as its file has it, so that it is its row too. */
  readonly held: number;
  /** Kept: not changed, but a row that stays refers to it, of a table outside the dataset or of its own. */
  readonly referenced: number;
}

/** A row that was kept because of a reference to it. */
export interface KeptReference {
  /** Its record in the file. */
  readonly row: number;
  readonly id: string;
  /** The table that refers to it, with its schema. */
  readonly referencedBy: string;
}

/** How many rows still stand. */
export function countKept({ changed, held, referenced }: TakenBack): number {
  return changed + held + referenced;
}

/**
 * Works within the caller's transaction. All rows are locked first: from then on nobody can change them or refer to them
 * anew, and no upsert can find them, so what is looked up next is true until the commit. Rows that are kept are noted in `sluice.kept_rows`,
 * and the records of those deleted in `sluice.taken_back_rows`. A linked row goes with the rows that refer to it, unless it was changed,
 * or anything still refers to it.
 */
export async function takeBackRows(tx: Tx, dataset: Dataset, importId: string): Promise<TakenBack> {
  const taken = isExisting(dataset)
    ? await takeBackExisting(tx, dataset, importId)
    : await takeBackOwn(tx, dataset, importId);
  // What was taken back of a retry may be retried again.
  await tx.$client.query(
    `DELETE FROM ${tableName(retriedRows)} r WHERE r.import_id = $1
       AND r.row <= (SELECT t.last_row FROM ${tableName(takenBackRows)} t
                      WHERE t.import_id = $1 AND t.first_row <= r.row ORDER BY t.first_row DESC LIMIT 1)
       AND NOT EXISTS (SELECT FROM ${tableName(keptRows)} k WHERE k.import_id = $1 AND k.row = r.row)`,
    [importId],
  );
  return taken;
}

async function takeBackOwn(tx: Tx, dataset: Dataset, importId: string): Promise<TakenBack> {
  const { schema = DEFAULT_SCHEMA, table, links = [] } = dataset.target;
  const main = qualifiedName({ schema, table });
  const linked = links.map((link) => ({
    name: qualifiedName({ schema, table: link.table }),
    table: link.table,
    column: identifier(link.column),
  }));
  const run = async (text: string): Promise<number> =>
    (await tx.$client.query(text, [importId])).rowCount ?? 0;
  // What an upsert publishes meanwhile is waited for, and the next one waits.
  await tx.$client.query(
    `LOCK TABLE ${[...linked.map((link) => link.name), main].join(', ')} IN ROW EXCLUSIVE MODE`,
  );
  for (const name of [...linked.map((link) => link.name), main])
    await tx.$client.query(
      `SELECT count(*) FROM (SELECT FROM ${name} WHERE import_id = $1 FOR UPDATE) AS locked`,
      [importId],
    );

  const keep = (referencedBy: string | null, from: string): Promise<number> =>
    run(`INSERT INTO ${tableName(keptRows)} (import_id, id, row, referenced_by)
         SELECT DISTINCT m.import_id, m.id, coalesce(m.import_row, 0), ${referencedBy === null ? 'NULL' : pg.escapeLiteral(referencedBy)}
           FROM ${main} m ${from} ON CONFLICT (import_id, row, id) DO NOTHING`);
  let changed = await keep(
    null,
    'WHERE m.import_id = $1 AND (m.updated_at <> m.created_at OR m.import_row IS NULL)',
  );
  for (const { name, column } of linked)
    changed += await keep(
      null,
      `JOIN ${name} l ON l.id = m.${column} WHERE m.import_id = $1 AND l.import_id = $1 AND l.updated_at <> l.created_at`,
    );
  const held = await keep(
    null,
    `WHERE m.import_id = $1 AND EXISTS (
       SELECT FROM ${tableName(importMatches)} x JOIN ${tableName(tasks)} t ON t.id = x.import_id
        WHERE x.id = m.id AND t.status = 'succeeded')`,
  );
  const keys = await foreignKeysTo(tx, { schema, table });
  const toItself = keys.filter(({ isToItself }) => isToItself);
  let referenced = 0;
  for (const key of keys.filter(({ isToItself }) => !isToItself))
    referenced += await keep(key.by, `WHERE m.import_id = $1 AND ${refersTo(key, 'm')}`);
  // Of the table itself only rows that stay count; each that is kept may refer to others.
  for (let found = toItself.length; found > 0;) {
    found = 0;
    for (const key of toItself)
      found += await keep(key.by, `WHERE m.import_id = $1 AND ${refersTo(key, 'm', stays(key, 'r', 'm'))}`);
    referenced += found;
  }

  const deleted = await deleteRows(tx, main, importId);
  for (const { name, table: linkTable } of linked) {
    const keys = await foreignKeysTo(tx, { schema, table: linkTable });
    await run(`
      DELETE FROM ${name} l WHERE l.import_id = $1 AND l.updated_at = l.created_at
      ${keys.map((key) => `AND NOT ${refersTo(key, 'l')}`).join(' ')}`);
  }
  return { deleted, changed, held, referenced };
}

/** Deletes the rows that are not kept, and notes their records. @returns how many */
async function deleteRows(tx: Tx, main: string, importId: string): Promise<number> {
  const { rows } = await tx.$client.query<{ deleted: string }>(
    `WITH deleted AS (
       DELETE FROM ${main} m WHERE m.import_id = $1
          AND NOT EXISTS (SELECT FROM ${tableName(keptRows)} k WHERE k.import_id = $1 AND k.id = m.id)
       RETURNING m.import_row AS row),
     ${NOTE_DELETED}`,
    [importId],
  );
  return Number(rows[0]!.deleted);
}

/** SQL: whether the row `r` of the table itself is not taken back with `m`. A key that restricts lets none go before it. */
function stays({ restricts }: ForeignKey, r: string, m: string): string {
  const isKept = `EXISTS (SELECT FROM ${tableName(keptRows)} k WHERE k.import_id = $1 AND k.id = ${r}.id)`;
  return restricts ? `${r}.id <> ${m}.id` : `(${r}.import_id IS DISTINCT FROM $1 OR ${isKept})`;
}

const ROWS_PER_QUERY = 50_000;

/** The records whose rows were kept, ascending, some at a time. */
export async function* readKeptRows(db: Database, importId: string): AsyncGenerator<number[]> {
  for (let after = 0, isLast = false; !isLast;) {
    const { rows } = await db.execute<{ row: string }>(sql`
      SELECT DISTINCT row FROM ${keptRows} WHERE import_id = ${importId} AND row > ${after} ORDER BY row LIMIT ${ROWS_PER_QUERY}`);
    const numbers = rows.map(({ row }) => Number(row));
    yield numbers;
    after = numbers.at(-1) ?? after;
    isLast = rows.length < ROWS_PER_QUERY;
  }
}

/** The records whose rows were taken back, as runs [first, last], ascending, some at a time. */
export async function* readTakenBack(db: Database, importId: string): AsyncGenerator<[number, number][]> {
  for (let after = -1, isLast = false; !isLast;) {
    const { rows } = await db.execute<{ first: string; last: string }>(sql`
      SELECT first_row AS first, last_row AS last FROM ${takenBackRows}
       WHERE import_id = ${importId} AND first_row > ${after} ORDER BY first_row LIMIT ${ROWS_PER_QUERY}`);
    const runs = rows.map(({ first, last }): [number, number] => [Number(first), Number(last)]);
    yield runs;
    after = runs.at(-1)?.[0] ?? after;
    isLast = rows.length < ROWS_PER_QUERY;
  }
}

/** Rows that were kept because of references, in file order. */
export async function listKeptReferences(tx: Tx, importId: string, limit: number): Promise<KeptReference[]> {
  const { rows } = await tx.$client.query<Omit<KeptReference, 'row'> & { row: string }>(
    `SELECT row, id, referenced_by AS "referencedBy" FROM ${tableName(keptRows)}
      WHERE import_id = $1 AND referenced_by IS NOT NULL ORDER BY row, id LIMIT $2`,
    [importId, limit],
  );
  return rows.map((each) => ({ ...each, row: Number(each.row) }));
}

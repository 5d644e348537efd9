// Finds updates of an upsert that the tables are certain to refuse, one statement for each kind of rule: what is asked is how
// the rows would become, with the columns that the file does not have as they are. As everywhere, whatever is not certain is tried.
import { tryAsking } from './bisect-rows.ts';
import { identifier as name, qualifiedName } from '../../identifiers.ts';
import {
  keysOf,
  meet,
  refuseBroken,
  refuseOrphans,
  refuseRivals,
  takenFacts,
  withKeys,
} from './find-refused.ts';
import { notRefused, REFUSED } from './refused-rows.ts';
import type { TableRules, UniqueRule } from '../../datasets/table-rules.ts';
import type { Tx } from '../../transaction.ts';

/** Rows of one table as an UPDATE would make them. */
export interface Becoming {
  readonly schema: string;
  readonly table: string;
  /** SQL of the columns that are set, each from `FROM` on. */
  readonly sets: ReadonlyMap<string, string>;
  /** SQL: FROM and WHERE of the rows; `m` is their match, `t` the row as it is. */
  readonly from: string;
}

/** Columns whose new values are not asked for: they tell of the change itself. */
const STAMPS = ['updated_at', 'updated_by'];

/** Rows that a null, a check or a reference refuses. Nothing may change them on their way in. */
export async function refuseBrokenUpdates(tx: Tx, rows: Becoming, rules: TableRules): Promise<void> {
  const columns = knownColumns(rules);
  const becoming = { target: { ...rows, columns }, staged: rowsAsTheyBecome(rows, columns) };
  await refuseBroken(tx, becoming, { ...rules, required: [] });
  for (const key of rules.foreignKeys) {
    const changed = key.columns.filter((column) => rows.sets.has(column));
    // References that stay as they are are not looked at again.
    if (changed.length === 0) continue;
    const isChanged = changed.map((column) => `t.${name(column)} IS DISTINCT FROM ${rows.sets.get(column)}`);
    const staged = rowsAsTheyBecome(rows, columns, `(${isChanged.join(' OR ')})`);
    await refuseOrphans(tx, { ...becoming, staged }, { ...rules, foreignKeys: [key] });
  }
}

function knownColumns({ columns }: TableRules): string[] {
  return columns.filter((column) => column !== 'import_row' && !STAMPS.includes(column));
}

/** SQL of a subquery: `import_row` of the record, and the columns. */
function rowsAsTheyBecome({ sets, from }: Becoming, columns: readonly string[], but = 'true'): string {
  const values = columns.map((column) => `${sets.get(column) ?? `t.${name(column)}`} AS ${name(column)}`);
  return `(SELECT m.import_row, ${values.join(', ')} ${from} AND ${but} AND ${notRefused('m.import_row')})`;
}

/** The rules of keys that an update may break: it sets one of their columns. */
export function keysSet({ sets }: Pick<Becoming, 'sets'>, { columns, uniques }: TableRules): UniqueRule[] {
  const isSet = (column: string): boolean =>
    sets.has(column) || STAMPS.includes(column) || !columns.includes(column);
  return uniques.filter((unique) => unique.columns.some(isSet));
}

/** Whether it can be asked who takes and who leaves a key. */
export function canAskFor(unique: UniqueRule, rules: TableRules): boolean {
  const known = knownColumns(rules);
  return !unique.nullsMeet && unique.columns.every((column) => known.includes(column));
}

/** Who leaves a key of a rule, and who takes one. */
export interface Moves {
  readonly unique: UniqueRule;
  /** SQL name of a temporary table: `import_row`, `id`, `takes`, and the keys taken. A row that keeps its key is not there. */
  readonly moving: string;
  /** SQL of a subquery: the rows that are there, with `id` and keys. */
  readonly old: string;
}

/** @returns undefined when it cannot be found out of some of them. The tables go with the transaction */
export async function findMoves(
  tx: Tx,
  rows: Becoming,
  rules: TableRules,
  uniques: readonly UniqueRule[],
): Promise<Moves[] | undefined> {
  const all: Moves[] = [];
  for (const [at, unique] of uniques.entries()) {
    const moving = `pg_temp.sluice_moving_${at}`;
    const old = withKeys(unique, rows.table, qualifiedName(rows), ['id']);
    const becoming = rowsAsTheyBecome(rows, knownColumns(rules));
    const keys = keysOf(unique, 'n');
    // A value that is written in another way may be the same for an index; to take it for a move is on the safe side.
    const changes = keysOf(unique, 'o').map(
      (key, each) => `${key}::text COLLATE "C" IS DISTINCT FROM ${keys[each]}::text COLLATE "C"`,
    );
    const found = await tryAsking(
      tx,
      `CREATE TEMP TABLE ${moving} ON COMMIT DROP AS
       SELECT m.import_row, m.id, n.id IS NOT NULL AS takes, ${keys.join(', ')}
         FROM (SELECT m.import_row, t.id ${rows.from} AND ${notRefused('m.import_row')}) AS m
         LEFT JOIN ${withKeys(unique, rows.table, becoming, ['import_row', 'id'])} AS n ON n.import_row = m.import_row
         LEFT JOIN ${old} AS o ON o.id = m.id
        WHERE (n.id IS NULL) <> (o.id IS NULL) OR ${changes.join(' OR ')}`,
    );
    if (found === undefined) return undefined;
    await tx.$client.query(`CREATE INDEX ON ${moving} (id); ANALYZE ${moving}`);
    all.push({ unique, moving, old });
  }
  return all;
}

/** In a chain, each may need the one before it to be refused; long chains are left to trying. */
const MOST_ROUNDS = 5;

/**
 * Refuses rows whose key another row still has when it is their turn: one that keeps it, leaves it later in the file, or is
 * refused itself.
 */
export async function refuseHeld(tx: Tx, moves: readonly Moves[]): Promise<void> {
  for (let round = 0, found = -1; found !== 0 && round < MOST_ROUNDS; round++) {
    found = 0;
    for (const { unique, moving, old } of moves)
      found +=
        (await tryAsking(
          tx,
          `INSERT INTO ${REFUSED}
             SELECT s.import_row, ${takenFacts(unique, keysOf(unique, 's'), keysOf(unique, 'by'))}
               FROM ${moving} AS s
              CROSS JOIN LATERAL (
                SELECT t.* FROM ${old} AS t
                 WHERE ${meet(unique, 't', 's')} AND t.id <> s.id AND NOT EXISTS (
                         SELECT FROM ${moving} AS e
                          WHERE e.id = t.id AND e.import_row < s.import_row AND ${notRefused('e.import_row')})
                 LIMIT 1) AS "by"
              WHERE s.takes AND ${notRefused('s.import_row')}
             ON CONFLICT DO NOTHING`,
        )) ?? 0;
  }
}

/** See `refuseRivals`. */
export async function setRivalsAside(tx: Tx, moves: readonly Moves[]): Promise<void> {
  await refuseRivals(
    tx,
    moves.map(({ unique, moving }) => ({ unique, rows: `(SELECT * FROM ${moving} WHERE takes)` })),
  );
}

// Changes rows of a table that exists. Its triggers may have their own mind, and its key may be among what changes.
import { fieldColumns, type RecordColumn } from '../../../core/records/record-shape.ts';
import { identifier, qualifiedName } from '../../identifiers.ts';
import type { Tx } from '../../transaction.ts';
import type { Writer } from '../new-id.ts';
import { queryRows, type RecordKey } from '../read-records.ts';
import { Parameters, type Statement } from '../select-sql.ts';
import type { RecordChange } from '../update-records.ts';
import { followKeys, noteUpdated, type ExistingRecords, type NewKey } from './beside.ts';
import { AT, raise, refuseUnfit, typedColumn, typedRows } from './typed-rows.ts';

/**
 * Changes records that give the same fields, where these differ from what the rows have.
 * @returns the keys that the changed ones have now, by position
 * @throws what Postgres says of the rows, when it refuses one
 */
export async function updateExisting(
  tx: Tx,
  shape: ExistingRecords,
  group: readonly RecordChange[],
  by: Writer,
): Promise<Map<number, RecordKey>> {
  const { values: first, toDefault = [] } = group[0]!;
  const given = fieldColumns(shape).filter(({ name }) => first.has(name));
  const emptied = fieldColumns(shape).filter(({ name }) => toDefault.includes(name));
  const changed = new Map<number, RecordKey>();
  if (given.length + emptied.length === 0) return changed;
  await refuseUnfit(
    tx,
    given,
    group.map(({ values }) => values),
  );
  const moves: NewKey[] = [];
  const width = shape.key.length;
  for (const [at, ...keys] of await queryRows(tx.$client, updateStatement(shape, group, given, emptied))) {
    const is = keys.slice(width) as string[];
    changed.set(Number(at) - 1, is);
    moves.push({ was: keys.slice(0, width) as string[], is });
  }
  if (changed.size < group.length) await requireUnchanged(tx, shape, group, given, changed);
  if (given.some((column) => shape.key.includes(column))) await followKeys(tx, shape, moves);
  if (changed.size > 0) await noteUpdated(tx, shape, [...changed.values()], by);
  return changed;
}

/** SQL of the rows `v`: the keys as `k0` …, the values as `c0` …. */
function changesOf(
  parameters: Parameters,
  { key }: ExistingRecords,
  group: readonly RecordChange[],
  given: readonly RecordColumn[],
): string {
  const rows = group.map(({ values }) => values);
  return typedRows(parameters, [
    ...key.map(({ sqlType }, at) => ({
      name: `k${at}`,
      sqlType,
      values: group.map((each) => each.key[at]!),
    })),
    ...given.map((column, at) => typedColumn(column, rows, `c${at}`)),
  ]);
}

function differs(given: readonly RecordColumn[], emptied: readonly RecordColumn[]): string {
  return [
    ...given.map((column, at) => `t.${name(column)}${as(column)} IS DISTINCT FROM v.c${at}${as(column)}`),
    ...emptied.map(
      (column) =>
        `t.${name(column)}${as(column)} IS DISTINCT FROM (${column.existing!.default})${as(column)}`,
    ),
  ].join(' OR ');
}

const name = (column: RecordColumn): string => identifier(column.name);

/** Texts are compared by their characters, whatever their collation or type says; so is `json`, which has no equality. */
function as({ kind, sqlType }: RecordColumn): string {
  return kind === 'text' || sqlType === 'json' ? '::text COLLATE "C"' : '';
}

function updateStatement(
  shape: ExistingRecords,
  group: readonly RecordChange[],
  given: readonly RecordColumn[],
  emptied: readonly RecordColumn[],
): Statement {
  const parameters = new Parameters();
  const rows = changesOf(parameters, shape, group, given);
  const sets = [
    ...given.map((column, at) => `${name(column)} = v.c${at}`),
    ...emptied.map((column) => `${name(column)} = DEFAULT`),
  ];
  const before = shape.key.map((_, at) => `v.k${at}`);
  const now = shape.key.map((column) => `t.${name(column)}`);
  return {
    text: `UPDATE ${qualifiedName(shape)} AS t SET ${sets.join(', ')} FROM ${rows} AS v
            WHERE ${sameKey(shape)} AND (${differs(given, emptied)})
           RETURNING v.${AT}, ${[...before, ...now].join(', ')}`,
    values: parameters.values,
  };
}

function sameKey({ key }: ExistingRecords): string {
  return key.map((column, at) => `t.${name(column)} = v.k${at}`).join(' AND ');
}

/** What was not changed is so because it says what the row has already. */
async function requireUnchanged(
  tx: Tx,
  shape: ExistingRecords,
  group: readonly RecordChange[],
  given: readonly RecordColumn[],
  changed: ReadonlyMap<number, RecordKey>,
): Promise<void> {
  const rest = group.filter((_, at) => !changed.has(at));
  const parameters = new Parameters();
  const rows = changesOf(parameters, shape, rest, given);
  if (given.length === 0) return;
  const [left] = await queryRows(tx.$client, {
    text: `SELECT 1 FROM ${rows} AS v JOIN ${qualifiedName(shape)} AS t ON ${sameKey(shape)} WHERE ${differs(given, [])} LIMIT 1`,
    values: parameters.values,
  });
  if (left !== undefined) await raise(tx, { message: 'a trigger of the table leaves the row as it was' });
}

// Changes of records. What is not given stays; a value that is what the record has already is no change.
import type { GivenValues } from '../../core/records/read-record.ts';
import { fieldColumns, type RecordShape } from '../../core/records/record-shape.ts';
import { identifier, qualifiedName } from '../identifiers.ts';
import type { Tx } from '../transaction.ts';
import { isExistingRecords } from './existing/beside.ts';
import { updateExisting } from './existing/update-existing.ts';
import { insertLinked } from './insert-records.ts';
import type { Writer } from './new-id.ts';
import { queryRows, type RecordKey } from './read-records.ts';
import { columnSql, joinsSql, mainSql, Parameters } from './select-sql.ts';
import { updateRows, type WrittenColumn } from './write-rows.ts';

export interface RecordChange {
  readonly key: RecordKey;
  readonly values: GivenValues;
  /** Fields of a table that exists which get what a new row has in them. */
  readonly toDefault?: readonly string[];
}

/**
 * Changes records whose rows the transaction has locked.
 * @returns those that were changed, by position, with the keys that they have now
 * @throws what Postgres says of the rows, when it refuses one
 */
export async function updateRecords(
  tx: Tx,
  shape: RecordShape,
  changes: readonly RecordChange[],
  by: Writer,
): Promise<Map<number, RecordKey>> {
  const changed = new Map<number, RecordKey>();
  for (const group of groupByFields(changes)) {
    if (isExistingRecords(shape))
      for (const [at, key] of await updateExisting(tx, shape, group, by)) changed.set(group[at]!.at, key);
    else for (const at of await updateGroup(tx, shape, group, by)) changed.set(at, changes[at]!.key);
  }
  return changed;
}

interface Placed extends RecordChange {
  readonly at: number;
}

/** Those that give the same fields are changed together. */
function groupByFields(changes: readonly RecordChange[]): Placed[][] {
  const groups = new Map<string, Placed[]>();
  for (const [at, change] of changes.entries()) {
    const fields = JSON.stringify([...change.values.keys()].sort());
    const group = groups.get(fields) ?? [];
    group.push({ ...change, at });
    groups.set(fields, group);
  }
  return [...groups.values()];
}

async function updateGroup(
  tx: Tx,
  shape: RecordShape,
  group: readonly Placed[],
  by: Writer,
): Promise<Set<number>> {
  const changed = new Set<number>();
  const names = [...group[0]!.values.keys()];
  const columns = fieldColumns(shape).filter(({ name }) => names.includes(name));
  const own = columns.filter(({ link }) => link === undefined);
  const keys = shape.key.map(({ name, sqlType }, at) => ({
    name,
    sqlType,
    values: group.map(({ key }) => key[at]!),
  }));
  const written: WrittenColumn[] = own.map(({ name, sqlType }) => ({
    name,
    sqlType,
    values: group.map(({ values }) => values.get(name) ?? null),
  }));
  if (written.length > 0)
    for (const at of await updateRows(tx, shape, keys, written, by)) changed.add(group[at]!.at);
  for (const [link] of shape.links.entries())
    if (columns.some((column) => column.link === link))
      for (const at of await updateLinked(tx, shape, link, group, by)) changed.add(group[at]!.at);
  return changed;
}

/** A record's row of a linked table, as it is. */
interface Linked {
  readonly id: string | null;
  /** Other records refer to it too. */
  readonly isShared: boolean;
  readonly values: GivenValues;
}

/**
 * A linked row belongs to the record that refers to it, so it is changed in place; a record that has none, or shares it, gets one of its
 * own. The main row is touched too: the record has changed.
 */
async function updateLinked(
  tx: Tx,
  shape: RecordShape,
  link: number,
  group: readonly Placed[],
  by: Writer,
): Promise<number[]> {
  const { table, column } = shape.links[link]!;
  const name = { schema: shape.schema, table };
  const columns = fieldColumns(shape).filter((each) => each.link === link);
  const given = columns.filter((each) => group[0]!.values.has(each.name));
  const linked = await readLinked(tx, shape, link, group);
  const wanted = linked.map(({ values }, at) => new Map([...values, ...group[at]!.values]));
  const differs = (at: number): boolean =>
    given.some(
      (each) => (wanted[at]!.get(each.name) ?? null) !== (linked[at]!.values.get(each.name) ?? null),
    );

  const inPlace = [...group.keys()].filter((at) => linked[at]!.id !== null && !linked[at]!.isShared);
  const changedInPlace =
    inPlace.length === 0
      ? []
      : await updateRows(
          tx,
          name,
          [{ name: 'id', sqlType: 'uuid', values: inPlace.map((at) => linked[at]!.id) }],
          given.map((each) => ({
            name: each.name,
            sqlType: each.sqlType,
            values: inPlace.map((at) => wanted[at]!.get(each.name) ?? null),
          })),
          by,
        );
  const anew = [...group.keys()].filter(
    (at) => (linked[at]!.id === null || linked[at]!.isShared) && differs(at),
  );
  const ids = await insertLinked(
    tx,
    shape,
    link,
    anew.map((at) => wanted[at]!),
    by,
  );
  const touched = [...changedInPlace.map((at) => inPlace[at]!), ...anew];
  await touch(
    tx,
    shape,
    column,
    touched.map((at) => group[at]!.key),
    [...changedInPlace.map((at) => linked[inPlace[at]!]!.id), ...ids],
    by,
  );
  return touched;
}

/** In the order of the group. */
async function readLinked(
  tx: Tx,
  shape: RecordShape,
  link: number,
  group: readonly Placed[],
): Promise<Linked[]> {
  const columns = fieldColumns(shape).filter((column) => column.link === link);
  const reference = identifier(shape.links[link]!.column);
  const parameters = new Parameters();
  const arrays = shape.key.map(({ sqlType }, at) =>
    parameters.add(
      group.map(({ key }) => key[at]),
      `${sqlType}[]`,
    ),
  );
  const equal = shape.key.map((column, at) => `${columnSql(column)} = k.k${at}`);
  const rows = await queryRows(tx.$client, {
    text: `SELECT t.${reference}, EXISTS (SELECT FROM ${qualifiedName(shape)} AS o WHERE o.${reference} = t.${reference} AND o.ctid <> t.ctid)
                  ${columns.map((column) => `, ${columnSql(column)}`).join('')}
             FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS k (${arrays.map((_, at) => `k${at}`).join(', ')}, at)
             JOIN ${mainSql(shape)} ON ${equal.join(' AND ')}${joinsSql(shape, columns)} ORDER BY k.at`,
    values: parameters.values,
  });
  return rows.map(([id, shared, ...values]) => ({
    id: id ?? null,
    isShared: shared === 't',
    values: new Map(columns.map(({ name }, at) => [name, values[at] ?? null])),
  }));
}

async function touch(
  tx: Tx,
  shape: RecordShape,
  column: string,
  keys: readonly RecordKey[],
  ids: readonly (string | null)[],
  by: Writer,
): Promise<void> {
  if (keys.length === 0) return;
  const parameters = new Parameters();
  const arrays = shape.key.map(({ sqlType }, at) =>
    parameters.add(
      keys.map((key) => key[at]),
      `${sqlType}[]`,
    ),
  );
  const equal = shape.key.map((each, at) => `t.${identifier(each.name)} = k.k${at}`);
  await queryRows(tx.$client, {
    text: `UPDATE ${mainSql(shape)} SET ${identifier(column)} = k.link, updated_at = now(), updated_by = ${parameters.add(by, 'uuid')}
             FROM unnest(${[...arrays, parameters.add(ids, 'uuid[]')].join(', ')}) AS k (${shape.key.map((_, at) => `k${at}`).join(', ')}, link)
            WHERE ${equal.join(' AND ')}`,
    values: parameters.values,
  });
}

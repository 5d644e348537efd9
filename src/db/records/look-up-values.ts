// Records that name rows of other tables by their natural keys get the keys of these rows: one statement for each field.
import { landingParts } from '../../core/dataset/tables/landing-parts.ts';
import { cutValue } from '../../core/imports/row-error.ts';
import type { GivenValues } from '../../core/records/read-record.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import { Sought, type ReadValues } from '../../core/records/sought.ts';
import type { Value } from '../../core/records/write-record.ts';
import type { ErrorItem } from '../../errors.ts';
import { requireLookups, type KnownLookup } from '../datasets/lookups.ts';
import { readExistingTable } from '../datasets/read-existing-table.ts';
import { identifier, qualifiedName } from '../identifiers.ts';
import { inTransaction, type Connection, type Tx } from '../transaction.ts';
import { attempt, invalidRecords } from './create-records.ts';
import { queryRows } from './read-records.ts';

/**
 * @returns the records in their order, as many as were given
 * @throws AppError RECORD_INVALID with an error for each key that has no row; DATASET_INCOMPATIBLE
 */
export async function lookUpValues(
  db: Connection,
  shape: RecordShape,
  records: readonly ReadValues[],
): Promise<GivenValues[]> {
  return soughtIn(shape, records).length === 0
    ? lookedUp(records)
    : inTransaction(db, (tx) => lookUpWithin(tx, shape, records));
}

/** The same within a transaction. */
export async function lookUpWithin(
  tx: Tx,
  shape: RecordShape,
  records: readonly ReadValues[],
): Promise<GivenValues[]> {
  const found = records.map((record) => new Map(record));
  const errors = await lookUp(tx, shape, soughtIn(shape, records), found);
  if (errors.length > 0) throw invalidRecords(errors);
  return lookedUp(found);
}

/** Names of fields that a record gives by a natural key. */
function soughtIn({ dataset }: RecordShape, records: readonly ReadValues[]): string[] {
  return dataset.schema.fields
    .filter(({ lookup }) => lookup !== undefined)
    .map(({ name }) => name)
    .filter((name) => records.some((record) => record.get(name) instanceof Sought));
}

/** None is sought any more. */
const lookedUp = (records: readonly ReadValues[]): GivenValues[] => records as GivenValues[];

async function lookUp(
  tx: Tx,
  shape: RecordShape,
  names: readonly string[],
  records: readonly Map<string, Value | Sought>[],
): Promise<ErrorItem[]> {
  if (names.length === 0) return [];
  const { schema, table, dataset, beside } = shape;
  const existing = beside === undefined ? undefined : await readExistingTable(tx, { schema, table });
  const errors: ErrorItem[] = [];
  for (const lookup of await requireLookups(tx, landingParts(dataset, names).lookups, existing)) {
    const sought = records.flatMap((record, at) => {
      const key = record.get(lookup.column);
      return key instanceof Sought ? { at, key } : [];
    });
    const keys = await findKeys(
      tx,
      lookup,
      sought.map(({ key }) => key.value),
    );
    const isSensitive = dataset.schema.fields.some(
      ({ name, sensitive }) => name === lookup.column && sensitive === true,
    );
    for (const [index, { at, key }] of sought.entries()) {
      const value = keys.get(index);
      if (value !== undefined) records[at]!.set(lookup.column, value);
      else
        errors.push({
          code: 'foreign-key-error',
          pointer: key.pointer,
          field: lookup.column,
          detail: `Field "${lookup.column}": no row of table "${lookup.table}" has ${isSensitive ? 'this value' : `"${cutValue(key.value)}"`} as "${lookup.by}".`,
        });
    }
  }
  return errors;
}

/** The column that the lookup takes, by the position of the value that has a row. */
async function findKeys(
  tx: Tx,
  { by, takes, type, collation, ...of }: KnownLookup,
  values: readonly string[],
): Promise<Map<number, Value>> {
  const ask = (equal: string) =>
    queryRows(tx.$client, {
      text: `SELECT k.at, o.${identifier(takes)} FROM unnest($1::text[]) WITH ORDINALITY AS k (value, at)
               JOIN ${qualifiedName(of)} AS o ON ${equal}`,
      values: [values],
    });
  const typed = await attempt(tx, () =>
    ask(`o.${identifier(by)} = CAST(k.value AS ${type})${collation === null ? '' : ` COLLATE ${collation}`}`),
  );
  // One that is none of the type of the other column is compared as text, and finds nothing.
  const rows = 'done' in typed ? typed.done : await ask(`o.${identifier(by)}::text COLLATE "C" = k.value`);
  return new Map(rows.map(([at, value]) => [Number(at) - 1, value!]));
}

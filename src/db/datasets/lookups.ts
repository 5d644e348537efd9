// Foreign keys by natural key: which row is meant, and which of its columns.
import { nameOf, type ExistingTable } from '../../core/dataset/tables/existing-table.ts';
import { type ColumnLookup, tableOf } from '../../core/dataset/tables/landing-parts.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { identifier, qualifiedName } from '../identifiers.ts';
import type { Tx } from '../transaction.ts';
import { readExistingTable } from './read-existing-table.ts';

/** A lookup with what only the catalog tells. */
export interface KnownLookup extends ColumnLookup {
  /** The column whose value the row gets. */
  readonly takes: string;
  /** The type of `by`. */
  readonly type: string;
  /** Its collation, SQL, where it is not the usual one. */
  readonly collation: string | null;
}

/** A sentence for each lookup that does not find one row at most, and one column of it. */
export async function wrongLookups(tx: Tx, dataset: Dataset, table: ExistingTable): Promise<string[]> {
  const wrong: string[] = [];
  for (const { name, lookup } of dataset.schema.fields) {
    if (lookup === undefined) continue;
    const found = await findLookup(tx, table, {
      column: name,
      by: lookup.by,
      ...tableOf(lookup.in, table.schema),
    });
    if (typeof found === 'string') wrong.push(found);
  }
  return wrong;
}

/** @throws Error when something is wrong with one of them: it was right when the dataset was applied */
export async function requireLookups(
  tx: Tx,
  table: ExistingTable,
  lookups: readonly ColumnLookup[],
): Promise<KnownLookup[]> {
  const known: KnownLookup[] = [];
  for (const lookup of lookups) {
    const found = await findLookup(tx, table, lookup);
    if (typeof found === 'string') throw new Error(found);
    known.push(found);
  }
  return known;
}

/** @returns the lookup, or what is wrong with it */
async function findLookup(tx: Tx, table: ExistingTable, lookup: ColumnLookup): Promise<KnownLookup | string> {
  const other = await readExistingTable(tx, lookup);
  const said = `Field "${lookup.column}" is looked up in ${nameOf({ ...lookup, name: lookup.table })}`;
  if (other === undefined) return `${said}, and there is no such table.`;
  const by = other.columns.find(({ name }) => name === lookup.by);
  if (by === undefined) return `${said} by "${lookup.by}", which is no column of it.`;
  if (!other.keys.some(({ columns }) => columns.length === 1 && columns[0] === lookup.by))
    return `${said} by "${lookup.by}", which has no unique index: two rows could be meant. Make one (CREATE UNIQUE INDEX ON ${qualifiedName(lookup)} (${identifier(lookup.by)})).`;
  const key = table.references.find(
    ({ columns, to }) => columns.length === 1 && columns[0] === lookup.column && to === qualifiedName(lookup),
  );
  if (key === undefined)
    return `${said}, and no foreign key of column "${lookup.column}" refers to it, so it is not known which of its columns is meant. Add the foreign key.`;
  return { ...lookup, takes: key.toColumns[0]!, type: by.plainType, collation: by.collation };
}

// Foreign keys by natural key: which row is meant, and which of its columns.
import {
  nameOf,
  referredColumn,
  type ExistingTable,
  type TableChange,
} from '../../core/dataset/tables/existing-table.ts';
import type { ColumnLookup } from '../../core/dataset/tables/landing-parts.ts';
import { DEFAULT_SCHEMA, tableOf } from '../../core/dataset/tables/landing-tables.ts';
import { LOOKUP_TYPES, type Dataset, type Field, type LookupType } from '../../core/dataset/types.ts';
import { AppError, type ErrorItem } from '../../errors.ts';
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

/**
 * What is wrong with each lookup that does not find one row at most, and one column of it.
 * @param table the table that exists which the rows are for; of one that Sluice has made, left out
 */
export async function wrongLookups(tx: Tx, dataset: Dataset, table?: ExistingTable): Promise<TableChange[]> {
  const { schema, target } = dataset;
  const wrong: TableChange[] = [];
  for (const [at, { name, lookup }] of schema.fields.entries()) {
    if (lookup === undefined) continue;
    const place = tableOf(lookup.in, target.schema ?? DEFAULT_SCHEMA);
    const found = await findLookup(tx, { column: name, by: lookup.by, ...place }, table);
    if (typeof found === 'string') wrong.push({ pointer: `/schema/fields/${at}/lookup`, detail: found });
  }
  return wrong;
}

/**
 * @param table the table that exists which the rows are for; of one that Sluice has made, left out
 * @throws AppError DATASET_INCOMPATIBLE when something is wrong with one of them: it was right when the dataset was applied
 */
export async function requireLookups(
  tx: Tx,
  lookups: readonly ColumnLookup[],
  table?: ExistingTable,
): Promise<KnownLookup[]> {
  const known: KnownLookup[] = [];
  for (const lookup of lookups) {
    const found = await findLookup(tx, lookup, table);
    if (typeof found === 'string')
      throw new AppError('DATASET_INCOMPATIBLE', `${found} It was otherwise when the dataset was applied.`);
    known.push(found);
  }
  return known;
}

/** @returns the lookup, or what is wrong with it */
async function findLookup(
  tx: Tx,
  lookup: ColumnLookup,
  table: ExistingTable | undefined,
): Promise<KnownLookup | string> {
  const other = await readExistingTable(tx, lookup);
  const said = `Field "${lookup.column}" is looked up in ${nameOf({ ...lookup, name: lookup.table })}`;
  if (other === undefined) return `${said}, and there is no such table.`;
  const by = other.columns.find(({ name }) => name === lookup.by);
  if (by === undefined) return `${said} by "${lookup.by}", which is no column of it.`;
  if (!isKey(other, lookup.by))
    return `${said} by "${lookup.by}", which has no unique index: two rows could be meant. Make one (CREATE UNIQUE INDEX ON ${qualifiedName(lookup)} (${identifier(lookup.by)})).`;
  const takes =
    table === undefined
      ? (lookup.takes ?? primaryKeyOf(other))
      : referredColumn(table, lookup.column, lookup);
  if (takes === undefined)
    return table === undefined
      ? `${said}, which has no primary key of one column. Say which of its columns the row gets ("takes": "…").`
      : `${said}, and no foreign key of column "${lookup.column}" refers to it, so it is not known which of its columns is meant. Add the foreign key.`;
  return { ...lookup, takes, type: by.plainType, collation: by.collation };
}

function isKey({ keys }: ExistingTable, column: string): boolean {
  return keys.some(({ columns }) => columns.length === 1 && columns[0] === column);
}

function primaryKeyOf({ keys }: ExistingTable): string | undefined {
  const primary = keys.find((key) => key.primary)?.columns;
  return primary?.length === 1 ? primary[0] : undefined;
}

/**
 * The fields of a table that Sluice makes, with the column and its type that their lookups take from the table of others.
 * @throws AppError DATASET_INCOMPATIBLE with what is wrong with each
 */
export async function completeLookups(tx: Tx, dataset: Dataset): Promise<Dataset> {
  const errors: ErrorItem[] = [];
  const fields: Field[] = [];
  for (const [at, field] of dataset.schema.fields.entries()) {
    const found = field.lookup === undefined ? field : await completeField(tx, dataset, field);
    if (typeof found !== 'string') fields.push(found);
    else errors.push({ pointer: `/schema/fields/${at}/lookup`, detail: found });
  }
  if (errors.length === 0) return { ...dataset, schema: { ...dataset.schema, fields } };
  throw new AppError(
    'DATASET_INCOMPATIBLE',
    `The lookups of dataset "${dataset.name}" do not fit the database. ${errors.map(({ detail }) => detail).join(' ')}`,
    { dataset: dataset.name },
    { errors },
  );
}

async function completeField(tx: Tx, { target }: Dataset, field: Field): Promise<Field | string> {
  const lookup = field.lookup!;
  const place = tableOf(lookup.in, target.schema ?? DEFAULT_SCHEMA);
  const found = await findLookup(
    tx,
    {
      column: field.name,
      by: lookup.by,
      ...place,
      ...(lookup.takes !== undefined && { takes: lookup.takes }),
    },
    undefined,
  );
  if (typeof found === 'string') return found;
  const other = (await readExistingTable(tx, place))!;
  const said = `Field "${field.name}" takes column "${found.takes}" of table ${nameOf(other)}`;
  const column = other.columns.find(({ name }) => name === found.takes);
  if (column === undefined) return `${said}, and there is no such column.`;
  if (!isKey(other, found.takes))
    return `${said}, which has no unique index, so that no foreign key can refer to it. Make one (CREATE UNIQUE INDEX ON ${qualifiedName(place)} (${identifier(found.takes)})).`;
  const type = column.plainType === 'character varying' ? 'text' : column.plainType;
  if (!(LOOKUP_TYPES as readonly string[]).includes(type))
    return `${said}, which is ${column.type}; a lookup can take ${LOOKUP_TYPES.join(', ')} or varchar. Take another column of it.`;
  const lacking = await lackedRights(tx, qualifiedName(place));
  if (lacking.length > 0)
    return `${said}, and Sluice's user may not ${lacking.join(' and ')} it. Grant it (GRANT ${lacking.join(', ')} ON ${qualifiedName(place)} TO …).`;
  return { ...field, lookup: { ...lookup, takes: found.takes, type: type as LookupType } };
}

/** Of a table that a foreign key shall refer to. */
async function lackedRights(tx: Tx, table: string): Promise<string[]> {
  const { rows } = await tx.$client.query<{ right: string }>(
    `SELECT r AS right FROM unnest(ARRAY['SELECT', 'REFERENCES']) AS r WHERE NOT has_table_privilege($1::regclass, r)`,
    [table],
  );
  return rows.map((row) => row.right);
}

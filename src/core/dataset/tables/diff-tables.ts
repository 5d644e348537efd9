// From the tables there are to the tables a dataset wants: the statements that lead there without losing anything, and
// a sentence for every difference a person has to decide.
import type { PlannedColumn, PlannedIndex, PlannedTable } from './table-plan.ts';
import { identifier } from './identifier.ts';

export interface ActualColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  /** A default, an identity or a generated column: the database fills it when we leave it out. */
  readonly hasDefault: boolean;
  /** Always by the database: GENERATED ALWAYS AS IDENTITY, or AS an expression. No row can bring a value. */
  readonly filledBy?: 'identity' | 'generated';
}

/** A table as the catalog has it. Indexes are those that are valid, whole (not partial) and on plain columns. */
export interface ActualTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ActualColumn[];
  readonly primaryKey: readonly string[];
  readonly indexes: readonly { readonly columns: readonly string[]; readonly unique: boolean }[];
  readonly hasRows: boolean;
  /** It has the trigger that sets updated_at, or we may not make one. */
  readonly notesUpdates: boolean;
}

export interface TableDiff {
  readonly statements: readonly string[];
  /** Whole sentences; with any of them the statements must not be run. */
  readonly conflicts: readonly string[];
  /** Names of the tables that the statements create. */
  readonly created: readonly string[];
  /** Names of the tables that the statements alter. */
  readonly altered: readonly string[];
}

const MAX_IDENTIFIER_BYTES = 63;

export function diffTables(wanted: readonly PlannedTable[], actual: readonly ActualTable[]): TableDiff {
  const statements: string[] = [];
  const conflicts: string[] = [];
  const created: string[] = [];
  const altered: string[] = [];
  for (const table of wanted) {
    const existing = actual.find(({ schema, name }) => schema === table.schema && name === table.name);
    if (existing === undefined) {
      statements.push(...createTable(table));
      created.push(table.name);
      continue;
    }
    const diff = alterTable(table, existing);
    statements.push(...diff.statements);
    conflicts.push(...diff.conflicts);
    if (diff.statements.length > 0) altered.push(table.name);
  }
  return { statements, conflicts, created, altered };
}

function createTable(table: PlannedTable): string[] {
  const columns = table.columns.map(
    (column) => `  ${columnDefinition(column)}${column.name === 'id' ? ' PRIMARY KEY' : ''}`,
  );
  return [
    ...(table.schema === 'public' ? [] : [`CREATE SCHEMA IF NOT EXISTS ${identifier(table.schema)}`]),
    `CREATE TABLE ${qualified(table)} (\n${columns.join(',\n')}\n)`,
    ...table.indexes.map((index) => createIndex(table, index)),
    noteUpdates(table),
  ];
}

/** The trigger by which an undo knows what was changed since, whoever changed it. */
export const UPDATE_TRIGGER = 'sluice_note_update';

function noteUpdates(table: PlannedTable): string {
  return `CREATE OR REPLACE TRIGGER ${UPDATE_TRIGGER} BEFORE UPDATE ON ${qualified(table)} FOR EACH ROW EXECUTE FUNCTION sluice.note_update()`;
}

function columnDefinition(column: PlannedColumn): string {
  const { references: to } = column;
  const reference =
    to === undefined
      ? ''
      : ` REFERENCES ${identifier(to.schema)}.${identifier(to.table)} (${identifier(to.column)})`;
  const filledBy = column.default === undefined ? '' : ` DEFAULT ${column.default}`;
  return `${identifier(column.name)} ${column.type}${column.nullable ? '' : ' NOT NULL'}${filledBy}${reference}`;
}

function createIndex(table: PlannedTable, { columns, kind }: PlannedIndex): string {
  const suffix = kind === 'unique' ? 'key' : kind === 'brin' ? 'brin' : 'idx';
  const name = identifier(indexName([table.name, ...columns], suffix));
  const using = kind === 'brin' ? ' USING brin' : '';
  return `CREATE ${kind === 'unique' ? 'UNIQUE ' : ''}INDEX ${name} ON ${qualified(table)}${using} (${columns.map(identifier).join(', ')})`;
}

/** As Postgres names indexes itself; a name that is too long is cut and told apart by a number made of its text. */
function indexName(parts: readonly string[], suffix: string): string {
  const name = [...parts, suffix].join('_');
  if (name.length <= MAX_IDENTIFIER_BYTES) return name;
  let hash = 0;
  for (const char of name) hash = (hash * 31 + char.codePointAt(0)!) >>> 0;
  const end = `_${hash.toString(36)}_${suffix}`;
  return name.slice(0, MAX_IDENTIFIER_BYTES - end.length) + end;
}

interface Changes {
  readonly statements: readonly string[];
  readonly conflicts: readonly string[];
}

function alterTable(table: PlannedTable, actual: ActualTable): Changes {
  const changes = [
    ...table.columns.map((column) => alterColumn(table, column, actual)),
    ...table.indexes.map((index) => addIndex(table, index, actual)),
    foreignColumns(table, actual),
    actual.notesUpdates ? NOTHING : run(noteUpdates(table)),
  ];
  return {
    statements: changes.flatMap(({ statements }) => statements),
    conflicts: changes.flatMap(({ conflicts }) => conflicts),
  };
}

const NOTHING: Changes = { statements: [], conflicts: [] };
const run = (...statements: string[]): Changes => ({ statements, conflicts: [] });
const conflict = (...conflicts: string[]): Changes => ({ statements: [], conflicts });

function alterColumn(table: PlannedTable, column: PlannedColumn, actual: ActualTable): Changes {
  const alter = `ALTER TABLE ${qualified(table)}`;
  const found = actual.columns.find(({ name }) => name === column.name);
  if (found === undefined) return addColumn(table, column, actual, alter);
  if (found.filledBy !== undefined) return refuseFilled(table, column, found.filledBy, alter);
  const type = alterType(table, column, found, actual, alter);
  const nulls = alterNulls(table, column, found, actual, alter);
  return {
    statements: [...type.statements, ...nulls.statements, ...addDefault(column, found, alter)],
    conflicts: [...type.conflicts, ...nulls.conflicts],
  };
}

function refuseFilled(
  table: PlannedTable,
  { name }: PlannedColumn,
  filledBy: 'identity' | 'generated',
  alter: string,
): Changes {
  const by = filledBy === 'identity' ? 'GENERATED ALWAYS AS IDENTITY' : 'GENERATED ALWAYS AS an expression';
  const change = `${alter} ALTER COLUMN ${identifier(name)} ${filledBy === 'identity' ? 'SET GENERATED BY DEFAULT' : 'DROP EXPRESSION'}`;
  return conflict(
    `Column "${name}" of table ${nameOf(table)} is ${by}: Postgres fills it, and no record can bring a value for it. ` +
      `Take the field from the dataset or give it another name, or change the column by hand (${change}).`,
  );
}

/** Rows then come without the value, which is faster. A default that is there is somebody's and stays. */
function addDefault(column: PlannedColumn, found: ActualColumn, alter: string): string[] {
  if (column.default === undefined || found.hasDefault) return [];
  return [`${alter} ALTER COLUMN ${identifier(column.name)} SET DEFAULT ${column.default}`];
}

function addColumn(table: PlannedTable, column: PlannedColumn, actual: ActualTable, alter: string): Changes {
  if (column.name === 'id' || (!column.nullable && actual.hasRows))
    return conflict(
      `Table ${nameOf(table)} has rows and no column "${column.name}", which the dataset requires. ` +
        `Add it and fill it by hand (${column.type}, not null), or make the field optional.`,
    );
  return run(`${alter} ADD COLUMN ${columnDefinition(column)}`);
}

function alterType(
  table: PlannedTable,
  column: PlannedColumn,
  found: ActualColumn,
  actual: ActualTable,
  alter: string,
): Changes {
  if (column.type === found.type) return NOTHING;
  const change = `${alter} ALTER COLUMN ${identifier(column.name)} TYPE ${column.type}`;
  if (isWider(found.type, column.type)) return run(change);
  if (!actual.hasRows && isText(found.type) && isText(column.type)) return run(change);
  return conflict(
    `Column "${column.name}" of table ${nameOf(table)} is ${found.type}; the dataset needs ${column.type}. ` +
      `Change the field, or change the column by hand (${change}).`,
  );
}

function alterNulls(
  table: PlannedTable,
  column: PlannedColumn,
  found: ActualColumn,
  actual: ActualTable,
  alter: string,
): Changes {
  if (column.nullable === found.nullable) return NOTHING;
  const alterColumnTo = `${alter} ALTER COLUMN ${identifier(column.name)}`;
  if (column.nullable && !actual.primaryKey.includes(column.name))
    return run(`${alterColumnTo} DROP NOT NULL`);
  if (!column.nullable && !actual.hasRows) return run(`${alterColumnTo} SET NOT NULL`);
  if (column.nullable)
    return conflict(
      `Column "${column.name}" is part of the primary key of table ${nameOf(table)}; make the field required.`,
    );
  return conflict(
    `Column "${column.name}" of table ${nameOf(table)} may be null; the dataset requires it. ` +
      `Fill the rows that lack it, then run ${alterColumnTo} SET NOT NULL, or make the field optional.`,
  );
}

function isText(type: string): boolean {
  return type === 'text' || type.startsWith('varchar');
}

/** True when every value of the one text type is a value of the other. */
function isWider(from: string, to: string): boolean {
  const [fromLength, toLength] = [lengthOf(from), lengthOf(to)];
  return fromLength !== undefined && toLength !== undefined && toLength > fromLength;
}

function lengthOf(type: string): number | undefined {
  if (type === 'text' || type === 'varchar') return Infinity;
  const length = /^varchar\((\d+)\)$/.exec(type)?.[1];
  return length === undefined ? undefined : Number(length);
}

function addIndex(table: PlannedTable, index: PlannedIndex, actual: ActualTable): Changes {
  if (actual.indexes.some((found) => serves(found, index))) return NOTHING;
  if (index.kind === 'unique' && actual.hasRows)
    return conflict(
      `Table ${nameOf(table)} has rows and no unique index on (${index.columns.join(', ')}). ` +
        `Remove duplicates, then run ${createIndex(table, index)}, or remove "unique" from the field.`,
    );
  return run(createIndex(table, index));
}

/** Uniqueness does not depend on the columns' order; finding rows needs the column to come first. */
function serves(found: ActualTable['indexes'][number], { columns, kind }: PlannedIndex): boolean {
  if (kind !== 'unique') return found.columns[0] === columns[0];
  return (
    found.unique &&
    found.columns.length === columns.length &&
    columns.every((column) => found.columns.includes(column))
  );
}

/** Columns of the table that the dataset does not know: fine, unless a new row would have to fill them. */
function foreignColumns(table: PlannedTable, actual: ActualTable): Changes {
  const known = new Set(table.columns.map(({ name }) => name));
  const needed = actual.columns.filter(
    ({ name, nullable, hasDefault }) => !known.has(name) && !nullable && !hasDefault,
  );
  return conflict(
    ...needed.map(
      ({ name }) =>
        `Column "${name}" of table ${nameOf(table)} is required, has no default, and no field of the dataset fills it. ` +
        `Add a field, give the column a default, or let it be null.`,
    ),
  );
}

function qualified({ schema, name }: Pick<PlannedTable, 'schema' | 'name'>): string {
  return `${identifier(schema)}.${identifier(name)}`;
}

function nameOf({ schema, name }: Pick<PlannedTable, 'schema' | 'name'>): string {
  return schema === 'public' ? `"${name}"` : `"${schema}.${name}"`;
}

// Puts rows for a table that exists aside, as values of its columns' types, with the keys by which they will be known. What a value lacks
// to be one of its column is told here, with the column: COPY would only say that some row is wrong, and round or cut what nearly fits.
import pg from 'pg';
import { provenanceType } from '../../../core/dataset/tables/provenance-columns.ts';
import { binaryTypesOf } from '../../../core/dataset/tables/existing-types.ts';
import type { ExistingColumn, ExistingTable } from '../../../core/dataset/tables/existing-table.ts';
import { requireLookups, type KnownLookup } from '../../datasets/lookups.ts';
import { readExistingTable } from '../../datasets/read-existing-table.ts';
import { requireProvenance, type Provenance } from '../../datasets/existing-tables.ts';
import { SQLSTATE } from '../../errors.ts';
import { columnList, identifier as name, qualifiedName } from '../../identifiers.ts';
import type { Tx } from '../../transaction.ts';
import { ColumnsChanged } from '../column-types.ts';
import { copyInto, type CopyTarget } from '../copy.ts';
import { lookUpAll } from '../look-up.ts';
import { applyBisected, trySavepoint } from '../refusals/bisect-rows.ts';
import { notRefused, REFUSED } from '../refusals/refused-rows.ts';
import type { RowBatch, StagedTable } from '../stage-rows.ts';

const { escapeLiteral: text } = pg;

const STAGED = 'pg_temp.sluice_staged_0';
const LOOSE = 'pg_temp.sluice_staged_loose';

/** Columns of a table that exists which are filled there, and others must know beforehand. */
export interface ExistingTarget {
  readonly provenance: Provenance;
  readonly table: ExistingTable;
  readonly lookups: readonly KnownLookup[];
  /** Columns of the key that the rows do not bring. */
  readonly filledKey: readonly ExistingColumn[];
}

/** What is needed to land rows of these columns. @throws Error when the table is not known, or its key cannot be filled */
export async function readTarget(tx: Tx, target: CopyTarget): Promise<ExistingTarget> {
  const known = await requireProvenance(tx, target.existing!);
  const now = await readExistingTable(tx, target.existing!);
  if (now === undefined || typesOf(now) !== typesOf(known.asRead))
    throw new Error(
      `Table ${qualifiedName(target.existing!)} was altered while rows for it were read. Apply its dataset again ("sluice datasets apply"), and send the file again`,
    );
  const columns = known.key.filter((column) => !target.columns.includes(column));
  const filledKey = columns.map((column) => known.asRead.columns.find(({ name: of }) => of === column)!);
  const lookups = await requireLookups(tx, target.lookups ?? [], now);
  const isNumbered = filledKey.some((column) => column.isNumbered);
  return { provenance: { ...known, isNumbered }, table: known.asRead, lookups, filledKey };
}

/** Of the columns; what else has changed Postgres tells of each row. */
function typesOf({ columns }: ExistingTable): string {
  return columns.map(({ name: column, type }) => `${column} ${type}`).join(', ');
}

/** The columns of the table that rows bring, and those of its key that they have got before they land. */
export function landedColumns(target: CopyTarget, { filledKey }: ExistingTarget): string[] {
  const brought = target.columns.filter((column) => provenanceType(column) === undefined);
  return [...brought, ...filledKey.map(({ name: column }) => column)];
}

/** SQL: the columns of a table that rows wait in. A length is looked at later, so that what is too long is not cut. */
export function waitingColumns(target: CopyTarget, { table, filledKey }: ExistingTarget): string {
  const brought = target.columns.map((column) => `${name(column)} ${waitingType(table, column)}`);
  const filled = filledKey.map(
    ({ name: column, default: fill }) =>
      `${name(column)} ${waitingType(table, column)}${fill === null ? '' : ` DEFAULT ${fill}`}`,
  );
  return [...brought, ...filled].join(', ');
}

/** A domain would round its values by itself. Texts are compared with those of the table, so they have its collation. */
function waitingType(table: ExistingTable, column: string): string {
  const own = provenanceType(column);
  if (own !== undefined) return own;
  const { plainType, baseType, scale, collation } = columnOf(table, column);
  return `${scale === null ? plainType : baseType}${collation === null ? '' : ` COLLATE ${collation}`}`;
}

function columnOf(table: ExistingTable, column: string): ExistingColumn {
  return table.columns.find(({ name: of }) => of === column)!;
}

/** Stages the batch; rows whose values do not fit their column are recorded as refused. The caller drops the table. */
export async function stageExisting(
  tx: Tx,
  { tables, blocks }: RowBatch,
  existing: ExistingTarget,
): Promise<StagedTable> {
  const target = tables[0]!;
  requireBinaryTypes(target, existing);
  await tx.$client.query(
    `CREATE TEMP TABLE sluice_staged_0 (${waitingColumns(target, existing)}) ON COMMIT DROP`,
  );
  const fits =
    carriedOf(target, existing).length === 0 &&
    (await trySavepoint(tx, () => copyInto(tx, STAGED, target, blocks[0]!)));
  if (!fits) await stageLoosely(tx, target, existing, blocks[0]!);
  await refuseUnfit(tx, target, existing);
  return {
    target: { ...target, columns: landedColumns(target, existing) },
    staged: STAGED,
    provenance: existing.provenance,
  };
}

/** The table may have been altered, and its dataset applied again, since its rows were made. @throws ColumnsChanged */
function requireBinaryTypes(target: CopyTarget, { table }: ExistingTarget): void {
  const { types, columns } = target;
  if (types === undefined) return;
  // What the field is does not matter: it is the same.
  const now = columns.map(
    (column, at) => binaryTypesOf(table, [column], [{ name: column, type: 'object' }])?.[0] === types[at],
  );
  if (now.includes(false)) throw new ColumnsChanged([target]);
}

/**
 * Columns whose values are not yet what the column has: those that are looked up, and times without a zone, of which Postgres would leave
 * out the offset.
 */
function carriedOf(target: CopyTarget, { table, lookups }: ExistingTarget): string[] {
  return target.columns.filter(
    (column) =>
      provenanceType(column) === undefined &&
      (lookups.some((lookup) => lookup.column === column) ||
        columnOf(table, column).baseType === 'timestamp without time zone'),
  );
}

/** The rows come as text, or of types without a length, and are read inside Postgres. */
async function stageLoosely(
  tx: Tx,
  target: CopyTarget,
  existing: ExistingTarget,
  blocks: readonly Buffer[],
): Promise<void> {
  const columns = target.columns.map(
    (column, at) => `${name(column)} ${target.types?.[at] ?? (column === 'import_row' ? 'bigint' : 'text')}`,
  );
  await tx.$client.query(`CREATE TEMP TABLE sluice_staged_loose (${columns.join(', ')}) ON COMMIT DROP`);
  await copyInto(tx, LOOSE, target, blocks);
  await tx.$client.query(`CREATE INDEX ON ${LOOSE} (import_row); ANALYZE ${LOOSE} (import_row)`);
  const found = await lookUpAll(tx, LOOSE, existing.lookups);
  const values = target.columns.map((column) => found.valueOf(column) ?? valueOf(column, existing));
  const insert = `INSERT INTO ${STAGED} (${columnList(target.columns)}) SELECT ${values.join(', ')} FROM ${LOOSE} AS s ${found.joins}`;
  await applyBisected(tx, LOOSE, [
    (first, last) =>
      `${insert} WHERE s.import_row BETWEEN ${first} AND ${last} AND ${notRefused('s.import_row')} ORDER BY s.import_row`,
  ]);
  await nameColumns(tx, target, existing);
  await tx.$client.query(`DROP TABLE ${LOOSE}`);
}

/** SQL: the value of a column, from its text in `s`. A cast to a domain would cut what is too long; as it is put there, it is refused. */
function valueOf(column: string, { table }: ExistingTarget): string {
  const own = provenanceType(column);
  if (own !== undefined) return `CAST(s.${name(column)} AS ${own})`;
  const { baseType } = columnOf(table, column);
  return baseType === 'timestamp without time zone'
    ? `CAST(s.${name(column)} AS timestamptz) AT TIME ZONE 'UTC'`
    : `CAST(s.${name(column)} AS ${baseType})`;
}

/** Postgres does not say whose value it cannot read. */
async function nameColumns(tx: Tx, target: CopyTarget, { table, lookups }: ExistingTarget): Promise<void> {
  for (const column of target.columns) {
    if (provenanceType(column) !== undefined || lookups.some((each) => each.column === column)) continue;
    await tx.$client.query(
      `UPDATE ${REFUSED} AS refused SET columns = ARRAY[${text(column)}]
         FROM ${LOOSE} AS s
        WHERE s.import_row = refused."row" AND refused.columns = '{}' AND s.${name(column)} IS NOT NULL
          AND NOT sluice.fits(s.${name(column)}::text, ${text(columnOf(table, column).plainType)})`,
    );
  }
}

/** Values that would be rounded, and those that are too long or too large: Postgres says of these what is wrong, but not whose it is. */
async function refuseUnfit(tx: Tx, target: CopyTarget, { table }: ExistingTarget): Promise<void> {
  const unfit = target.columns.flatMap((column) =>
    provenanceType(column) === undefined ? unfitValues(columnOf(table, column)) : [],
  );
  if (unfit.length === 0) return;
  const cases = unfit.map(({ isUnfit }, at) => `WHEN ${isUnfit} THEN ${at}`).join(' ');
  const facts = unfit
    .map(
      ({ column, code, message }, at) =>
        `(${at}, ${text(code)}, ${text(message)}, ARRAY[${text(column)}]::text[])`,
    )
    .join(', ');
  await tx.$client.query(
    `INSERT INTO ${REFUSED}
       SELECT s.import_row, f.code, f.message, '', '', f.columns
         FROM (SELECT s.import_row, CASE ${cases} END AS unfit FROM ${STAGED} AS s) AS s
         JOIN (VALUES ${facts}) AS f (at, code, message, columns) ON f.at = s.unfit
       ON CONFLICT DO NOTHING`,
  );
}

export interface Unfit {
  readonly column: string;
  /** SQL, of a row `s`. */
  readonly isUnfit: string;
  readonly code: string;
  readonly message: string;
}

/** What a value of the column may be that Postgres would round, or of which it would not say whose it is. */
export function unfitValues({ name: column, type, maxLength, precision, scale }: ExistingColumn): Unfit[] {
  const value = `s.${name(column)}`;
  if (maxLength !== null)
    return [
      {
        column,
        isUnfit: `char_length(${value}::text) > ${maxLength}`,
        code: SQLSTATE.tooLong,
        message: `value too long for type ${type}`,
      },
    ];
  if (/^time.*\(\d\)/.test(type))
    return [
      {
        column,
        isUnfit: `${value} <> CAST(${value} AS ${type})`,
        code: SQLSTATE.outOfRange,
        message: `value has more digits of a second than column "${column}" keeps (${type}), and would be rounded`,
      },
    ];
  if (precision === null || scale === null) return [];
  const digits = precision - scale;
  return [
    {
      column,
      isUnfit: `scale(trim_scale(${value}::numeric)) > ${Math.max(scale, 0)}`,
      code: SQLSTATE.outOfRange,
      message: `value has more decimals than column "${column}" keeps (${type}), and would be rounded`,
    },
    {
      column,
      isUnfit: `abs(${value}::numeric) >= 1e${digits}::numeric`,
      code: SQLSTATE.outOfRange,
      message: `numeric field overflow: column "${column}" is ${type}, with ${Math.max(digits, 0)} digits before the point`,
    },
  ];
}

/** Rows that have been staged go on to where they wait for the others of their import. */
export async function moveToWaiting(
  tx: Tx,
  { target, staged }: StagedTable,
  brought: CopyTarget,
): Promise<void> {
  const columns = columnList([
    ...brought.columns,
    ...target.columns.filter((column) => !brought.columns.includes(column)),
  ]);
  await tx.$client.query(
    `INSERT INTO ${qualifiedName(brought)} (${columns})
     SELECT ${columns} FROM ${staged} AS s WHERE ${notRefused('s.import_row')} ORDER BY s.import_row`,
  );
}

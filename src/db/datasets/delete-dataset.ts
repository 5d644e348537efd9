// Removes a dataset, and its tables only when that is said.
import { eq } from 'drizzle-orm';
import { landingTables } from '../../core/dataset/tables/landing-tables.ts';
import { SYSTEM_COLUMNS } from '../../core/dataset/tables/table-plan.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { AppError } from '../../errors.ts';
import { recordAudit, type AuditEntry } from '../audit/record-audit.ts';
import { databaseError, isLockTimeout, SQLSTATE } from '../errors.ts';
import { qualifiedName, tableName } from '../identifiers.ts';
import { datasets } from '../schema/datasets.ts';
import { mappings } from '../schema/imports.ts';
import { inTransaction, type Connection, type Tx } from '../transaction.ts';
import { dropProvenance, isExisting } from './existing-tables.ts';
import { listUnfinishedImports } from './dataset-imports.ts';
import { findDatasetRow, listDatasets, type DatasetRow } from './datasets.ts';
import { lockTables } from './dataset-tables.ts';
import { readTables } from './read-tables.ts';

export interface DatasetDeletion {
  readonly name: string;
  readonly dropsTables: boolean;
  readonly by: NonNullable<AuditEntry['by']>;
  /** Looks at the dataset as it is, undefined when there is none, and prevents the deletion by throwing. */
  readonly judge: (row: DatasetRow | undefined) => DatasetRow;
  /** How long a table's lock is waited for. */
  readonly lockMs: number;
}

const MOST_IMPORTS = 20;

/**
 * Its versions stay: imports name them. The mappings that were saved for it go.
 * @returns the names of the tables that were dropped
 * @throws AppError DATASET_IN_USE naming the imports under way; CONFLICT for tables that something else depends on, that another dataset
 * lands in, or that Sluice has not made; UNAVAILABLE when others hold them; what `judge` throws
 */
export async function deleteDataset(db: Connection, deletion: DatasetDeletion): Promise<string[]> {
  const { name, by, judge, dropsTables, lockMs } = deletion;
  return inTransaction(db, async (tx) => {
    await lockTables(tx, lockMs);
    await lockRow(tx, name);
    const row = judge(await findDatasetRow(tx, name));
    await refuseWhileUsed(tx, name);
    const tables = await dropWhatIsOurs(tx, row.document, dropsTables);
    await tx.delete(mappings).where(eq(mappings.dataset, name));
    await tx.delete(datasets).where(eq(datasets.name, name));
    await recordAudit(tx, {
      by,
      action: 'dataset.delete',
      subject: { type: 'dataset', id: name },
      details: { dropped: tables },
    });
    return tables;
  });
}

/** From now on no import of it is recorded (imports/record-imports.ts); one that is recorded at this moment is waited for. */
async function lockRow(tx: Tx, name: string): Promise<void> {
  await tx.$client
    .query(`SELECT FROM ${tableName(datasets)} WHERE name = $1 FOR UPDATE`, [name])
    .catch((error: unknown) => {
      if (!isLockTimeout(error)) throw error;
      throw new AppError(
        'UNAVAILABLE',
        `Dataset "${name}" is used at this moment. Try again.`,
        { dataset: name },
        { cause: error },
      );
    });
}

/** A table that exists stays; the one beside it is ours, and stays too while it knows of rows, unless it is to go. */
async function dropWhatIsOurs(tx: Tx, dataset: Dataset, dropsTables: boolean): Promise<string[]> {
  if (!isExisting(dataset)) return dropsTables ? dropTables(tx, dataset) : [];
  const other = await otherOver(tx, dataset);
  if (dropsTables && other !== undefined) throw shared(dataset.name, other);
  if (other !== undefined) return [];
  return dropProvenance(tx, dataset, dropsTables);
}

async function refuseWhileUsed(tx: Tx, name: string): Promise<void> {
  const ids = (await listUnfinishedImports(tx, name, MOST_IMPORTS)).map(({ id }) => id);
  if (ids.length === 0) return;
  throw new AppError(
    'DATASET_IN_USE',
    `Imports of dataset "${name}" are under way (${ids.join(', ')}). Wait until they have ended, or cancel them, and try again.`,
    { dataset: name, importIds: ids },
  );
}

async function dropTables(tx: Tx, dataset: Dataset): Promise<string[]> {
  // The one that refers to the others comes first.
  const tables = landingTables(dataset).reverse();
  await refuseShared(tx, dataset);
  const there = await readTables(
    tx,
    tables.map(({ schema, table }) => ({ schema, name: table })),
  );
  for (const { name, columns } of there)
    if (!SYSTEM_COLUMNS.every((column) => columns.some((each) => each.name === column)))
      throw conflict(
        dataset.name,
        `Table "${name}" was not made by Sluice`,
        'Delete the dataset without table=drop, and drop the table by hand.',
      );
  try {
    for (const { schema, name } of there)
      await tx.$client.query(`DROP TABLE ${qualifiedName({ schema, table: name })}`);
  } catch (error) {
    if (isLockTimeout(error))
      throw new AppError(
        'UNAVAILABLE',
        `Others are using the tables of dataset "${dataset.name}", so they were not dropped. Try again.`,
        {},
        { cause: error },
      );
    const { code, detail } = databaseError(error) ?? {};
    if (code !== SQLSTATE.dependentObjects) throw error;
    throw conflict(
      dataset.name,
      `Something else depends on them: ${detail ?? ''}`,
      'Remove that first, or leave table=drop out.',
    );
  }
  return there.map(({ name }) => name);
}

async function refuseShared(tx: Tx, dataset: Dataset): Promise<void> {
  const other = await otherOver(tx, dataset);
  if (other !== undefined) throw shared(dataset.name, other);
}

/** @returns the name of another dataset over one of its tables */
async function otherOver(tx: Tx, dataset: Dataset): Promise<string | undefined> {
  const placesOf = (each: Dataset): string[] => landingTables(each).map(qualifiedName);
  const own = placesOf(dataset);
  const others = (await listDatasets(tx)).filter(({ name }) => name !== dataset.name);
  return others.find(({ document }) => placesOf(document).some((place) => own.includes(place)))?.name;
}

function shared(name: string, other: string): AppError {
  return conflict(name, `Dataset "${other}" lands in one of them too`, 'Leave table=drop out.');
}

function conflict(name: string, why: string, then: string): AppError {
  return new AppError(
    'CONFLICT',
    `The tables of dataset "${name}" cannot be dropped. ${why.replace(/\.$/, '')}. ${then}`,
    { dataset: name },
  );
}

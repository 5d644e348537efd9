// Applies dataset documents: all are checked before the first table is touched.
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_SCHEMA, landingTables, tableOf } from '../core/dataset/tables/landing-tables.ts';
import type { Dataset } from '../core/dataset/types.ts';
import type { DatabaseClient } from '../db/client.ts';
import { completeDataset } from '../db/datasets/complete-dataset.ts';
import {
  changeDataset,
  managedElsewhere,
  planDataset,
  type DatasetChange,
} from '../db/datasets/change-dataset.ts';
import { findDatasetRow } from '../db/datasets/datasets.ts';
import { applyTables } from '../db/datasets/dataset-tables.ts';
import { requireSchema } from '../db/schema-version.ts';
import { AppError, type ErrorItem } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { noDocument, readDatasets } from './read-datasets.ts';

export interface DatasetsSource {
  /** A folder, or a file. */
  readonly path: string;
  /** Where it was named. A folder of the setting may be empty; that of nowhere, the default, may be missing too. */
  readonly named: 'argument' | 'setting' | 'nowhere';
}

export interface ApplyChoices {
  /** How long a change of a table may wait for its lock before it lets others pass and tries again. */
  readonly lockMs: number;
  /**
   * What becomes of a dataset that the API manages, when its file says another one: the command refuses, and touches nothing; the file
   * takes it over; or it is left as it is, with a warning.
   */
  readonly managedByApi?: 'refuse' | 'take-over' | 'leave';
}

/**
 * Makes and changes tables as the documents want, and records the documents.
 * @throws AppError DATASET_INVALID, DATASET_MANAGED, DATASET_IN_USE, DATASET_INCOMPATIBLE naming the document, UNAVAILABLE naming who holds a table's lock, CONFIG_INVALID when
 * the database has another version of Sluice's tables
 */
export async function applyDatasets(
  database: Pick<DatabaseClient, 'db' | 'pool'>,
  source: DatasetsSource,
  choices: ApplyChoices,
  logger: Logger,
): Promise<Dataset[]> {
  const datasets = await datasetsOf(source);
  await requireSchema(database.pool);
  if (datasets.length === 0 && source.named !== 'nowhere') logger.warn(noDocument(source.path));
  const complete: Dataset[] = [];
  const foreign = await managedByApi(database.db, datasets);
  const [first] = foreign;
  if (first !== undefined && (choices.managedByApi ?? 'refuse') === 'refuse')
    throw managedElsewhere(first, 'api');
  for (const document of inOrder(datasets)) {
    const dataset = await completeDataset(database.db, document);
    complete.push(dataset);
    if (foreign.includes(dataset.name) && choices.managedByApi === 'leave') {
      logger.warn(managedElsewhere(dataset.name, 'api').message);
      continue;
    }
    const { created, altered } = await apply(database.db, dataset, choices);
    logger.info({ dataset: dataset.name, created, altered }, 'dataset applied');
  }
  return complete;
}

async function apply(
  db: DatabaseClient['db'],
  dataset: Dataset,
  { lockMs, managedByApi: choice }: ApplyChoices,
): Promise<{ readonly created: readonly string[]; readonly altered: readonly string[] }> {
  // The file says what the API says: there is nothing to take over, only tables to look after.
  const isSame = (await findDatasetRow(db, dataset.name))?.managedBy === 'api' && choice !== 'take-over';
  if (isSame) return applyTables(db, dataset, { lockMs });
  return changeDataset(db, { ...fileChange(dataset), takesOver: choice === 'take-over', lockMs });
}

function fileChange(dataset: Dataset): DatasetChange {
  return { dataset, manager: 'file', takesOver: false, by: null };
}

/** Names of those that the API manages and that their files would change. */
async function managedByApi(db: DatabaseClient['db'], datasets: readonly Dataset[]): Promise<string[]> {
  const found: string[] = [];
  for (const dataset of datasets) {
    const row = await findDatasetRow(db, dataset.name);
    if (row?.managedBy !== 'api') continue;
    if (!isDeepStrictEqual(row.document, await completeDataset(db, dataset))) found.push(dataset.name);
  }
  return found;
}

/** A dataset whose table others look up in comes before these. */
export function inOrder(datasets: readonly Dataset[]): Dataset[] {
  const ordered = new Set<Dataset>();
  const visit = (dataset: Dataset, on: readonly Dataset[]): void => {
    // Tables that look up in each other are told when they are applied.
    if (ordered.has(dataset) || on.includes(dataset)) return;
    for (const other of lookedUpIn(dataset, datasets)) visit(other, [...on, dataset]);
    ordered.add(dataset);
  };
  for (const dataset of datasets) visit(dataset, []);
  return [...ordered];
}

/** Those of the datasets whose tables a dataset looks up in. */
function lookedUpIn({ schema, target }: Dataset, datasets: readonly Dataset[]): Dataset[] {
  const places = schema.fields.flatMap(({ lookup }) =>
    lookup === undefined ? [] : tableOf(lookup.in, target.schema ?? DEFAULT_SCHEMA),
  );
  return datasets.filter((other) =>
    landingTables(other).some((own) =>
      places.some((place) => place.schema === own.schema && place.table === own.table),
    ),
  );
}

/**
 * `sluice datasets apply --plan`: prints the SQL that `applyDatasets` would run, and changes nothing.
 * @throws AppError DATASET_INVALID, CONFIG_INVALID as `applyDatasets` does; DATASET_INCOMPATIBLE with what a person must decide, of all datasets
 */
export async function planDatasets(
  database: DatabaseClient,
  source: DatasetsSource,
  out: NodeJS.WritableStream,
): Promise<void> {
  const errors: ErrorItem[] = [];
  const datasets = await datasetsOf(source);
  await requireSchema(database.pool);
  const notYet: string[] = [];
  for (const document of inOrder(datasets)) {
    const first = lookedUpIn(document, datasets).find(({ name }) => notYet.includes(name));
    if (first !== undefined) {
      notYet.push(document.name);
      out.write(
        `-- dataset "${document.name}": looks up in a table of dataset "${first.name}", which is to be made first\n`,
      );
      continue;
    }
    const dataset = await completeDataset(database.db, document);
    const change = { ...fileChange(dataset), takesOver: true };
    const { statements, conflicts, created } = await planDataset(database.db, change);
    if (created.length > 0) notYet.push(dataset.name);
    out.write(`-- dataset "${dataset.name}"${statements.length === 0 ? ': nothing to change' : ''}\n`);
    for (const statement of statements) out.write(`${statement};\n`);
    errors.push(...conflicts.map((detail) => ({ source: dataset.name, detail })));
  }
  if (errors.length > 0)
    throw new AppError(
      'DATASET_INCOMPATIBLE',
      'The tables in the database do not fit; "datasets apply" would change nothing of these datasets.',
      {},
      { errors },
    );
}

async function datasetsOf({ path, named }: DatasetsSource): Promise<Dataset[]> {
  if (named === 'nowhere' && !existsSync(path)) return [];
  const datasets = await readDatasets(path);
  if (named === 'argument' && datasets.length === 0) throw new AppError('DATASET_INVALID', noDocument(path));
  return datasets;
}

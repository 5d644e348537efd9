// Applies dataset documents: all are checked before the first table is touched.
import { existsSync } from 'node:fs';
import type { Dataset } from '../core/dataset/types.ts';
import type { DatabaseClient } from '../db/client.ts';
import { applyTables, planChanges } from '../db/datasets/dataset-tables.ts';
import { completeDataset } from '../db/datasets/existing-tables.ts';
import { saveDataset } from '../db/datasets/datasets.ts';
import { recordAudit } from '../db/audit/record-audit.ts';
import { inTransaction } from '../db/transaction.ts';
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

/**
 * Makes and changes tables as the documents want, and records the documents.
 * @param lockMs how long a change of a table may wait for its lock before it lets others pass and tries again
 * @throws AppError DATASET_INVALID, DATASET_INCOMPATIBLE naming the document, UNAVAILABLE naming who holds a table's lock, CONFIG_INVALID when
 * the database has another version of Sluice's tables
 */
export async function applyDatasets(
  database: Pick<DatabaseClient, 'db' | 'pool'>,
  source: DatasetsSource,
  lockMs: number,
  logger: Logger,
): Promise<Dataset[]> {
  const datasets = await datasetsOf(source);
  await requireSchema(database.pool);
  if (datasets.length === 0 && source.named !== 'nowhere') logger.warn(noDocument(source.path));
  const complete: Dataset[] = [];
  for (const document of datasets) {
    const dataset = await completeDataset(database.db, document);
    complete.push(dataset);
    const { created, altered } = await applyTables(database.db, dataset, { lockMs });
    await inTransaction(database.db, async (tx) => {
      if (!(await saveDataset(tx, dataset))) return;
      await recordAudit(tx, {
        by: null,
        via: 'cli',
        action: 'dataset.apply',
        subject: { type: 'dataset', id: dataset.name },
        details: { created, altered },
      });
    });
    logger.info({ dataset: dataset.name, created, altered }, 'dataset applied');
  }
  return complete;
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
  for (const document of datasets) {
    const dataset = await completeDataset(database.db, document);
    const { statements, conflicts } = await planChanges(database.db, dataset);
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

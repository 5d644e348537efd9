// Applies a folder of dataset documents: all are checked before the first table is touched.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDataset } from '../core/dataset/document/parse-dataset.ts';
import type { Dataset } from '../core/dataset/types.ts';
import type { DatabaseClient } from '../db/client.ts';
import { applyTables } from '../db/datasets/dataset-tables.ts';
import { saveDataset } from '../db/datasets/datasets.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';

/**
 * Makes and changes tables as the documents want, and records the documents. A folder that is not there holds none.
 * @throws AppError DATASET_INVALID, DATASET_INCOMPATIBLE naming the document
 */
export async function applyDatasets(
  database: DatabaseClient,
  folder: string,
  logger: Logger,
): Promise<Dataset[]> {
  const datasets = await readDatasets(folder);
  for (const dataset of datasets) {
    const { created, altered } = await applyTables(database.db, dataset);
    await saveDataset(database.db, dataset);
    logger.info({ dataset: dataset.name, created, altered }, 'dataset applied');
  }
  return datasets;
}

async function readDatasets(folder: string): Promise<Dataset[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const datasets: Dataset[] = [];
  for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
    const dataset = parseDataset(parseJson(await readFile(join(folder, name), 'utf8'), name), name);
    const other = datasets.find((other) => other.name === dataset.name);
    if (other !== undefined)
      throw new AppError(
        'DATASET_INVALID',
        `${name}: another file of the folder describes a dataset "${dataset.name}" too.`,
      );
    datasets.push(dataset);
  }
  return datasets;
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError(
      'DATASET_INVALID',
      `${name} is not JSON: ${(error as Error).message}.`,
      {},
      { cause: error },
    );
  }
}

// Makes or changes a dataset: its tables, its document and the entry of the audit log, all of it in one transaction or nothing.
import { isDeepStrictEqual } from 'node:util';
import { tightenedTables } from '../../core/dataset/tables/tightened-tables.ts';
import type { Dataset, DatasetManager } from '../../core/dataset/types.ts';
import { AppError, type ErrorItem } from '../../errors.ts';
import { recordAudit, type AuditEntry } from '../audit/record-audit.ts';
import type { Database } from '../client.ts';
import type { Connection } from '../transaction.ts';
import { applyTables, planChanges } from './dataset-tables.ts';
import { listUnfinishedImports } from './dataset-imports.ts';
import { findDatasetRow, saveDataset, type DatasetRow } from './datasets.ts';

export interface DatasetChange {
  readonly dataset: Dataset;
  /** Who changes it, and manages it from then on. */
  readonly manager: DatasetManager;
  /** The change is meant, although another one manages the dataset. */
  readonly takesOver: boolean;
  readonly by: AuditEntry['by'];
  /** Looks at the dataset as it is, undefined when there is none, and prevents the change by throwing. */
  readonly judge?: (row: DatasetRow | undefined) => void;
  /** See `ApplyOptions`. */
  readonly lockMs?: number;
}

export interface ChangedDataset {
  readonly outcome: 'created' | 'changed' | 'unchanged';
  /** Names of tables. */
  readonly created: readonly string[];
  readonly altered: readonly string[];
}

/** What a change would do. */
export interface DatasetPlan {
  readonly outcome: ChangedDataset['outcome'];
  readonly statements: readonly string[];
  /** Sentences; with any of them the change is refused. */
  readonly conflicts: readonly string[];
  readonly created: readonly string[];
  readonly altered: readonly string[];
}

/** So many imports are named. */
const MOST_IMPORTS = 20;

/**
 * @throws AppError DATASET_MANAGED when another one manages it; DATASET_IN_USE when imports under way could not land their rows any
 * more; DATASET_INCOMPATIBLE, UNAVAILABLE as `applyTables` does; what `judge` throws
 */
export async function changeDataset(db: Connection, change: DatasetChange): Promise<ChangedDataset> {
  const { dataset, manager, by, lockMs } = change;
  let outcome: ChangedDataset['outcome'] = 'unchanged';
  const tables = await applyTables(db, dataset, {
    ...(lockMs === undefined ? {} : { lockMs }),
    before: async (tx) => {
      const row = await findDatasetRow(tx, dataset.name);
      requireManager(row, change);
      const imports = await importsInTheWay(tx, dataset);
      if (imports.ids.length > 0) throw inUse(dataset.name, imports);
      outcome = outcomeOf(row, change);
    },
    after: async (tx, changed) => {
      if ((await saveDataset(tx, dataset, { managedBy: manager, userId: by?.id ?? null })) === undefined)
        return;
      await recordAudit(tx, {
        by,
        via: by === null ? 'cli' : 'api',
        action: 'dataset.apply',
        subject: { type: 'dataset', id: dataset.name },
        details: { ...changed },
      });
    },
  });
  return { outcome, ...tables };
}

/** What `changeDataset` would do. Changes nothing. @throws AppError DATASET_MANAGED; what `judge` throws */
export async function planDataset(db: Connection, change: DatasetChange): Promise<DatasetPlan> {
  const { dataset } = change;
  const row = await findDatasetRow(db, dataset.name);
  requireManager(row, change);
  const { sentences } = await importsInTheWay(db, dataset);
  const { statements, conflicts, created, altered } = await planChanges(db, dataset);
  return {
    outcome: outcomeOf(row, change),
    statements,
    conflicts: [...conflicts, ...sentences],
    created,
    altered,
  };
}

function outcomeOf(
  row: DatasetRow | undefined,
  { dataset, manager }: DatasetChange,
): ChangedDataset['outcome'] {
  if (row === undefined) return 'created';
  // As Postgres keeps it.
  const kept: unknown = JSON.parse(JSON.stringify(dataset));
  return row.managedBy === manager && isDeepStrictEqual(row.document, kept) ? 'unchanged' : 'changed';
}

function requireManager(
  row: DatasetRow | undefined,
  { dataset, manager, takesOver, judge }: DatasetChange,
): void {
  judge?.(row);
  if (row !== undefined && row.managedBy !== manager && !takesOver)
    throw managedElsewhere(dataset.name, row.managedBy);
}

/** Says who manages the dataset, and how to hand it over. */
export function managedElsewhere(name: string, managedBy: DatasetManager): AppError {
  return new AppError(
    'DATASET_MANAGED',
    managedBy === 'file'
      ? `Dataset "${name}" is managed by its file: change the file, and run "sluice datasets apply". To manage it by the API from now on, send takeOver=true, and remove the file, or "datasets apply" will refuse it.`
      : `Dataset "${name}" is managed by the API: change it with PUT /v1/datasets/${name}. To manage it by its file from now on, run "sluice datasets apply --take-over"; to leave it to the API, remove the file.`,
    { dataset: name, managedBy },
  );
}

interface ImportsInTheWay {
  readonly ids: readonly string[];
  readonly sentences: readonly string[];
}

/** Those under way that go by a version whose rows the tables would not take any more, and why. */
async function importsInTheWay(db: Database, dataset: Dataset): Promise<ImportsInTheWay> {
  const unfinished = await listUnfinishedImports(db, dataset.name, MOST_IMPORTS);
  const found = unfinished
    .map(({ id, document }) => ({ id, sentences: tightenedTables(document, dataset) }))
    .filter(({ sentences }) => sentences.length > 0);
  return {
    ids: found.map(({ id }) => id),
    sentences: [
      ...new Set(
        found.flatMap(({ id, sentences }) =>
          sentences.map((each) => `${each} Import ${id}, under way, has rows that would not fit.`),
        ),
      ),
    ],
  };
}

function inUse(name: string, { ids, sentences }: ImportsInTheWay): AppError {
  return new AppError(
    'DATASET_IN_USE',
    `Imports of dataset "${name}" are under way, whose rows the changed tables would not take. Wait until they have ended, or cancel them, and try again. ${sentences[0]}`,
    { dataset: name, importIds: ids },
    { errors: sentences.map((detail): ErrorItem => ({ detail })) },
  );
}

// An import as clients see it at the moment it is recorded: made from its row, so that no answer waits for a second read.
import { countRecords } from '../../core/imports/import-counts.ts';
import type { Creator } from '../access/users.ts';
import { withFields, type ImportView } from './import-views.ts';
import type { NewImport, RecordedImport } from './record-imports.ts';

/** As `findImportView` gives it until a worker has begun. */
export function viewNewImport(
  row: NewImport,
  { duplicateOf, datasetVersion, createdAt }: RecordedImport,
  createdBy: Creator,
): ImportView {
  const { mode, onError, maxErrors, dryRun, commitOf } = row;
  const options = { mode, onError, maxErrors, dryRun, commitOf };
  return {
    id: row.id,
    status: 'queued',
    attempts: 0,
    waitingFor: null,
    version: '1.0.0',
    error: null,
    createdAt,
    startedAt: null,
    finishedAt: null,
    createdBy,
    progress: {
      bytesDone: 0,
      bytesTotal: row.dataEnd - row.dataStart,
      rowsDone: 0,
      rowsTotal: null,
      chunksDone: 0,
      chunksTotal: null,
      rowsPerSecond: null,
      etaSeconds: null,
    },
    counts: countRecords({
      ...options,
      records: null,
      landed: 0,
      rejected: 0,
      errors: 0,
      published: null,
      kept: null,
    }),
    ...options,
    dataset: row.dataset,
    datasetVersion,
    fileName: row.fileName,
    entryName: row.entryName,
    bytes: row.bytes,
    sha256: row.sha256,
    duplicateOf,
    encoding: row.encoding,
    hadBom: row.hadBom,
    dialect: row.dialect,
    columns: withFields(row.columns, row.document),
    firstError: null,
    parentId: row.parentId,
    retries: [],
    undo: null,
    filesRemovedAt: null,
    errorsRemovedAt: null,
    rerunOf: row.rerunOf,
    erasedAt: null,
  };
}

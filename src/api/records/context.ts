// What the routes of records share.
import type { FastifyContextConfig } from 'fastify';
import type { Config } from '../../config/config.ts';
import { readKey } from '../../core/records/record-key.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import { createReadCounts, type ReadCounts } from '../../db/records/read-counts.ts';
import type { RecordKey } from '../../db/records/read-records.ts';
import type { Connection } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import { createTasksContext, type TasksContext } from '../tasks/context.ts';
import { createShapes, type ShapeOf } from './shapes.ts';

export interface RecordsContext {
  readonly deps: ApiDeps;
  readonly db: Connection;
  readonly config: Config;
  readonly shapeOf: ShapeOf;
  readonly reads: ReadCounts;
  /** For requests that become tasks. */
  readonly tasks: Pick<TasksContext, 'deps' | 'ring' | 'nextId'>;
}

export function createRecordsContext(deps: ApiDeps): RecordsContext {
  const { db } = deps.database;
  const reads = createReadCounts(db.$client, (error) =>
    deps.logger.warn({ err: error }, 'reads of records could not be counted; they are kept, and tried again'),
  );
  return { deps, db, config: deps.config, shapeOf: createShapes(db), reads, tasks: createTasksContext(deps) };
}

/** @throws AppError RECORD_NOT_FOUND for what can be no key */
export function requireKey(shape: RecordShape, text: string): RecordKey {
  const key = readKey(shape, text);
  if (key === undefined) throw recordNotFound(shape, text);
  return key;
}

export function recordNotFound({ dataset }: RecordShape, id: string): AppError {
  return new AppError('RECORD_NOT_FOUND', `Dataset "${dataset.name}" has no record ${id}.`, {
    dataset: dataset.name,
  });
}

/** A strong ETag: it changes with each change of the record, and with nothing else. */
export function etagOfVersion(version: string): string {
  return `"${version}"`;
}

/** Who may call a route that reads records, and one that writes them. */
export const READS = {
  role: 'viewer',
  scope: { verbs: ['read'], dataset: 'path' },
} as const satisfies FastifyContextConfig;
export const WRITES = {
  role: 'operator',
  scope: { verbs: ['write'], dataset: 'path' },
} as const satisfies FastifyContextConfig;

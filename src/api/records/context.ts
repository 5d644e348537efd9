// What the routes of records share.
import type { Config } from '../../config/config.ts';
import { readKey } from '../../core/records/record-key.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import type { RecordKey } from '../../db/records/read-records.ts';
import type { Connection } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import { createShapes, type ShapeOf } from './shapes.ts';

export interface RecordsContext {
  readonly deps: ApiDeps;
  readonly db: Connection;
  readonly config: Config;
  readonly shapeOf: ShapeOf;
}

export function createRecordsContext(deps: ApiDeps): RecordsContext {
  const { db } = deps.database;
  return { deps, db, config: deps.config, shapeOf: createShapes(db) };
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

// What the routes of schedules share.
import { randomFillSync } from 'node:crypto';
import { createUuidV7 } from '../../core/uuid.ts';
import type { Connection } from '../../db/transaction.ts';
import type { ApiDeps } from '../deps.ts';
import { createDefinitions, type ReadDefinitions } from '../tasks/definitions.ts';

export interface SchedulesContext {
  readonly db: Connection;
  readonly readDefinitions: ReadDefinitions;
  /** A new id, behind all before. */
  readonly newId: () => string;
}

export function createSchedulesContext({ database, logger }: ApiDeps): SchedulesContext {
  const newId = createUuidV7(randomFillSync);
  return {
    db: database.db,
    readDefinitions: createDefinitions(database.pool, logger),
    newId: () => newId(Date.now()),
  };
}

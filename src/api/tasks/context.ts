// What the routes of tasks share.
import { randomFillSync } from 'node:crypto';
import { createUuidV7 } from '../../core/uuid.ts';
import { createRing, type Ring } from '../../queue/ring.ts';
import type { ApiDeps } from '../deps.ts';
import { createDefinitions, type ReadDefinitions } from './definitions.ts';

export interface TasksContext {
  readonly deps: ApiDeps;
  readonly readDefinitions: ReadDefinitions;
  readonly ring: Ring;
  /** A new id, behind all before. */
  readonly nextId: () => string;
}

export function createTasksContext(deps: ApiDeps): TasksContext {
  const { config, database, queues, logger } = deps;
  const nextId = createUuidV7((bytes) => randomFillSync(bytes));
  return {
    deps,
    readDefinitions: createDefinitions(database.pool, logger),
    ring: createRing(queues, { mostBells: config.mostBells, logger }),
    nextId: () => nextId(Date.now()),
  };
}

// The queues that the dashboard shows: BullMQ's own, and all that tasks have. Queues come and go with the tasks that name them.
import { ENGINE_QUEUES } from '../../core/tasks/queue-names.ts';
import { listQueueNames } from '../../db/queues/queues.ts';
import type { ApiDeps } from '../deps.ts';
import type { RequestUser } from '../http/fastify.ts';
import { BoardQueue } from './board-queue.ts';

/** How soon a new queue is found. */
const LOOK_MS = 2000;

const IMPORTS = 'Plans an import, waits for its chunks, and ends it; takes the rows of an import back.';
const CHUNKS = 'Loads a chunk of a file in one transaction.';
const TASKS = 'Rings for tasks that are due. Postgres has the tasks: see /v1/tasks and /v1/queues.';

export interface Boards {
  known(): BoardQueue[];
  /** Those that there are now; undefined when they are those that it found the last time. Without Postgres it finds nothing new. */
  look(): Promise<BoardQueue[] | undefined>;
}

export function createBoards(deps: ApiDeps, basePath: string, asking: () => RequestUser): Boards {
  const { queues, database, logger } = deps;
  const open = (queue: ConstructorParameters<typeof BoardQueue>[0], description: string): BoardQueue =>
    new BoardQueue(queue, basePath, description, { database, logger, asking });
  const boards = new Map<string, BoardQueue>([
    ['imports', open(queues.imports, IMPORTS)],
    ['chunks', open(queues.chunks, CHUNKS)],
  ]);
  let lookedAt = -Infinity;

  return {
    known: () => [...boards.values()],
    async look() {
      if (performance.now() - lookedAt < LOOK_MS) return undefined;
      lookedAt = performance.now();
      try {
        const names = new Set([...ENGINE_QUEUES, ...(await listQueueNames(database.db))]);
        for (const name of names) if (!boards.has(name)) boards.set(name, open(queues.of(name), TASKS));
        for (const name of boards.keys()) if (!names.has(name)) boards.delete(name);
        return [...boards.values()];
      } catch (error) {
        logger.debug({ err: error }, 'the dashboard shows the queues that it knew');
        return undefined;
      }
    },
  };
}

// `sluice/enqueue`: tasks from the code of other programs, in transactions of theirs. The commit lets a worker begin, and a rollback leaves
// nothing. The types here are the least that it needs of pg and of drizzle, of whatever version the program has.
import { randomFillSync } from 'node:crypto';
import { stringifyExact } from '../core/tasks/exact-json.ts';
import type { TaskOptions } from '../core/tasks/task-options.ts';
import { createUuidV7 } from '../core/uuid.ts';

export type { TaskOptions } from '../core/tasks/task-options.ts';

/** A `pg` client or pool. In a transaction, give the client that has it open. */
export interface PgClient {
  query(text: string, values: unknown[]): Promise<{ readonly rows: unknown[] }>;
}

/** A drizzle database or transaction over Postgres, of any driver. */
export interface DrizzleDatabase {
  execute(query: string): PromiseLike<unknown>;
}

/** A task to be recorded. Dates become RFC 3339 texts, a bigint stays a number with all its digits. */
export interface EnqueueTask {
  readonly name: string;
  /** As the task's definition describes them; a worker fails a task with others (`invalid-args`). Default: none. */
  readonly args?: Readonly<Record<string, unknown>>;
  readonly options?: TaskOptions;
}

export interface EnqueuedTask {
  /** Of the task, or of the one that has its unique key. */
  readonly id: string;
  /** False when it was not recorded, because another task has its unique key. */
  readonly isNew: boolean;
}

const nextId = createUuidV7((bytes) => randomFillSync(bytes));

/**
 * Records a task.
 * @param tx where the transaction is that it belongs to; with a pool or a database, it is one of its own
 * @param name of a task that workers know; one that none knows waits for a worker that does
 * @returns the id of the task, or of the one that has its unique key
 * @throws what Postgres says of options it cannot read; then nothing is recorded, and the transaction has failed
 */
export async function enqueue(
  tx: PgClient | DrizzleDatabase,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
  options: TaskOptions = {},
): Promise<string> {
  const [task] = await enqueueAll(tx, [{ name, args, options }]);
  return task!.id;
}

/**
 * Records many tasks in one statement: all, or none.
 * @returns in the order given
 * @throws as `enqueue`
 */
export async function enqueueAll(
  tx: PgClient | DrizzleDatabase,
  tasks: readonly EnqueueTask[],
): Promise<EnqueuedTask[]> {
  if (tasks.length === 0) return [];
  const now = Date.now();
  const recorded = stringifyExact(
    tasks.map(({ name, args = {}, options = {} }) => ({ id: nextId(now), name, args, options })),
  );
  const rows = (await send(tx, recorded)) as { id: string; is_new: boolean }[];
  return rows.map(({ id, is_new }) => ({ id, isNew: is_new }));
}

const ENQUEUE = (tasks: string): string => `SELECT id, is_new FROM sluice.enqueue_all(${tasks}::jsonb)`;

/** A drizzle database has a method `query` too, or rather an object; only drizzle has `execute`. */
async function send(tx: PgClient | DrizzleDatabase, tasks: string): Promise<unknown[]> {
  if (!('execute' in tx)) return (await tx.query(ENQUEUE('$1'), [tasks])).rows;
  const answer = await tx.execute(ENQUEUE(literal(tasks)));
  // postgres.js gives the rows themselves.
  return Array.isArray(answer) ? answer : (answer as { rows: unknown[] }).rows;
}

/** As SQL text: drizzle takes parameters only in objects of its own, which differ by version. */
function literal(text: string): string {
  return ` E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

// What workers are told to do: rows, so that it holds whatever is away at the moment, and a notification, so that it is done at once.
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { WorkerCommandName } from '../../core/workers/worker-state.ts';
import type { Database } from '../client.ts';
import { workerCommands } from '../schema/workers.ts';

/** The payload is the worker's id. */
export const WORKERS_CHANNEL = 'sluice_workers';

export type CommandRow = typeof workerCommands.$inferSelect;
/** A command to be recorded. */
export type NewCommand = Pick<
  CommandRow,
  'id' | 'workerId' | 'workerName' | 'command' | 'options' | 'createdBy'
>;

/** Days for which a command is kept that nobody needs any more. */
const KEEP_DAYS = 7;

/** The worker is told at the commit. */
export async function recordCommand(db: Database, command: NewCommand): Promise<void> {
  await db.insert(workerCommands).values(command);
  await db.execute(sql`SELECT pg_notify(${WORKERS_CHANNEL}, ${command.workerId})`);
}

export async function findCommand(db: Database, id: string): Promise<CommandRow | undefined> {
  const [row] = await db.select().from(workerCommands).where(eq(workerCommands.id, id));
  return row;
}

/** Those that the worker has not done yet, in the order in which they were given. */
export function listOpenCommands(db: Database, workerId: string): Promise<CommandRow[]> {
  return db
    .select()
    .from(workerCommands)
    .where(and(eq(workerCommands.workerId, workerId), isNull(workerCommands.acknowledgedAt)))
    .orderBy(asc(workerCommands.id));
}

export async function acknowledgeCommand(db: Database, id: string): Promise<void> {
  await db
    .update(workerCommands)
    .set({ acknowledgedAt: sql`now()` })
    .where(eq(workerCommands.id, id));
}

/** What workers of this name were told last that still holds: to pause or go on, and how many tasks to run. */
export async function listLastSaid(
  db: Database,
  workerName: string,
): Promise<{ command: WorkerCommandName; options: Record<string, unknown> }[]> {
  const { rows } = await db.execute<{ command: WorkerCommandName; options: Record<string, unknown> }>(sql`
    SELECT DISTINCT ON (command = 'scale') command, options FROM ${workerCommands}
     WHERE worker_name = ${workerName} AND worker_name <> '' AND command IN ('pause', 'resume', 'scale')
     ORDER BY command = 'scale', id DESC`);
  return rows;
}

/** Removes what was said long ago, but for the last of each kind that was said to workers of a name. */
export async function forgetCommands(db: Database): Promise<void> {
  await db.execute(sql`
    DELETE FROM ${workerCommands} c WHERE created_at < now() - ${KEEP_DAYS} * interval '1 day'
       AND (worker_name = '' OR EXISTS (
         SELECT FROM ${workerCommands} n WHERE n.worker_name = c.worker_name AND n.command = c.command AND n.id > c.id))`);
}

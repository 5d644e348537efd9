// Tasks in tests: put in by SQL, as any program may, and waited for in Postgres.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { waitFor } from './wait-for.ts';

export interface TaskState {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly attempts: number;
  readonly starts: number;
  readonly result: unknown;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly progress: unknown;
  readonly parent_id: string | null;
}

export async function enqueue(
  pool: pg.Pool | pg.ClientBase,
  name: string,
  args: object = {},
  options: object = {},
): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('SELECT sluice.enqueue($1, $2, $3) AS id', [
    name,
    JSON.stringify(args),
    JSON.stringify(options),
  ]);
  return rows[0]!.id;
}

export async function taskState(pool: pg.Pool, id: string): Promise<TaskState> {
  const { rows } = await pool.query<TaskState>('SELECT * FROM sluice.tasks WHERE id = $1', [id]);
  return rows[0]!;
}

/** Waits until the task has one of these statuses. */
export function inStatus(
  pool: pg.Pool,
  id: string,
  statuses: readonly string[],
  timeoutMs = 20_000,
): Promise<TaskState> {
  return waitFor(
    async () => {
      const task = await taskState(pool, id);
      return statuses.includes(task.status) ? task : undefined;
    },
    { what: `task ${id} to be ${statuses.join(' or ')}`, timeoutMs },
  );
}

export function ended(pool: pg.Pool, id: string, timeoutMs?: number): Promise<TaskState> {
  return inStatus(pool, id, ['succeeded', 'failed', 'cancelled'], timeoutMs);
}

/** A folder of the operator's tasks, outside the repository. @param files by their names */
export async function taskFolder(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'sluice tasks '));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

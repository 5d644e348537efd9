// Tasks that run while the storm goes on: each round puts some in, and in the end each must have done its work once.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import type { StormHouse } from './house.ts';
import type { Random } from './random.ts';
import { waitFor } from '../support/wait-for.ts';

/** `tally` writes a row in the transaction that ends it; one of three fails at its first attempt, after it has written. */
const TALLY = `
import { defineTask, Type } from 'sluice/tasks';
export default defineTask(
  {
    name: 'tally',
    args: Type.Object({ no: Type.Integer(), ms: Type.Integer(), fails: Type.Boolean() }),
    retries: 100,
    backoff: { delay: 50, max: '1s' },
  },
  async ({ no, ms, fails }, ctx) => {
    await ctx.db.query('INSERT INTO storm_tally (task, no) VALUES ($1, $2)', [ctx.id, no]);
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (fails && ctx.attempt === 1) throw new Error('as it was told to');
    return no;
  },
);
`;
const TASKS_A_ROUND = 30;
const LONGEST_MS = 400;
const TIMEOUT_MS = 120_000;

/** The folder for SLUICE_TASKS. */
export async function writeStormTasks(folder: string): Promise<string> {
  const path = join(folder, 'tasks');
  await mkdir(path);
  await writeFile(join(path, 'tally.mjs'), TALLY);
  return path;
}

export async function createTally(pool: pg.Pool): Promise<void> {
  await pool.query('CREATE TABLE IF NOT EXISTS storm_tally (task uuid, no int)');
}

/** Puts the tasks of a round in, all or none. Postgres must be there. */
export async function putTasksIn(house: StormHouse, random: Random): Promise<void> {
  const tasks = Array.from({ length: TASKS_A_ROUND }, () => ({
    no: random.integer(0, 1_000_000),
    ms: random.integer(0, LONGEST_MS),
    fails: random.chance(1 / 3),
  }));
  await house.pool.query(
    `SELECT count(sluice.enqueue('tally', task, jsonb_build_object('priority', (task ->> 'no')::int % 3, 'delay', (task ->> 'ms')::int % 2 * 200)))
       FROM jsonb_array_elements($1::jsonb) task`,
    [JSON.stringify(tasks)],
  );
}

/** Waits until all have ended. @returns what differs from one row for each */
export async function compareTasks(house: StormHouse): Promise<string[]> {
  const unfinished = async (): Promise<number> => {
    const { rows } = await house.pool.query<{ left: string }>(
      `SELECT count(*) AS left FROM sluice.tasks WHERE name = 'tally' AND status IN ('queued', 'running', 'cancelling')`,
    );
    return Number(rows[0]!.left);
  };
  await waitFor(async () => (await unfinished().catch(() => 1)) === 0, {
    what: 'the tasks',
    timeoutMs: TIMEOUT_MS,
  }).catch(() => undefined);
  const { rows } = await house.pool.query<{ id: string; status: string; rows: string; error: unknown }>(
    `SELECT t.id, t.status, t.error, count(s.task) AS rows
       FROM sluice.tasks t LEFT JOIN storm_tally s ON s.task = t.id AND s.no = (t.args ->> 'no')::int AND t.result = t.args -> 'no'
      WHERE t.name = 'tally' GROUP BY t.id HAVING t.status <> 'succeeded' OR count(s.task) <> 1 LIMIT 5`,
  );
  const { rows: total } = await house.pool.query<{ tasks: string; rows: string }>(
    `SELECT (SELECT count(*) FROM sluice.tasks WHERE name = 'tally') AS tasks, (SELECT count(*) FROM storm_tally) AS rows`,
  );
  const found = rows.map(
    ({ id, status, error, rows }) => `task ${id} is ${status} with ${rows} rows: ${JSON.stringify(error)}`,
  );
  if (total[0]!.tasks !== total[0]!.rows)
    found.push(`${total[0]!.tasks} tasks have written ${total[0]!.rows} rows`);
  return found;
}

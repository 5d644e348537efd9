// A deploy without a pause: workers of the older code beside workers of the newer, on tables that the newer has changed already.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue, taskFolder } from '../../support/tasks.ts';
import { waitFor } from '../../support/wait-for.ts';

const task = (name: string) => `
  import { defineTask, Type } from 'sluice/tasks';
  import { setTimeout as sleep } from 'node:timers/promises';
  export default defineTask({ name: '${name}', args: Type.Object({ ms: Type.Integer() }) }, async ({ ms }, ctx) => {
    await sleep(ms, undefined, { signal: ctx.signal });
    await ctx.db.query('INSERT INTO done (task, name) VALUES ($1, $2)', [ctx.id, '${name}']);
  });`;

let sluice: Sluice;
let older: Awaited<ReturnType<typeof taskFolder>>;
let newer: Awaited<ReturnType<typeof taskFolder>>;

beforeAll(async () => {
  older = await taskFolder({ 'steady.ts': task('steady') });
  newer = await taskFolder({ 'steady.ts': task('steady'), 'fresh.ts': task('fresh') });
  sluice = await startSluice();
  await sluice.database.pool.query('CREATE TABLE done (task uuid, name text)');
});
afterAll(async () => {
  await sluice.stop();
  await older.remove();
  await newer.remove();
});

it('loses no task and refuses none, whichever worker is asked', async () => {
  const db = sluice.database.pool;
  const ids: string[] = [];
  const put = async (name: string, count: number, ms: number): Promise<void> => {
    for (let no = 0; no < count; no++) ids.push(await enqueue(db, name, { ms }));
  };
  const first = await sluice.startWorker({ SLUICE_TASKS: older.path });
  await put('steady', 10, 300);
  // Only the newer code knows it: it waits, and says what for.
  await put('fresh', 2, 1);
  const early = ids.at(-1)!;
  await waitFor(
    async () => /worker/.test(((await sluice.task(early)) as unknown as { waitingFor: string }).waitingFor),
    { what: 'the task of the newer code to say that no worker knows it' },
  );

  await migrateFurther();
  await sluice.startWorker({ SLUICE_TASKS: newer.path });
  // A worker of the older code that starts, or restarts, during the deploy.
  const third = await sluice.startWorker({ SLUICE_TASKS: older.path });
  await put('steady', 20, 300);
  await put('fresh', 20, 300);
  first.kill('SIGTERM');
  await put('steady', 20, 50);
  await first.exited;
  third.kill('SIGTERM');
  await put('fresh', 10, 50);
  await third.exited;
  await put('steady', 5, 1);

  for (const id of ids)
    expect(await ended(db, id, 60_000)).toMatchObject({ status: 'succeeded', attempts: 1 });
  const { rows } = await db.query(
    'SELECT count(*)::int AS all, count(DISTINCT task)::int AS tasks FROM done',
  );
  expect(rows[0]).toEqual({ all: ids.length, tasks: ids.length });
});

/** As `sluice migrate` of the next version does, when the code of before can work with what it has made. */
async function migrateFurther(): Promise<void> {
  const db = sluice.database.pool;
  const { rows } = await db.query<{ version: number }>(
    'SELECT count(*)::int AS version FROM sluice.migrations',
  );
  const { version } = rows[0]!;
  await db.query(
    "INSERT INTO sluice.migrations (hash, created_at) VALUES ('of a newer Sluice', 9000000000000)",
  );
  await db.query('INSERT INTO sluice.schema_info VALUES ($1, $2)', [version + 1, version]);
}

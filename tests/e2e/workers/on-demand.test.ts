// `sluice up --workers on-demand`: processes that come when there is work and go when there is none.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { peopleFile } from '../../support/people.ts';
import { spawnSluice, waitFor, type TestProcess } from '../../support/processes.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue, inStatus, taskFolder, taskState } from '../../support/tasks.ts';

const FILES = {
  'tasks.mjs': `
    import { existsSync } from 'node:fs';
    import { appendFile } from 'node:fs/promises';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { defineTask, Type } from 'sluice/tasks';
    export default [
      defineTask({ name: 'until', args: Type.Object({ path: Type.String() }), retries: 0 }, async ({ path }, { signal }) => {
        while (!existsSync(path)) await sleep(20, undefined, { signal });
        await appendFile(path, 'x');
        return 'seen';
      }),
    ];`,
};
const TIMEOUT_MS = 90_000;

let sluice: Sluice;
let folder: Awaited<ReturnType<typeof taskFolder>>;
let up: TestProcess;

beforeAll(async () => {
  folder = await taskFolder(FILES);
  // Its API asks and answers; those of each `up` beside it are not asked.
  sluice = await startSluice({
    datasets: ['bench/people.json'],
    env: { SLUICE_TASKS: folder.path, SLUICE_WORKER_LOST_MS: '2000', SLUICE_SHUTDOWN_GRACE_MS: '500' },
  });
});
afterAll(async () => {
  await sluice.stop();
  await folder.remove();
});
beforeEach(async () => {
  await db().query('DELETE FROM sluice.tasks');
  await db().query("UPDATE sluice.worker_pool SET wish = 'on-demand'");
  up = startUp();
  return async () => {
    up.kill();
    await up.exited;
  };
});

function startUp(): TestProcess {
  return spawnSluice(['up', '--workers', 'on-demand', '--workers-idle-ms', '1000'], { env: sluice.env });
}

interface Pool {
  readonly state: string;
  readonly onDemand: boolean;
}

const db = () => sluice.database.pool;
const pool = async (): Promise<Pool> => (await (await sluice.fetch('/v1/workers/pool')).json()) as Pool;
const inState = (state: string): Promise<Pool> =>
  waitFor(async () => [await pool()].find((each) => each.state === state), {
    what: `the pool to be ${state}`,
  });
const online = async () => {
  const { data } = (await (await sluice.fetch('/v1/workers')).json()) as {
    data: { pid: number; state: string }[];
  };
  return data.filter(({ state }) => state === 'online');
};
const post = (path: string, body?: object): Promise<Response> =>
  sluice.fetch(path, {
    method: 'POST',
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
/** As the admin. */
const addTask = async (name: string, args: object): Promise<string> =>
  ((await (await post('/v1/tasks', { name, args })).json()) as { id: string }).id;
/** After this, `up` has looked for work, and has done something about what it has found. */
async function looked(): Promise<void> {
  const { rows } = await db().query<{ now: Date }>('SELECT clock_timestamp() AS now');
  for (let looks = 0, last = rows[0]!.now; looks < 3; looks += 1)
    last = await waitFor(
      async () =>
        (
          await db().query<{ at: Date }>(
            `SELECT query_start AS at FROM pg_stat_activity
              WHERE application_name = 'sluice workers on demand' AND datname = current_database() AND query_start > $1::timestamptz + interval '300 ms'`,
            [last],
          )
        ).rows[0]?.at,
      { what: 'a look for work' },
    );
}

it(
  'begins with a worker, has none while there is nothing to do, and has one again for a task and an import',
  async () => {
    await up.says(/worker ready/);
    await inState('stopped');
    expect(await online()).toEqual([]);

    const task = await addTask('add', { a: 1, b: 2 });
    expect(await ended(db(), task)).toMatchObject({ status: 'succeeded', attempts: 1 });
    await inState('stopped');
    expect(await online()).toEqual([]);

    const answer = await sluice.send('people', peopleFile(50).text);
    const { id } = (await answer.json()) as { id: string };
    expect(await sluice.ended(id)).toMatchObject({ status: 'succeeded', result: { loaded: 50 } });
    await inState('stopped');

    up.kill();
    expect(await up.exited).toEqual({ code: 0, signal: null });
    expect((await post('/v1/workers/start')).status).toBe(409);
  },
  TIMEOUT_MS,
);

it(
  'a worker that is killed while it runs a task has another in its place, and the task ends once',
  async () => {
    await up.says(/worker ready/);
    const path = `${folder.path}/killed`;
    const id = await enqueue(db(), 'until', { path });
    await inStatus(db(), id, ['running']);
    const worker = await waitFor(async () => (await online())[0], { what: 'the worker to be listed' });
    process.kill(worker.pid, 'SIGKILL');
    await up.says(/The worker ended \(signal SIGKILL\)\. Starting it again/);
    await waitFor(async () => (await taskState(db(), id)).starts === 2, {
      what: 'the task to be begun again',
    });
    await writeFile(path, '');
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded', attempts: 1, starts: 2 });
    await inState('stopped');
  },
  TIMEOUT_MS,
);

it(
  'a schedule that is due soon starts a worker, so that its run is not missed',
  async () => {
    await inState('stopped');
    const at = new Date(Date.now() + 8000).toISOString();
    const answer = await post('/v1/schedules', {
      name: 'once',
      at,
      misfire: 'skip',
      task: { name: 'add', args: { a: 3, b: 4 } },
    });
    expect(answer.status).toBe(201);
    const { id } = (await answer.json()) as { id: string };
    const task = await waitFor(
      async () =>
        (
          await db().query<{ id: string }>(
            'SELECT task_id AS id FROM sluice.schedule_runs WHERE schedule_id = $1',
            [id],
          )
        ).rows[0]?.id,
      { what: 'the schedule to have run' },
    );
    expect(await ended(db(), task)).toMatchObject({ status: 'succeeded', result: 7 });
    await inState('stopped');
  },
  TIMEOUT_MS,
);

it(
  'stopped by hand it stays so, over a restart too, and a start has it go on',
  async () => {
    // The admin's own: nobody else is at work.
    const path = `${folder.path}/by-hand`;
    const task = await addTask('until', { path });
    await inStatus(db(), task, ['running']);
    const stop = await post('/v1/workers/stop', {});
    expect([stop.status, await stop.json()]).toMatchObject([202, { state: 'stopping', onDemand: false }]);
    await inState('stopped');

    await looked();
    expect(await pool()).toMatchObject({ state: 'stopped', onDemand: false });
    expect(await taskState(db(), task)).toMatchObject({ status: 'queued', starts: 1, attempts: 0 });
    up.kill();
    await up.exited;
    up = startUp();
    await up.says(/The worker was stopped by hand/);
    await looked();
    expect(await taskState(db(), task)).toMatchObject({ status: 'queued', starts: 1 });
    expect((await post('/v1/workers/stop', {})).status).toBe(200);

    await writeFile(path, '');
    const start = await post('/v1/workers/start');
    expect([start.status, await start.json()]).toMatchObject([202, { state: 'pending', onDemand: true }]);
    expect(await ended(db(), task)).toMatchObject({ status: 'succeeded', attempts: 1 });
    await inState('stopped');

    // Also when nothing waits.
    expect((await post('/v1/workers/start')).status).toBe(202);
    await up.says(/worker ready[^]*worker ready/);
    await inState('stopped');
    expect(await pool()).toMatchObject({ onDemand: true });
  },
  TIMEOUT_MS,
);

it(
  'a second one of the same database starts none, until the first is gone',
  async () => {
    await up.says(/worker ready/);
    const home = join(folder.path, 'second');
    const second = spawnSluice(['up', '--workers', 'on-demand'], {
      env: { ...sluice.env, SLUICE_HOME: home },
    });
    await second.says(/Another "sluice up" has workers on demand for this database/);
    up.kill();
    await up.exited;
    await second.says(/worker ready/);
    second.kill();
    expect((await second.exited).code).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  'what others run is not stopped unless it is forced, and then it waits for the next start',
  async () => {
    const path = `${folder.path}/forced`;
    const id = await enqueue(db(), 'until', { path });
    await inStatus(db(), id, ['running']);
    const refused = await post('/v1/workers/stop', {});
    expect([refused.status, await refused.json()]).toMatchObject([
      409,
      { code: 'WORKERS_IN_USE', running: 1, waiting: 0, tasks: [{ id, name: 'until', createdBy: null }] },
    ]);
    expect((await post('/v1/workers/stop', { force: true })).status).toBe(202);
    await inState('stopped');
    expect(await taskState(db(), id)).toMatchObject({ status: 'queued', attempts: 0 });
    await writeFile(path, '');
    await post('/v1/workers/start');
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded', attempts: 1 });
  },
  TIMEOUT_MS,
);

// From the version before to this one while work goes on, by hand: SLUICE_TEST_BEFORE=<folder of the version before, built>. Migrations
// run first; then old and new APIs and workers share the work; then the old ones are told to stop. Nothing is lost, nothing is refused.
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { apiKeyText } from '../../src/core/access/api-key.ts';
import { peopleFile } from '../support/people.ts';
import { REPOSITORY, spawnProcess, type TestProcess } from '../support/processes.ts';
import { uniquePrefix } from '../support/redis.ts';
import { taskFolder } from '../support/tasks.ts';
import { temporaryFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const NOTE = `
  import { defineTask, Type } from 'sluice/tasks';
  import { setTimeout as sleep } from 'node:timers/promises';
  export default defineTask({ name: 'note', args: Type.Object({ ms: Type.Integer() }) }, async ({ ms }, ctx) => {
    await sleep(ms, undefined, { signal: ctx.signal });
    await ctx.db.query('INSERT INTO noted (task) VALUES ($1)', [ctx.id]);
  });`;
const FINAL = ['succeeded', 'failed', 'cancelled'];
/** How long each state of the upgrade lasts. */
const PHASE_MS = 8000;

it('work goes on from the version before to this one', { timeout: 400_000 }, async () => {
  const before = process.env['SLUICE_TEST_BEFORE']!;
  const folder = temporaryFolder();
  const datasets = join(folder, 'datasets');
  await mkdir(datasets);
  await copyFile(join(REPOSITORY, 'bench/people.json'), join(datasets, 'people.json'));
  const tasks = await taskFolder({ 'note.ts': NOTE });
  const url = new URL(inject('databaseUrl'));
  const server = new pg.Client({ connectionString: url.href });
  await server.connect();
  const name = `test_rolling_${randomBytes(4).toString('hex')}`;
  await server.query(`CREATE DATABASE ${name}`);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href });
  pool.on('error', () => undefined);
  const key = apiKeyText(randomBytes(32));
  const env = {
    DATABASE_URL: url.href,
    REDIS_URL: inject('redisUrl'),
    PORT: '0',
    SLUICE_HOME: folder,
    SLUICE_DATASETS_DIR: datasets,
    SLUICE_TASKS: tasks.path,
    SLUICE_QUEUE_PREFIX: uniquePrefix(),
    SLUICE_ADMIN_KEY: key,
    SLUICE_CHUNK_BYTES: '100000',
    SLUICE_SLOTS: '1',
  };
  const start = (root: string, ...args: string[]): TestProcess =>
    spawnProcess([process.execPath, join(root, 'dist/cli/main.js'), ...args], { env, cwd: root });
  const run = async (root: string, ...args: string[]): Promise<void> => {
    const command = start(root, ...args);
    expect((await command.exited).code, command.output()).toBe(0);
  };
  const startApi = async (root: string) => {
    const api = start(root, 'api');
    return { api, url: (await api.says(/listening on (http:[^"]+)"/))[1]! };
  };
  const startWorker = async (root: string): Promise<TestProcess> => {
    const worker = start(root, 'worker');
    await worker.says(/worker ready/);
    return worker;
  };
  const level = async (): Promise<unknown> =>
    (await pool.query('SELECT max(version) AS level FROM sluice.schema_info')).rows[0];

  await run(before, 'migrate');
  await run(before, 'datasets', 'apply');
  await pool.query('CREATE TABLE noted (task uuid)');
  const oldApi = await startApi(before);
  const oldWorker = await startWorker(before);

  // What a balancer does: each request to the next API that takes part.
  let apis = [oldApi.url];
  let turn = 0;
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await fetch(`${apis[turn++ % apis.length]!}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, ...(init.headers as Record<string, string>) },
    });
    return answer;
  };
  const file = peopleFile(6000, 200);
  const small = peopleFile(20, 10);
  const sent: { id: string; file: typeof file }[] = [];
  const noted: string[] = [];
  const refused: string[] = [];
  const over = new AbortController();
  const keep = async (path: string, answer: Response): Promise<string | undefined> => {
    if (answer.ok) return ((await answer.json()) as { id: string }).id;
    refused.push(`${path} ${answer.status} ${await answer.text()}`);
    return undefined;
  };
  const loop = async (pauseMs: number, step: (no: number) => Promise<void>): Promise<void> => {
    for (let no = 0; !over.signal.aborted; no++) {
      await step(no);
      await sleep(pauseMs);
    }
  };
  const post = async (path: string, type: string, body: string): Promise<string | undefined> =>
    keep(path, await ask(path, { method: 'POST', headers: { 'content-type': type }, body }));
  const traffic = [
    loop(300, async (no) => {
      const each = no % 4 === 0 ? file : small;
      const id = await post('/v1/imports?dataset=people', 'text/csv', each.text);
      if (id !== undefined) sent.push({ id, file: each });
    }),
    loop(100, async () => {
      const id = await post('/v1/tasks', 'application/json', '{"name":"note","args":{"ms":50}}');
      if (id !== undefined) noted.push(id);
    }),
    loop(200, async () => {
      for (const path of ['/v1/imports?limit=5', '/v1/tasks?limit=5', '/v1/workers', '/readyz']) {
        const answer = await ask(path);
        if (!answer.ok) refused.push(`${path} ${answer.status} ${await answer.text()}`);
        else await answer.arrayBuffer();
      }
    }),
  ];
  const states: unknown[] = [];
  const state = async (what: string): Promise<void> =>
    void states.push({ what, ...((await level()) as object), sent: sent.length, noted: noted.length });

  await sleep(PHASE_MS);
  await state('old alone');
  await run(REPOSITORY, 'migrate');
  await sleep(PHASE_MS);
  await state('old, on the new tables');
  const newApi = await startApi(REPOSITORY);
  const newWorker = await startWorker(REPOSITORY);
  apis = [oldApi.url, newApi.url];
  await sleep(PHASE_MS);
  await state('old and new');
  // The balancer sends nothing more to the old API, and then it is told to stop.
  apis = [newApi.url];
  await sleep(1000);
  for (const old of [oldApi.api, oldWorker]) old.kill('SIGTERM');
  expect([(await oldApi.api.exited).code, (await oldWorker.exited).code]).toEqual([0, 0]);
  await sleep(PHASE_MS);
  await state('new alone');
  over.abort();
  await Promise.all(traffic);

  expect(refused).toEqual([]);
  const ended = (id: string): Promise<{ status: string }> =>
    waitFor(
      async () => {
        const task = (await (await ask(`/v1/tasks/${id}`)).json()) as { status: string };
        return FINAL.includes(task.status) ? task : undefined;
      },
      { what: `task ${id} to end`, timeoutMs: 120_000 },
    );
  for (const { id, file: each } of sent) {
    const loaded = each.records - each.badRows.length;
    expect(await ended(id)).toMatchObject({
      status: 'succeeded',
      result: { records: each.records, loaded, rejected: each.badRows.length },
    });
    const { rows } = await pool.query(
      'SELECT count(*)::int AS rows, count(DISTINCT import_row)::int AS numbers, sum(points)::int AS points FROM people WHERE import_id = $1',
      [id],
    );
    expect(rows[0]).toEqual({ rows: loaded, numbers: loaded, points: each.points });
  }
  for (const id of noted) expect(await ended(id)).toMatchObject({ status: 'succeeded' });
  const { rows } = await pool.query(
    'SELECT count(*)::int AS all, count(DISTINCT task)::int AS tasks FROM noted',
  );
  expect(rows[0]).toEqual({ all: noted.length, tasks: noted.length });
  const { rows: shares } = await pool.query(
    'SELECT worker_id, count(*)::int AS tasks FROM sluice.tasks WHERE worker_id IS NOT NULL GROUP BY 1 ORDER BY 1',
  );
  expect(shares.length).toBe(2);
  process.stderr.write(`${JSON.stringify({ states, shares })}\n`);
  newApi.api.kill();
  newWorker.kill();
  await Promise.all([newApi.api.exited, newWorker.exited]);
  await pool.end();
  await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await server.end();
  await tasks.remove();
});

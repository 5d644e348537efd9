// Exports that a task makes: what is fetched is what the download has, and a kill and a cancel leave nothing.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProcess } from '../support/processes.ts';
import { startSluice, type Sluice, type TaskJson } from '../support/sluice.ts';
import { taskState } from '../support/tasks.ts';
import { waitFor } from '../support/wait-for.ts';
import { todos } from '../api/records/datasets.ts';

const RECORDS = 2500;
const records = '/v1/datasets/todos/records';

let sluice: Sluice;
let worker: TestProcess;

beforeAll(async () => {
  sluice = await startSluice({ datasets: [todos], env: { SLUICE_EXPORT_RECORDS: '2000' } });
  worker = await sluice.startWorker();
  await db().query(
    `INSERT INTO todos (id, title, memo, priority, completed)
     SELECT gen_random_uuid(), 'todo ' || n, CASE n % 3 WHEN 0 THEN '=1+1, "a"' WHEN 1 THEN '' END, n % 2 + 1, false FROM generate_series(1, ${RECORDS}) n`,
  );
  await db().query('ANALYZE todos');
});
afterAll(() => sluice.stop());

const db = () => sluice.database.pool;
const post = (path: string, headers: Record<string, string> = {}) =>
  sluice.fetch(`${records}${path}`, { method: 'POST', headers });

async function taken(path: string): Promise<string> {
  const answer = await post(path);
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { id: string }).id;
}

interface Result {
  readonly records: number;
  readonly bytes: number;
  readonly file: string;
  readonly expiresAt: string;
}

async function made(path: string): Promise<Result> {
  const task = await sluice.ended(await taken(path));
  expect(task).toMatchObject({ status: 'succeeded' });
  return task.result as unknown as Result;
}

const files = () => readdir(join(sluice.folder, 'storage', 'exports'), { recursive: true }).catch(() => []);

describe('an export by a task', () => {
  it.each(['csv', 'ndjson', 'json', 'xlsx'])('as %s has what the download has', async (format) => {
    const query = `.${format}?priority=eq.1&order=title`;
    const result = await made(query);
    expect(result.records).toBe(RECORDS / 2);
    const answer = await sluice.fetch(result.file);
    const file = Buffer.from(await answer.arrayBuffer());
    expect(file.length).toBe(result.bytes);
    expect(answer.headers.get('content-length')).toBe(String(result.bytes));
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename*=UTF-8''todos.${format}`);
    const streamed = await sluice.fetch(`${records}.${format}?priority=eq.1&order=title`);
    expect(streamed.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(streamed.headers.get('content-type'));
    const same = Buffer.from(await streamed.arrayBuffer());
    // A workbook holds the time at which it was made.
    if (format === 'xlsx') return;
    expect(file.equals(same)).toBe(true);
  });

  it('is raw when that is asked for, and has no records when there are none', async () => {
    const raw = await made('.csv?raw=true&select=memo&title=eq.todo 3');
    expect(await (await sluice.fetch(raw.file)).text()).toBe('memo\n"=1+1, ""a"""\n');
    const guarded = await made('.csv?select=memo&title=eq.todo 3');
    expect(await (await sluice.fetch(guarded.file)).text()).toBe(`memo\n"'=1+1, ""a"""\n`);
    const none = await made('.ndjson?title=eq.nothing');
    expect(none).toMatchObject({ records: 0, bytes: 0 });
    expect(await (await sluice.fetch(none.file)).text()).toBe('');
  });

  it('is what is left when there are more than are streamed', async () => {
    const answer = await sluice.fetch(`${records}.csv`);
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({
      code: 'EXPORT_TOO_LARGE',
      detail: `There are about ${RECORDS} records; 2000 are streamed at most (SLUICE_EXPORT_RECORDS). Send the same request as POST: a task makes records.csv, to be fetched when it is ready.`,
    });
    expect((await sluice.fetch(`${records}.csv`, { method: 'HEAD' })).status).toBe(200);
    expect((await made('.csv')).records).toBe(RECORDS);
  });

  it('is refused at once when it is wrong, and made once when it is sent twice with a key', async () => {
    expect((await post('.csv?nothing=eq.1')).status).toBe(400);
    expect((await post('.pdf')).status).toBe(404);
    const once = { 'idempotency-key': 'export' };
    const [first, second] = [await post('.csv', once), await post('.csv', once)];
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    const { id } = (await first.json()) as { id: string };
    expect(await second.json()).toMatchObject({ id });
    await sluice.ended(id);
  });

  it('is fetched by whoever may read the records, until it is no longer kept', async () => {
    const { file } = await made('.csv');
    const key = async (scope: object) => {
      const answer = await sluice.fetch('/v1/keys', {
        method: 'POST',
        body: JSON.stringify({ name: 'limited', ...scope }),
        headers: { 'content-type': 'application/json' },
      });
      return ((await answer.json()) as { key: string }).key;
    };
    const as = async (scope: object, path = file) =>
      (await sluice.fetch(path, { headers: { authorization: `Bearer ${await key(scope)}` } })).status;
    expect(await as({ datasets: ['todos'], verbs: ['read'] })).toBe(200);
    expect(await as({ datasets: ['todos'], verbs: ['write'] })).toBe(403);
    expect(await as({ datasets: ['people'] })).toBe(403);
    expect(await as({ datasets: ['people'] }, file.replace('/todos/', '/people/'))).toBe(404);
    expect((await sluice.fetch(file, { headers: { authorization: '' } })).status).toBe(401);

    await db().query('UPDATE sluice.record_exports SET expires_at = now()');
    const gone = await sluice.fetch(file);
    expect(gone.status).toBe(404);
    expect(await gone.json()).toMatchObject({ code: 'EXPORT_NOT_FOUND' });
  });
});

describe('in the midst of the file', () => {
  /** Each record takes a while. */
  async function slowly(work: () => Promise<void>): Promise<void> {
    await db().query(`
      CREATE OR REPLACE FUNCTION slow(t text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.004); RETURN t; END $$;
      ALTER TABLE todos RENAME TO todos_kept;
      CREATE VIEW todos AS SELECT id, slow(title) AS title, memo, priority, completed, created_at, updated_at, created_by, updated_by, import_id, import_row FROM todos_kept`);
    try {
      await work();
    } finally {
      await db().query('DROP VIEW todos; ALTER TABLE todos_kept RENAME TO todos');
    }
  }
  const running = (id: string): Promise<unknown> =>
    waitFor(async () => ((await taskState(db(), id)).progress === null ? undefined : true), {
      what: 'the file to be in the midst',
      timeoutMs: 30_000,
    });

  it('a cancel leaves no file', async () => {
    await slowly(async () => {
      const before = await files();
      const id = await taken('.ndjson');
      await running(id);
      expect((await files()).length).toBeGreaterThan(before.length);
      await sluice.fetch(`/v1/tasks/${id}`, { method: 'DELETE' });
      expect((await sluice.ended(id)).status).toBe('cancelled');
      await waitFor(
        async () => ((await files()).some((name) => name.startsWith(`${id}/`)) ? undefined : true),
        { what: 'its file to be gone', timeoutMs: 20_000 },
      );
      expect((await sluice.fetch(`/v1/datasets/todos/exports/${id}`)).status).toBe(404);
    });
  });

  it('a killed worker leaves no export, and another one makes it whole', async () => {
    let id = '';
    await slowly(async () => {
      id = await taken('.ndjson');
      await running(id);
      worker.kill('SIGKILL');
      await waitFor(
        async () =>
          (await db().query(`SELECT FROM pg_stat_activity WHERE query LIKE 'FETCH%' AND state = 'active'`))
            .rowCount === 0
            ? true
            : undefined,
        { what: 'Postgres to notice', timeoutMs: 30_000 },
      );
    });
    expect((await sluice.fetch(`/v1/datasets/todos/exports/${id}`)).status).toBe(404);
    worker = await sluice.startWorker();
    const task: TaskJson = await sluice.ended(id, 60_000);
    expect(task).toMatchObject({ status: 'succeeded', result: { records: RECORDS } });
    const text = await (await sluice.fetch(`/v1/datasets/todos/exports/${id}`)).text();
    const titles = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { title: string }).title);
    expect(new Set(titles).size).toBe(RECORDS);
    expect(titles).toHaveLength(RECORDS);
  });
});

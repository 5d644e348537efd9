// Requests over many records, as tasks of real workers: what a kill, a cancel and a wrong bound leave.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TestProcess } from '../support/processes.ts';
import { startSluice, type Sluice, type TaskJson } from '../support/sluice.ts';
import { taskState } from '../support/tasks.ts';
import { waitFor } from '../support/wait-for.ts';
import { todos } from '../api/records/datasets.ts';

type Json = Record<string, unknown>;

const RECORDS = 6000;
const url = '/v1/datasets/todos/records';

let sluice: Sluice;
let worker: TestProcess;

beforeAll(async () => {
  sluice = await startSluice({ datasets: [todos], env: { SLUICE_AFFECTED_AT_ONCE: '10' } });
  worker = await sluice.startWorker();
});
afterAll(() => sluice.stop());
afterEach(() => db().query('DROP TRIGGER IF EXISTS slow ON todos; TRUNCATE todos'));

const db = () => sluice.database.pool;

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await sluice.fetch(`${url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Json };
}

async function fill(): Promise<void> {
  await db().query(
    `INSERT INTO todos (id, title, priority, completed) SELECT gen_random_uuid(), 'todo ' || n, n % 2 + 1, false FROM generate_series(1, ${RECORDS}) n`,
  );
}

/** Each change of a row takes a millisecond. */
async function slowDown(): Promise<void> {
  await db().query(`
    CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.001); RETURN coalesce(NEW, OLD); END $$;
    CREATE TRIGGER slow BEFORE UPDATE OR DELETE ON todos FOR EACH ROW EXECUTE FUNCTION slow()`);
}

async function standing(): Promise<Json> {
  const { rows } = await db().query<Json>(
    'SELECT count(*)::int AS records, count(*) FILTER (WHERE completed)::int AS completed FROM todos',
  );
  return rows[0]!;
}

async function audits(task: string): Promise<Json[]> {
  const { rows } = await db().query<{ action: string; user: string; details: Json }>(
    `SELECT action, user_name AS user, details FROM sluice.audit_log WHERE details ->> 'task' = $1`,
    [task],
  );
  return rows;
}

/** Some of the records are changed, in a transaction that has not ended. */
async function inTheMidst(id: string): Promise<void> {
  await waitFor(
    async () =>
      ((await taskState(db(), id)).progress as { done: number } | null)?.done === undefined
        ? undefined
        : true,
    { what: 'the task to be in the midst of its work', timeoutMs: 20_000 },
  );
}

const taken = async (answer: ReturnType<typeof call>): Promise<string> => {
  const { status, headers, json } = await answer;
  expect({ status, json }).toMatchObject({ status: 202, json: { status: 'queued' } });
  expect(headers.get('location')).toBe(`/v1/tasks/${String(json['id'])}`);
  return String(json['id']);
};

describe('a change of many records', () => {
  it('is a task when maxAffected is large, and says how many it has changed', async () => {
    await fill();
    const id = await taken(call('PATCH', `?priority=eq.1&maxAffected=${RECORDS}`, { completed: true }));
    expect(await sluice.ended(id)).toMatchObject({
      status: 'succeeded',
      args: { dataset: 'todos', request: id, maxAffected: RECORDS },
      result: { matched: RECORDS / 2, changed: RECORDS / 2 },
    });
    expect(await standing()).toEqual({ records: RECORDS, completed: RECORDS / 2 });
    const [entry, ...others] = await audits(id);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      action: 'records.change',
      user: 'admin',
      details: { records: RECORDS / 2, changed: RECORDS / 2, fields: ['completed'] },
    });
    const { rows } = await db().query(
      'SELECT count(*)::int AS n, count(DISTINCT updated_by)::int AS by FROM todos WHERE completed AND updated_by IS NOT NULL',
    );
    expect(rows).toEqual([{ n: RECORDS / 2, by: 1 }]);
    // Once more: all of it is as it says.
    const again = (await (
      await sluice.fetch(`/v1/tasks/${id}/retry`, { method: 'POST' })
    ).json()) as TaskJson;
    expect(await sluice.ended(again.id)).toMatchObject({
      status: 'succeeded',
      result: { matched: RECORDS / 2, changed: 0 },
    });
  });

  it('changes nothing when the filter has more', async () => {
    await fill();
    const id = await taken(call('PATCH', '?priority=eq.1&maxAffected=2999', { completed: true }));
    const task = await sluice.ended(id);
    expect(task).toMatchObject({ status: 'failed', attempts: 1 });
    expect(task.error?.message).toBe(
      'The filter has more records than maxAffected (2999). Nothing was changed. Look at the list of the same filter with count=exact.',
    );
    expect(await standing()).toEqual({ records: RECORDS, completed: 0 });
  });

  it('changes nothing when Postgres refuses one of them', async () => {
    await fill();
    await db().query(
      `ALTER TABLE todos ADD CONSTRAINT no_last CHECK (NOT completed OR title <> 'todo 6000')`,
    );
    const id = await taken(call('PATCH', '?id=not.is.null&maxAffected=9999', { completed: true }));
    const task = await sluice.ended(id);
    await db().query('ALTER TABLE todos DROP CONSTRAINT no_last');
    expect(task).toMatchObject({ status: 'failed', attempts: 1 });
    expect(task.error?.message).toContain('no_last');
    expect(await standing()).toEqual({ records: RECORDS, completed: 0 });
  });

  it('is told at once what is wrong with it', async () => {
    const wrong = async (path: string, body: unknown) => (await call('PATCH', path, body)).json['code'];
    expect(await wrong('?maxAffected=100', { completed: true })).toBe('QUERY_INVALID');
    expect(await wrong('?priority=eq.x&maxAffected=100', { completed: true })).toBe('QUERY_INVALID');
    expect(await wrong('?priority=eq.1&maxAffected=100', { priority: 9 })).toBe('RECORD_INVALID');
    const { rows } = await db().query(`SELECT FROM sluice.tasks WHERE status = 'queued'`);
    expect(rows).toEqual([]);
  });

  it('is one task when it is sent twice with a key', async () => {
    await fill();
    const send = () =>
      call('PATCH', '?priority=eq.2&maxAffected=9999', { completed: true }, { 'idempotency-key': 'once' });
    const id = await taken(send());
    const again = await send();
    expect(again).toMatchObject({ status: 202, json: { id } });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = await call('PATCH', '?priority=eq.1&maxAffected=9999', {}, { 'idempotency-key': 'once' });
    expect(other).toMatchObject({ status: 422, json: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect(await sluice.ended(id)).toMatchObject({ result: { changed: RECORDS / 2 } });
  });
});

describe('in the midst of its work', () => {
  it('a cancel leaves all records as they were', async () => {
    await fill();
    await slowDown();
    const id = await taken(call('DELETE', '?id=not.is.null&maxAffected=9999'));
    await inTheMidst(id);
    expect((await sluice.fetch(`/v1/tasks/${id}`, { method: 'DELETE' })).status).toBe(202);
    expect((await sluice.ended(id)).status).toBe('cancelled');
    expect(await standing()).toEqual({ records: RECORDS, completed: 0 });
    expect(await audits(id)).toEqual([]);
    // Its locks are gone.
    await db().query('DROP TRIGGER slow ON todos');
    await waitFor(async () => (await db().query('SELECT id FROM todos FOR UPDATE NOWAIT')).rowCount, {
      what: 'the locks of the task to be gone',
      timeoutMs: 20_000,
    });
  });

  it('a killed worker leaves all as they were, and another one does the work, once', async () => {
    await fill();
    await slowDown();
    const id = await taken(call('DELETE', '?priority=eq.1&maxAffected=9999'));
    await inTheMidst(id);
    expect(await standing()).toEqual({ records: RECORDS, completed: 0 });
    worker.kill('SIGKILL');
    await db().query('DROP TRIGGER slow ON todos');
    worker = await sluice.startWorker();
    expect(await sluice.ended(id, 60_000)).toMatchObject({
      status: 'succeeded',
      result: { matched: RECORDS / 2, changed: RECORDS / 2 },
    });
    expect((await taskState(db(), id)).starts).toBeGreaterThan(1);
    expect(await standing()).toEqual({ records: RECORDS / 2, completed: 0 });
    expect(await audits(id)).toHaveLength(1);
  });
});

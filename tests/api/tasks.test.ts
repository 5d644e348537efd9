import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskStatus } from '../../src/core/tasks/task-status.ts';
import { findTask, moveTask } from '../../src/db/tasks/tasks.ts';
import { bearer, type TestApi } from '../support/api.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../support/slot.ts';
import { listeningApi, openSocket, PEOPLE, upload } from '../support/uploads.ts';
import { waitFor } from '../support/wait-for.ts';

const NOBODY = '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10';

let api: TestApi;
let slot: TestSlot;

beforeAll(async () => {
  api = await listeningApi();
  slot = await openSlot(api.database.url, api.deps.config.storageDir);
});
afterAll(async () => {
  await slot.close();
  await api.close();
});

const send = (content = 'name\na\n'): Promise<string> => addImport(slot, PEOPLE, content);
const poll = (id: string, headers = {}) => api.call({ url: `/v1/tasks/${id}`, headers });
const cancel = (id: string, query = '', headers = {}) =>
  api.call({ method: 'DELETE', url: `/v1/tasks/${id}${query}`, headers });

async function sendTo(status: TaskStatus): Promise<string> {
  const id = await send();
  const way: Record<TaskStatus, TaskStatus[]> = {
    queued: [],
    running: ['running'],
    cancelling: ['running', 'cancelling'],
    succeeded: ['running', 'succeeded'],
    failed: ['failed'],
    cancelled: ['cancelled'],
  };
  for (const to of way[status]) await moveTask(api.deps.database.db, id, to);
  return id;
}

describe('a poll', () => {
  it('tells how a task stands, from queued to its end', async () => {
    const id = await send('name,age\na,1\nb,x\n');
    const queued = await poll(id);
    expect(queued.statusCode).toBe(200);
    expect(queued.headers).toMatchObject({ 'retry-after': '1', 'cache-control': 'private, no-cache' });
    expect(queued.json()).toEqual({
      id,
      name: 'import',
      args: { dataset: 'people', fileName: null },
      status: 'queued',
      celeryState: 'PENDING',
      queue: 'imports',
      priority: 0,
      maxAttempts: null,
      runAt: expect.any(String),
      expiresAt: null,
      worker: null,
      tags: [],
      parentId: null,
      retryOf: null,
      progress: {
        bytesDone: 0,
        bytesTotal: 8,
        rowsDone: 0,
        rowsTotal: null,
        chunksDone: 0,
        chunksTotal: null,
        rowsPerSecond: null,
        etaSeconds: null,
      },
      result: null,
      error: null,
      attempts: 0,
      waitingFor: null,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      startedAt: null,
      finishedAt: null,
      createdBy: null,
    });
    await runImport(slot, id);
    const ended = await poll(id);
    expect(ended.headers['retry-after']).toBeUndefined();
    expect(ended.json()).toMatchObject({
      status: 'succeeded',
      progress: { bytesDone: 8, rowsDone: 2, rowsTotal: 2, chunksDone: 1, chunksTotal: 1, etaSeconds: null },
      result: { records: 2, loaded: 1, rejected: 1, errors: 1 },
      attempts: 1,
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
    });
  });

  it('that has seen the task as it is gets 304 and no body', async () => {
    const id = await send();
    const etag = String((await poll(id)).headers['etag']);
    for (const seen of [etag, `"x", ${etag}`, etag.replace('W/', ''), '*']) {
      const same = await poll(id, { 'if-none-match': seen });
      expect([seen, same.statusCode, same.body, same.headers['etag']]).toEqual([seen, 304, '', etag]);
    }
    expect((await poll(id, { 'if-none-match': '"x"' })).statusCode).toBe(200);
    await moveTask(api.deps.database.db, id, 'running');
    const changed = await poll(id, { 'if-none-match': etag });
    expect(changed.statusCode).toBe(200);
    expect(changed.headers['etag']).not.toBe(etag);
  });

  it('gets another ETag whenever anything it shows has changed, also who asked for it', async () => {
    const person = await api.call({
      method: 'POST',
      url: '/v1/users',
      payload: { name: 'Before', email: 'etag@example.com', role: 'operator' },
    });
    const createdBy = String(person.json().id);
    const id = await addImport(slot, PEOPLE, 'name\na\nb\n', { createdBy });
    const { pool } = api.database;
    const changes: (() => Promise<unknown>)[] = [
      () => pool.query(`UPDATE sluice.users SET name = 'After' WHERE id = $1`, [createdBy]),
      () => moveTask(api.deps.database.db, id, 'running'),
      () => pool.query(`UPDATE sluice.imports SET planned_at = now(), records = 2 WHERE id = $1`, [id]),
      () =>
        pool.query(
          `INSERT INTO sluice.import_chunks (import_id, chunk_no, start_byte, end_byte, first_row, first_line, records, broken)
           SELECT $1, no, 5 + 2 * no, 7 + 2 * no, 1 + no, 2 + no, 1, '[]' FROM generate_series(0, 1) no`,
          [id],
        ),
      () =>
        pool.query(
          `UPDATE sluice.import_chunks SET status = 'done', loaded = 1, done_at = now() WHERE import_id = $1 AND chunk_no = 0`,
          [id],
        ),
      () => moveTask(api.deps.database.db, id, 'failed', { error: { code: 'plan-failed', message: 'y' } }),
      () => pool.query('DELETE FROM sluice.users WHERE id = $1', [createdBy]),
    ];
    let seen = await poll(id);
    for (const change of changes) {
      await change();
      const etag = String(seen.headers['etag']);
      const now = await poll(id, { 'if-none-match': etag });
      expect([now.statusCode, now.headers['etag'] === etag]).toEqual([200, false]);
      expect(now.json()).not.toEqual(seen.json());
      const unchanged = await poll(id, { 'if-none-match': String(now.headers['etag']) });
      expect(unchanged.statusCode).toBe(304);
      seen = now;
    }
    expect(seen.json()).toMatchObject({
      createdBy: { id: createdBy, name: null },
      error: { code: 'plan-failed' },
    });
  });

  it('at the same time as others gets its own task, or its own 404', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => send()));
    const asked = [...ids, NOBODY, ...ids.map((id) => id.toUpperCase()), ...ids];
    const answers = await Promise.all(asked.map((id) => poll(id)));
    expect(answers.map((answer) => answer.json().id ?? answer.statusCode)).toEqual(
      asked.map((id) => (id === NOBODY ? 404 : id.toLowerCase())),
    );
  });

  it('over a socket, a 304 leaves the connection in order', async () => {
    const id = await send();
    const etag = String((await poll(id)).headers['etag']);
    const socket = await openSocket(api);
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    const get = (path: string, seen: string): string =>
      `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${bearer(api.adminKey).authorization}\r\nif-none-match: ${seen}\r\n\r\n`;
    socket.write(get(`/v1/tasks/${id}`, etag) + get('/v1/me', 'x'));
    await waitFor(() => /HTTP\/1\.1 304[^]*HTTP\/1\.1 200[^]*\}$/.test(text), { what: 'both answers' });
    expect(/304[^]*?\r\n\r\n(.*)/.exec(text)?.[1]).toBe('HTTP/1.1 200 OK');
    socket.destroy();
  });

  it('of a task that is not there is a 404, of no id a 400', async () => {
    expect((await poll(NOBODY)).json()).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect((await poll('12')).json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
  });
});

describe('a cancel', () => {
  it('of a queued task ends it at once, and takes its job out of the queue', async () => {
    const answer = await upload(api, { query: '?dataset=people', body: 'name\na\n' });
    const id = String(answer.json().id);
    expect(await api.deps.queues.imports.getJobState(id)).toBe('waiting');
    const cancelled = await cancel(id, '?rows=rollback');
    expect([cancelled.statusCode, cancelled.json().status]).toEqual([202, 'cancelled']);
    expect(await api.deps.queues.imports.getJobState(id)).toBe('unknown');
    expect(await findTask(api.deps.database.db, id)).toMatchObject({
      cancelOptions: { rows: 'rollback' },
      cancelledBy: expect.any(String),
      finishedAt: expect.any(Date),
    });
    await runImport(slot, id);
    expect((await poll(id)).json()).toMatchObject({ status: 'cancelled', progress: { rowsDone: 0 } });
  });

  it('of a running one asks for it; asked again, the answer is the same', async () => {
    const id = await sendTo('running');
    for (const query of ['', '?rows=rollback']) {
      const answer = await cancel(id, query);
      expect([answer.statusCode, answer.json().status]).toEqual([202, 'cancelling']);
    }
    expect(await findTask(api.deps.database.db, id)).toMatchObject({ cancelOptions: { rows: 'keep' } });
  });

  it.each(['succeeded', 'failed', 'cancelled'] as const)(
    'of one that has %s is a 409 that says so',
    async (status) => {
      const id = await sendTo(status);
      const before = await findTask(api.deps.database.db, id);
      expect((await cancel(id)).json()).toMatchObject({
        status: 409,
        code: 'TASK_FINAL',
        detail: expect.stringContaining(status),
      });
      expect(await findTask(api.deps.database.db, id)).toEqual(before);
    },
  );

  it('of none is a 404, with an option that is none a 400', async () => {
    expect((await cancel(NOBODY)).json()).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    const id = await send();
    expect((await cancel(id, '?rows=all')).json()).toMatchObject({
      status: 400,
      detail: expect.stringContaining('keep, rollback'),
    });
    expect((await cancel(id, '?row=keep')).json()).toMatchObject({ status: 400 });
    expect((await poll(id)).json()).toMatchObject({ status: 'queued' });
  });

  it('needs an operator', async () => {
    const id = await send();
    expect((await cancel(id, '', bearer(await api.keyOf('viewer')))).statusCode).toBe(403);
    expect((await cancel(id, '', { authorization: '' })).statusCode).toBe(401);
    expect((await cancel(id, '', bearer(await api.keyOf('operator')))).statusCode).toBe(202);
  });

  it('at the same time as another, or as the work: every answer is true', async () => {
    for (let round = 0; round < 10; round++) {
      const id = await send();
      const [one, two] = await Promise.all([cancel(id), cancel(id), runImport(slot, id)]);
      const { status } = (await findTask(api.deps.database.db, id))!;
      for (const answer of [one, two])
        expect(answer.statusCode).toBe(
          status === 'succeeded' || answer.json().code === 'TASK_FINAL' ? 409 : 202,
        );
      expect(['succeeded', 'cancelled', 'cancelling']).toContain(status);
    }
  });
});

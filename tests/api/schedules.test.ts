import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, createApi, type TestApi } from '../support/api.ts';
import { addDefinitions } from '../support/definitions.ts';

interface Schedule {
  id: string;
  name: string;
  cron: string | null;
  every: string | null;
  at: string | null;
  enabled: boolean;
  misfire: string;
  timeZone: string;
  task: { name: string; args: Record<string, unknown>; [option: string]: unknown };
  nextRunAt: string | null;
  nextRuns: string[];
  lastRun: { id: string; taskId: string; status: string } | null;
  updatedAt: string;
}

let api: TestApi;
let made = 0;

beforeAll(async () => {
  api = await createApi();
  await addDefinitions(api);
});
afterAll(() => api.close());

const TASK = { name: 'add', args: { a: 1, b: 2 } };
const daily = (extra: object = {}) => ({ name: `daily ${++made}`, cron: '30 2 * * *', task: TASK, ...extra });

const call = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
  api.call({ method, url: `/v1/schedules${url}`, ...(payload === undefined ? {} : { payload }) });

async function make(extra: object = {}): Promise<Schedule> {
  const answer = await call('POST', '', daily(extra));
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json<Schedule>();
}

const get = async (id: string) => (await call('GET', `/${encodeURIComponent(id)}`)).json<Schedule>();

/** As if it had come and no worker was there. */
const setNext = (id: string, at: string) =>
  api.database.pool.query('UPDATE sluice.schedules SET next_run_at = $2 WHERE id = $1', [id, at]);

describe('making a schedule', () => {
  it('answers with its next five runs, and it is found by id and by name', async () => {
    const schedule = await make({ timeZone: 'Europe/Berlin' });
    expect(schedule).toMatchObject({
      cron: '30 2 * * *',
      every: null,
      at: null,
      timeZone: 'Europe/Berlin',
      startAt: null,
      endAt: null,
      misfire: 'one',
      enabled: true,
      task: TASK,
      lastRun: null,
      createdBy: { name: 'admin' },
    });
    expect(schedule.nextRuns).toHaveLength(5);
    expect(schedule.nextRuns[0]).toBe(schedule.nextRunAt);
    expect(Date.parse(schedule.nextRunAt!)).toBeGreaterThan(Date.now());
    const inBerlin = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Berlin', timeStyle: 'short' });
    for (const run of schedule.nextRuns) expect(inBerlin.format(new Date(run))).toMatch(/^0[23]:/);
    expect(await get(schedule.id)).toEqual(schedule);
    expect(await get(schedule.name)).toEqual(schedule);
  });

  it.each([
    ['at', '0001-01-01T00:00:00Z'],
    ['startAt', '1969-12-31T23:59:59Z'],
    ['endAt', '0000-06-01T00:00:00Z'],
  ])('refuses %s in the year of %s, which is a mistake', async (member, time) => {
    const timing = member === 'at' ? { cron: null, at: time } : { [member]: time };
    for (const answer of [
      await call('POST', '', daily(timing)),
      await call('POST', '/preview', { cron: '30 2 * * *', ...timing }),
    ]) {
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({
        errors: [{ pointer: `/${member}`, detail: `${member} must have a year from 1970 to 9999` }],
      });
    }
  });

  it('takes the last day that there is, in a zone where it ends a year later', async () => {
    const made = await make({ startAt: '1970-01-01T00:00:00+14:00', endAt: '9999-12-31T23:59:59-12:00' });
    expect(made).toMatchObject({
      startAt: '1969-12-31T10:00:00.000Z',
      endAt: '+010000-01-01T11:59:59.000Z',
    });
  });

  it('takes a pause, a single time, bounds, and options of the task', async () => {
    const every = await make({ cron: undefined, every: 'PT15M', startAt: '2999-01-01T00:00:00Z' });
    expect(every.nextRuns.slice(0, 2)).toEqual(['2999-01-01T00:00:00.000Z', '2999-01-01T00:15:00.000Z']);
    expect((await make({ cron: null, every: 90_000 })).every).toBe('90000ms');
    const at = await make({ cron: undefined, at: '2999-01-01T09:00:00+09:00' });
    expect(at.nextRuns).toEqual(['2999-01-01T00:00:00.000Z']);
    const task = { ...TASK, queue: 'reports', priority: 5, retries: 3, expires: '1h', tags: ['night'] };
    const full = await make({ task, misfire: 'all', enabled: false, endAt: '2999-01-01T00:00:00Z' });
    expect(full).toMatchObject({ task, misfire: 'all', enabled: false, nextRunAt: null, nextRuns: [] });
  });

  it.each([
    [{ cron: '0 3 * *' }, '/cron', /4 fields and needs 5/],
    [{ cron: 'H 3 * * *' }, '/cron', /hashed/],
    [{ cron: '0 0 31 2 *' }, '/cron', /no day ever matches/],
    [{ timeZone: 'Mars/Base' }, '/timeZone', /IANA time zone/],
    [{ every: '15m' }, '', /one of cron, every and at, and this has 2/],
    [{ cron: undefined }, '', /has none/],
    [{ cron: undefined, every: '5 minutes' }, '/every', /is no duration/],
    [{ cron: undefined, every: 60 }, '/every', /1 second or more/],
    [{ cron: undefined, at: '2020-01-01T00:00:00Z' }, '/at', /no run any more/],
    [{ endAt: '2020-01-01T00:00:00Z' }, '/endAt', /no run any more/],
    [{ startAt: '2999-01-02T00:00:00Z', endAt: '2999-01-01T00:00:00Z' }, '/endAt', /not be before startAt/],
    [{ name: '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10' }, '/name', /look like an id/],
    [{ task: { ...TASK, expires: '2040-01-01T00:00:00Z' } }, '/task/expires', /no duration/],
  ])('refuses %j', async (extra, pointer, detail) => {
    const answer = await call('POST', '', daily(extra));
    expect(answer.statusCode, answer.body).toBe(422);
    expect(answer.json()).toMatchObject({ code: 'SCHEDULE_INVALID', errors: [{ pointer }] });
    expect(answer.json<{ errors: { detail: string }[] }>().errors[0]!.detail).toMatch(detail);
  });

  it('refuses a body that is none, and a name that is taken', async () => {
    for (const extra of [
      { task: undefined },
      { misfire: 'never' },
      { crom: '' },
      { task: { ...TASK, eta: '2999-01-01T00:00:00Z' } },
    ])
      expect((await call('POST', '', daily(extra))).statusCode).toBe(400);
    const { name } = await make();
    const again = await call('POST', '', daily({ name }));
    expect(again.statusCode).toBe(409);
    expect(again.json<{ detail: string }>().detail).toContain(name);
    const other = await make();
    expect((await call('PATCH', `/${other.id}`, { name })).statusCode).toBe(409);
  });
});

describe('changing a schedule', () => {
  it('the same again changes nothing, also when a run is due', async () => {
    const body = daily({ timeZone: 'Asia/Tokyo', task: { ...TASK, tags: ['a', 'b'] } });
    const path = `/${encodeURIComponent(body.name)}`;
    expect((await call('PUT', path, body)).statusCode).toBe(201);
    const { id, updatedAt } = await get(body.name);
    await setNext(id, '2026-01-01T00:00:00Z');
    const again = await call('PUT', path, { ...body, enabled: true, misfire: 'one', startAt: null });
    expect(again.statusCode).toBe(200);
    expect(again.json()).toMatchObject({ id, updatedAt, nextRunAt: '2026-01-01T00:00:00.000Z' });
  });

  it('keeps the run that is due, and plans the others anew', async () => {
    const due = await make();
    await setNext(due.id, '2026-01-01T00:00:00Z');
    const changed = (await call('PATCH', `/${due.id}`, { every: '1h' })).json<Schedule>();
    expect(changed).toMatchObject({ cron: null, every: '1h', nextRunAt: '2026-01-01T00:00:00.000Z' });

    const { id } = await make();
    const other = (await call('PATCH', `/${id}`, { cron: '0 0 1 1 *' })).json<Schedule>();
    expect(other.nextRunAt).toMatch(/-01-01T00:00:00.000Z$/);
    const args = { a: 5, b: 6 };
    const withTask = (await call('PATCH', `/${id}`, { task: { ...TASK, args } })).json<Schedule>();
    expect(withTask).toMatchObject({ task: { args }, cron: '0 0 1 1 *', nextRunAt: other.nextRunAt });
  });

  it('rests and goes on with the next run in the future', async () => {
    const { id } = await make();
    await setNext(id, '2026-01-01T00:00:00Z');
    expect((await call('PATCH', `/${id}`, { enabled: false })).json()).toMatchObject({ nextRunAt: null });
    const { nextRunAt } = (await call('PATCH', `/${id}`, { enabled: true })).json<Schedule>();
    expect(Date.parse(nextRunAt!)).toBeGreaterThan(Date.now());
  });

  it('one that has run for the last time may be sent again, but not be given a time that is past', async () => {
    const at = new Date(Date.now() + 1000).toISOString();
    const body = { ...daily(), cron: undefined, at };
    await call('POST', '', body);
    const { id } = await get(body.name);
    await api.database.pool.query(
      `UPDATE sluice.schedules SET at = at - interval '1 day', next_run_at = NULL WHERE id = $1`,
      [id],
    );
    const past = new Date(Date.parse(at) - 86_400_000).toISOString();
    const again = await call('PUT', `/${id}`, { ...body, at: past });
    expect(again.json()).toMatchObject({ at: past, nextRunAt: null });
    expect((await call('PUT', `/${id}`, { ...body, at: '2020-01-01T00:00:00Z' })).statusCode).toBe(422);
    expect((await call('PATCH', `/${id}`, { cron: '0 0 * *' })).statusCode).toBe(422);
  });

  it('deployments that send a new one at the same time make one', async () => {
    const { name, ...body } = daily();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => call('PUT', `/${encodeURIComponent(name)}`, body)),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map((each) => each.json<Schedule>().id)).size).toBe(1);
  });

  it('PUT of a name that is not there makes it; of an id it does not', async () => {
    const { name, ...body } = daily();
    const answer = await call('PUT', `/${encodeURIComponent(name)}`, body);
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({ name });
    expect(answer.headers.location).toBe(`/v1/schedules/${answer.json<Schedule>().id}`);
    expect((await call('PUT', '/0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10', body)).statusCode).toBe(404);
    expect((await call('PUT', '/one', { ...body, name: 'other' })).statusCode).toBe(400);
  });
});

it('run now makes a task, also of one that rests, and leaves the next run alone', async () => {
  const { id, nextRunAt } = await make({ task: { ...TASK, tags: ['now'] } });
  const answer = await call('POST', `/${id}/run`);
  expect(answer.statusCode, answer.body).toBe(202);
  const run = answer.json<{ id: string; taskId: string; dueAt: null; status: string }>();
  expect(run).toMatchObject({ dueAt: null, status: 'queued' });
  expect(answer.headers.location).toBe(`/v1/tasks/${run.taskId}`);
  const { rows } = await api.database.pool.query('SELECT name, args, tags FROM sluice.tasks WHERE id = $1', [
    run.taskId,
  ]);
  expect(rows).toEqual([{ ...TASK, tags: ['now'] }]);

  await call('PATCH', `/${id}`, { enabled: false });
  const second = (await call('POST', `/${id}/run`)).json<{ id: string }>();
  const page = (await call('GET', `/${id}/runs?limit=1`)).json<{
    data: { id: string }[];
    nextCursor: string;
  }>();
  expect(page.data.map((each) => each.id)).toEqual([second.id]);
  const rest = (await call('GET', `/${id}/runs?cursor=${page.nextCursor}`)).json<{
    data: object[];
    nextCursor: null;
  }>();
  expect(rest).toMatchObject({
    data: [{ id: run.id, taskId: run.taskId, status: 'queued' }],
    nextCursor: null,
  });
  expect(await get(id)).toMatchObject({ lastRun: { id: second.id }, enabled: false });
  expect((await call('PATCH', `/${id}`, { enabled: true })).json()).toMatchObject({ nextRunAt });
});

it('big integers in arguments keep their digits', async () => {
  const { id } = await make();
  const payload = JSON.stringify({ task: TASK }).replace('"a":1', '"a":9007199254740993');
  const changed = await api.call({
    method: 'PATCH',
    url: `/v1/schedules/${id}`,
    headers: { 'content-type': 'application/json' },
    payload,
  });
  expect(changed.body).toContain('"a":9007199254740993');
  expect((await call('GET', `/${id}`)).body).toContain('"args":{"a":9007199254740993,"b":2}');
  expect((await call('GET', '?limit=1')).body).toContain('"a":9007199254740993');
  expect((await call('PATCH', `/${id}`, { misfire: 'all' })).body).toContain('"a":9007199254740993');
  const { taskId } = (await call('POST', `/${id}/run`)).json<{ taskId: string }>();
  const { rows } = await api.database.pool.query(
    'SELECT args::text AS args FROM sluice.tasks WHERE id = $1',
    [taskId],
  );
  expect(rows).toEqual([{ args: '{"a": 9007199254740993, "b": 2}' }]);
});

it('a task that no worker knows, or wrong arguments, are refused, and nothing is changed', async () => {
  const { id } = await make();
  for (const [task, code, pointer] of [
    [{ name: 'ad', args: TASK.args }, 'TASK_UNKNOWN', '/task/name'],
    [{ name: 'import', args: { dataset: 'a', fileName: null } }, 'TASK_INVALID', '/task/name'],
    [{ name: 'add', args: { a: 1 } }, 'TASK_INVALID', '/task/args/b'],
    [{ name: 'add', args: { a: 1, b: 'two' } }, 'TASK_INVALID', '/task/args/b'],
    [{ ...TASK, queue: 'imports' }, 'TASK_INVALID', '/task/queue'],
  ] as const)
    for (const answer of [
      await call('POST', '', daily({ task })),
      await call('PUT', `/${id}`, daily({ task })),
      await call('PATCH', `/${id}`, { task }),
    ]) {
      expect(answer.statusCode, answer.body).toBe(422);
      expect(answer.json()).toMatchObject({ code, errors: [{ pointer }] });
    }
  expect(await get(id)).toMatchObject({ task: TASK });
});

it('a second run of a unique task shows the first one', async () => {
  const { id } = await make({ task: { ...TASK, unique: { key: `only ${made}` } } });
  const first = (await call('POST', `/${id}/run`)).json<{ id: string; taskId: string }>();
  const second = (await call('POST', `/${id}/run`)).json<{ id: string; taskId: string }>();
  expect(second.taskId).toBe(first.taskId);
  expect(second.id).not.toBe(first.id);
});

it('a preview has the runs of a schedule with the same times', async () => {
  const preview = await call('POST', '/preview', {
    cron: '30 2 * * *',
    timeZone: 'Europe/Berlin',
    after: '2026-03-28T00:00:00Z',
    count: 3,
  });
  expect(preview.json()).toEqual({
    runs: ['2026-03-28T01:30:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z'],
  });
  expect((await call('POST', '/preview', { cron: '0 3 * *' })).statusCode).toBe(422);
});

it('what is deleted is gone, and its tasks stay', async () => {
  const { id } = await make();
  const { taskId } = (await call('POST', `/${id}/run`)).json<{ taskId: string }>();
  expect((await call('DELETE', `/${id}`)).statusCode).toBe(204);
  for (const [method, path] of [
    ['DELETE', `/${id}`],
    ['GET', `/${id}`],
    ['GET', `/${id}/runs`],
    ['POST', `/${id}/run`],
    ['GET', '/nobody'],
  ] as const)
    expect((await call(method, path)).statusCode, `${method} ${path}`).toBe(404);
  expect((await api.call({ url: `/v1/tasks/${taskId}` })).statusCode).toBe(200);
});

it('the list comes in pages, newest first', async () => {
  const list = async (query: string) =>
    (await call('GET', `?${query}`)).json<{ data: Schedule[]; nextCursor: string | null }>();
  const all = (await list('limit=200')).data.map(({ id }) => id);
  expect(all).toEqual([...all].sort().reverse());
  const first = await list('limit=2');
  const rest = await list(`limit=200&cursor=${first.nextCursor}`);
  expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(all);
});

it('a viewer reads and previews, an operator changes', async () => {
  const { id } = await make();
  const status = async (
    key: string,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    payload?: object,
  ) =>
    (
      await api.app.inject({
        method,
        url: `/v1/schedules${path}`,
        headers: bearer(key),
        ...(payload === undefined ? {} : { payload }),
      })
    ).statusCode;
  const viewer = await api.keyOf('viewer');
  for (const path of ['', `/${id}`, `/${id}/runs`]) expect(await status(viewer, 'GET', path)).toBe(200);
  expect(await status(viewer, 'POST', '/preview', { every: '1h' })).toBe(200);
  expect(await status(viewer, 'POST', '', daily())).toBe(403);
  expect(await status(viewer, 'PUT', `/${id}`, daily())).toBe(403);
  expect(await status(viewer, 'PATCH', `/${id}`, {})).toBe(403);
  expect(await status(viewer, 'POST', `/${id}/run`)).toBe(403);
  expect(await status(viewer, 'DELETE', `/${id}`)).toBe(403);
  const operator = await api.keyOf('operator');
  expect(await status(operator, 'POST', '', daily())).toBe(201);
  expect(await status(operator, 'DELETE', `/${id}`)).toBe(204);
});

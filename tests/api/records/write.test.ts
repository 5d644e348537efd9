import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { bearer, createApi, type TestApi } from '../../support/api.ts';
import { apply, everyType, people, PRECIOUS, todos, type Page } from './datasets.ts';

interface Refused {
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly {
    pointer: string;
    code: string;
    field?: string;
    constraint?: string;
    detail: string;
  }[];
}

const dates: Dataset = {
  name: 'dates',
  schema: {
    fields: [
      { name: 'day', type: 'date', format: '%Y-%d-%m', constraints: { minimum: '2024-01-02' } },
      { name: 'at', type: 'datetime', format: 'any', timeZone: 'Asia/Tokyo' },
      {
        name: 'price',
        type: 'number',
        decimalChar: ',',
        groupChar: '.',
        constraints: { maximum: '100000.5' },
      },
    ],
  },
  target: { table: 'dates' },
};

let api: TestApi;

beforeAll(async () => {
  api = await createApi({ env: { SLUICE_RECORDS_AT_ONCE: '500' } });
  await apply(api, todos, everyType, people, dates);
});
afterAll(() => api.close());
afterEach(() => api.database.pool.query('DELETE FROM todos; DELETE FROM people; DELETE FROM homes'));

const url = (rest = '', dataset = 'todos') => `/v1/datasets/${encodeURIComponent(dataset)}/records${rest}`;
const send = (method: 'POST' | 'PUT' | 'PATCH', path: string, payload: unknown, headers = {}) =>
  api.call({
    method,
    url: path,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    headers: { 'content-type': 'application/json', ...headers },
  });
const list = async (dataset = 'todos') => (await api.call({ url: url('', dataset) })).json<Page>().data;

describe('POST', () => {
  it('answers 201 with the record, where it is, and its ETag', async () => {
    const answer = await send('POST', url(), { title: 'milk', priority: 2, completed: false });
    expect(answer.statusCode).toBe(201);
    const record = answer.json<Record<string, string>>();
    expect(record).toMatchObject({
      title: 'milk',
      memo: null,
      priority: 2,
      completed: false,
      import_id: null,
    });
    expect(record['created_by']).toBe(record['updated_by']);
    expect(record['created_by']).not.toBeNull();
    const shown = await api.call({ url: String(answer.headers['location']) });
    expect(shown.body).toBe(answer.body);
    expect(shown.headers['etag']).toBe(answer.headers['etag']);
  });

  it('a missing required field answers with its name, and all that is wrong by pointer', async () => {
    expect((await send('POST', url(), { memo: 'x' })).json<Refused>()).toMatchObject({
      code: 'RECORD_INVALID',
      detail: 'Field "title" is required, but is not given.',
      errors: [{ pointer: '/title', field: 'title', code: 'constraint-error', constraint: 'required' }],
    });
    const answer = await send('POST', url(), [
      { title: 'good' },
      { title: null, priority: 9 },
      { title: 'x', prioritty: 1, completed: 'perhaps' },
      'text',
    ]);
    expect(answer.statusCode).toBe(422);
    expect(answer.json<Refused>().errors.map(({ pointer, detail }) => [pointer, detail])).toEqual([
      ['/1/title', 'Field "title" is required, but is null.'],
      ['/1/priority', 'Field "priority" expects 5 or less, got "9".'],
      ['/2/prioritty', 'There is no field "prioritty". Did you mean "priority"?'],
      ['/2/completed', expect.stringContaining('Field "completed" expects one of true')],
      ['/3', 'A record is an object, such as {"title": …}.'],
    ]);
    expect(await list()).toEqual([]);
  });

  it('keeps every digit of a number, and reads texts as a file has them', async () => {
    const answer = await send(
      'POST',
      url('', 'every type'),
      `{"code": 7, "whole": 9007199254740993, "amount": 1.10, "thing": {"n": 1.10}, "list": [12345678901234567890]}`,
    );
    expect(answer.body).toContain('"code":"7"');
    expect(answer.body).toContain('"whole":9007199254740993,"amount":1.10');
    expect(answer.body).toContain('"thing":{"n": 1.10},"list":[12345678901234567890]');
    const german = await send('POST', url('', 'every type'), {
      code: 'de',
      amount: '1.234,50',
      flag: 'ja',
      day: '29.02.2024',
    });
    expect(german.body).toContain('"amount":1234.50,"flag":true,"day":"2024-02-29"');
  });

  it('what was read can be sent back, also where files write dates another way', async () => {
    const made = await send('POST', url('', 'dates'), {
      day: '2024-03-04',
      at: '2024-03-04T09:00:00+09:00',
      price: 1.5,
    });
    expect(made.json()).toMatchObject({ day: '2024-03-04', at: '2024-03-04T00:00:00Z', price: 1.5 });
    const path = String(made.headers['location']);
    expect((await send('PUT', path, made.body)).json()).toMatchObject({
      day: '2024-03-04',
      at: '2024-03-04T00:00:00Z',
      price: 1.5,
    });
    // Limits are the field's: 2024-01-02 is the first of February in the notation of its files.
    expect((await send('PATCH', path, { day: '2024-02-01', price: 100000.5 })).statusCode).toBe(200);
    expect((await send('PATCH', path, { day: '2024-01-31' })).json<Refused>().errors).toMatchObject([
      { pointer: '/day', constraint: 'minimum' },
    ]);
    expect((await send('PATCH', path, { price: 100000.6 })).json<Refused>().detail).toContain(
      'expects 100000.5 or less',
    );
  });

  it('what Postgres alone knows to be wrong is told for each record', async () => {
    await send('POST', url('', 'people'), { email: 'a@example.com' });
    const answer = await send('POST', url('', 'people'), [
      { email: 'b@example.com' },
      { email: 'a@example.com' },
      { email: 'c@example.com' },
      { email: 'b@example.com' },
    ]);
    expect(answer.json<Refused>().errors).toMatchObject([
      { pointer: '/1/email', code: 'unique-error', field: 'email' },
      { pointer: '/3/email', code: 'unique-error', field: 'email' },
    ]);
    expect(await list('people')).toHaveLength(1);
  });

  it('values that Postgres cannot store, or are too long, are refused by name', async () => {
    expect((await send('POST', url(), '{"title": "a\\u0000b"}')).json<Refused>().errors[0]!.pointer).toBe(
      '/title',
    );
    expect((await send('POST', url(), '{"title": "\\ud800"}')).json<Refused>().detail).toContain('surrogate');
    expect((await send('POST', url(), { title: 'x'.repeat(101) })).json<Refused>().detail).toContain(
      'at most 100 characters',
    );
    expect(
      (await send('POST', url(), { title: 'x', memo: 'x'.repeat(1_100_000) })).json<Refused>().errors[0]!
        .code,
    ).toBe('size-error');
  });

  it('bodies that are no JSON, too deep, too many or empty are refused', async () => {
    expect((await send('POST', url(), '{"title":')).json<Refused>().code).toBe('INVALID_REQUEST');
    expect((await send('POST', url(), '['.repeat(10_000))).json<Refused>().code).toBe('INVALID_REQUEST');
    expect(
      (
        await send(
          'POST',
          url(),
          Array.from({ length: 501 }, () => ({ title: 'x' })),
        )
      ).json<Refused>().detail,
    ).toContain('SLUICE_RECORDS_AT_ONCE');
    expect((await send('POST', url(), [])).statusCode).toBe(422);
    expect((await send('POST', url(), '')).statusCode).toBe(422);
    expect((await send('POST', url(), `"${'x'.repeat(5_000_000)}"`)).statusCode).toBe(413);
  });

  it('a list comes back in its order; a viewer may write none', async () => {
    const answer = await send(
      'POST',
      url(),
      Array.from({ length: 500 }, (_, at) => ({ title: `todo ${at}` })),
    );
    expect(answer.json<Page>().data.map(({ title }) => title)).toEqual(
      Array.from({ length: 500 }, (_, at) => `todo ${at}`),
    );
    expect(answer.json()).toMatchObject({ inserted: 500, updated: 0, unchanged: 0 });
    const headers = bearer(await api.keyOf('viewer'));
    expect((await send('POST', url(), { title: 'x' }, headers)).statusCode).toBe(403);
  });
});

describe('POST with onConflict=key', () => {
  const upsert = (payload: unknown) => send('POST', url('?onConflict=key', 'people'), payload);

  it('changes what is there by what is given, and inserts the others', async () => {
    await send('POST', url('', 'people'), [
      { email: 'a@example.com', name: 'Ann', city: 'Kyoto', zip: '600001' },
      { email: 'b@example.com', name: 'Bob' },
    ]);
    const answer = await upsert([
      { email: 'c@example.com', name: 'Cid' },
      { email: 'b@example.com', city: 'Nara' },
      { email: 'a@example.com', name: 'Ann', zip: '600001' },
    ]);
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({
      inserted: 1,
      updated: 1,
      unchanged: 1,
      data: [
        { email: 'c@example.com', name: 'Cid', city: null },
        { email: 'b@example.com', name: 'Bob', city: 'Nara', zip: null },
        { email: 'a@example.com', name: 'Ann', city: 'Kyoto', zip: '0600001' },
      ],
    });
    expect((await upsert({ email: 'a@example.com', name: 'Anna' })).statusCode).toBe(200);
    const twice = await upsert([{ email: 'a@example.com' }, { email: 'a@example.com' }]);
    expect(twice.json<Refused>().errors).toMatchObject([{ pointer: '/1', code: 'unique-error' }]);
  });

  it('of many at once for the same new key, one inserts and the others change', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => upsert({ email: 'new@example.com', name: `n${at}` })),
    );
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(7);
    expect(await list('people')).toHaveLength(1);
  });

  it('needs a key', async () => {
    expect((await send('POST', url('?onConflict=key'), { title: 'x' })).json<Refused>().code).toBe(
      'UPSERT_NO_KEY',
    );
  });
});

describe('PATCH, PUT, DELETE', () => {
  async function make(dataset: string, record: object) {
    const answer = await send('POST', url('', dataset), record);
    return { path: String(answer.headers['location']), etag: String(answer.headers['etag']) };
  }

  it('PATCH merges, PUT replaces, and PUT with partial=true merges', async () => {
    const { path } = await make('todos', { title: 'milk', memo: 'fresh', priority: 2 });
    expect((await send('PATCH', path, { priority: 3, memo: null })).json()).toMatchObject({
      title: 'milk',
      memo: null,
      priority: 3,
    });
    expect((await send('PUT', `${path}?partial=true`, { memo: 'again' })).json()).toMatchObject({
      title: 'milk',
      memo: 'again',
      priority: 3,
    });
    expect((await send('PUT', path, { title: 'bread' })).json()).toMatchObject({
      title: 'bread',
      memo: null,
      priority: null,
    });
    expect((await send('PUT', path, { memo: 'x' })).json<Refused>().detail).toBe(
      'Field "title" is required, but is not given.',
    );
    expect((await send('PATCH', path, { title: null })).json<Refused>().errors[0]!.constraint).toBe(
      'required',
    );
  });

  it('of two writers with If-Match, one gets 412', async () => {
    const { path, etag } = await make('todos', { title: 'milk' });
    const headers = { 'if-match': etag };
    const answers = await Promise.all([
      send('PATCH', path, { memo: 'one' }, headers),
      send('PATCH', path, { memo: 'two' }, headers),
    ]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412]);
    const winner = answers.find(({ statusCode }) => statusCode === 200)!;
    expect(answers.find(({ statusCode }) => statusCode === 412)!.json()).toMatchObject({
      code: 'RECORD_CHANGED',
      etag: winner.headers['etag'],
    });
    expect((await api.call({ method: 'DELETE', url: path, headers })).statusCode).toBe(412);
    expect((await send('PATCH', path, { memo: 'three' }, { 'if-match': '*' })).statusCode).toBe(200);
  });

  it('what is the same already is no change: the ETag stays', async () => {
    const { path, etag } = await make('people', { email: 'a@example.com', name: 'Ann', city: 'Kyoto' });
    expect((await send('PATCH', path, { name: 'Ann', city: 'Kyoto' })).headers['etag']).toBe(etag);
    expect((await send('PATCH', path, { city: 'Nara' })).headers['etag']).not.toBe(etag);
  });

  it('linked rows are changed in place, made, and left to others who share them', async () => {
    const { path } = await make('people', { email: 'a@example.com', city: 'Kyoto' });
    const { path: other } = await make('people', { email: 'b@example.com' });
    expect((await send('PATCH', other, { city: 'Osaka' })).json()).toMatchObject({ city: 'Osaka' });
    expect((await send('PATCH', path, { zip: '6000001' })).json()).toMatchObject({
      city: 'Kyoto',
      zip: '6000001',
    });
    const { pool } = api.database;
    expect((await pool.query('SELECT FROM homes')).rowCount).toBe(2);
    await pool.query(
      `UPDATE people SET home_id = (SELECT home_id FROM people WHERE email = 'a@example.com')`,
    );
    expect((await send('PATCH', other, { city: 'Nara' })).json()).toMatchObject({
      city: 'Nara',
      zip: '6000001',
    });
    expect((await api.call({ url: path })).json()).toMatchObject({ city: 'Kyoto', zip: '6000001' });
  });

  it('DELETE gives the record back, and takes its linked row with it', async () => {
    const { path } = await make('people', { email: 'a@example.com', city: 'Kyoto' });
    const answer = await api.call({ method: 'DELETE', url: path });
    expect(answer.json()).toMatchObject({ email: 'a@example.com', city: 'Kyoto' });
    expect((await api.call({ url: path })).statusCode).toBe(404);
    expect((await api.call({ method: 'DELETE', url: path })).json()).toMatchObject({
      code: 'RECORD_NOT_FOUND',
    });
    expect((await api.database.pool.query('SELECT FROM homes')).rowCount).toBe(0);
  });

  it('a record to which another table refers stays', async () => {
    const { pool } = api.database;
    await pool.query('CREATE TABLE notes (todo uuid REFERENCES todos (id))');
    const { path } = await make('todos', { title: 'kept' });
    await pool.query('INSERT INTO notes SELECT id FROM todos');
    expect((await api.call({ method: 'DELETE', url: path })).json()).toMatchObject({
      status: 409,
      code: 'CONFLICT',
    });
    await pool.query('DROP TABLE notes');
  });

  it('a rule that only Postgres knows is told by its field', async () => {
    const { path } = await make('people', { email: 'a@example.com' });
    await make('people', { email: 'b@example.com' });
    expect((await send('PATCH', path, { email: 'b@example.com' })).json<Refused>().errors).toMatchObject([
      { pointer: '/email', code: 'unique-error' },
    ]);
  });

  it('the audit log says who did what', async () => {
    const { path } = await make('todos', { title: 'secret thing' });
    await send('PATCH', path, { memo: 'x' });
    await api.call({ method: 'DELETE', url: path });
    const { data } = (await api.call({ url: '/v1/audit?subjectId=todos&limit=3' })).json<Page>();
    expect(data.map(({ action }) => action)).toEqual(['records.delete', 'records.change', 'records.create']);
    expect(JSON.stringify(data)).not.toContain('secret thing');
  });
});

describe('all records of a filter', () => {
  const seed = () =>
    send(
      'POST',
      url(),
      Array.from({ length: 6 }, (_, at) => ({ title: `todo ${at}`, priority: (at % 3) + 1 })),
    );
  const titles = async () => (await list()).map(({ title, memo }) => `${String(title)} ${String(memo)}`);

  it('are changed together, if they are no more than expected', async () => {
    await seed();
    const change = (query: string) => send('PATCH', url(query), { memo: 'seen' });
    expect((await change('?priority=eq.1&maxAffected=1')).json()).toMatchObject({
      status: 409,
      code: 'TOO_MANY_AFFECTED',
    });
    expect((await change('?priority=eq.1&maxAffected=2')).json()).toEqual({ matched: 2, changed: 2 });
    expect((await change('?title=in.("todo 0","todo 1")&maxAffected=2')).json()).toEqual({
      matched: 2,
      changed: 1,
    });
    expect((await titles()).filter((each) => each.endsWith('seen'))).toHaveLength(3);
    expect(
      (await send('PATCH', url('?priority=eq.1&maxAffected=5'), { priority: 9 })).json<Refused>().code,
    ).toBe('RECORD_INVALID');
  });

  it('are deleted together, and never all of them by mistake', async () => {
    await seed();
    const remove = (query: string) => api.call({ method: 'DELETE', url: url(query) });
    for (const query of ['', '?priority=eq.1', '?maxAffected=100', '?priority=eq.x&maxAffected=1'])
      expect((await remove(query)).statusCode).toBe(400);
    expect((await remove('?priority=gte.2&maxAffected=3')).statusCode).toBe(409);
    expect((await list()).length).toBe(6);
    expect((await remove('?priority=gte.2&maxAffected=4')).json()).toEqual({ matched: 4, changed: 4 });
    expect(await titles()).toEqual(['todo 0 null', 'todo 3 null']);
  });
});

it('values of sensitive fields are in no answer that refuses them', async () => {
  await apply(api, {
    name: 'patients',
    schema: {
      fields: [
        { name: 'no', type: 'integer', sensitive: true, constraints: { required: true, unique: true } },
        { name: 'born', type: 'date', sensitive: true, constraints: { minimum: '1900-01-01' } },
      ],
    },
    target: { table: 'patients' },
  });
  const post = (payload: unknown) => send('POST', url('', 'patients'), payload);
  for (const record of [{ no: 'x4711' }, { no: 1, born: '1847-11-11' }, { no: 1, born: '4711' }]) {
    const { body } = await post(record);
    expect(body).toContain('the value is not shown');
    expect(body).not.toMatch(/4711|1847/);
  }
  expect((await post({ born: null })).json<Refused>().detail).toBe(
    'Field "no" is required, but is not given.',
  );
  await post({ no: 4711 });
  const twice = await post({ no: 4711 });
  expect(twice.json<Refused>().errors).toMatchObject([{ code: 'unique-error', field: 'no' }]);
  expect(twice.body).not.toContain('4711');
  const filtered = await api.call({ url: url('?no=eq.x4711', 'patients') });
  expect(filtered.json<Refused>().detail).toBe(
    'eq on "no" expects a whole number like 1234, got another value',
  );
});

it('every type comes back as it was sent', async () => {
  const { thing, list: items, flag, year, ...rest } = PRECIOUS;
  const body =
    `${JSON.stringify({ ...rest, flag, year: Number(year) }).slice(0, -1)},"thing":${thing},"list":${items}}`
      .replace('"9007199254740993"', '9007199254740993')
      .replace('"12345678901234567890.10"', '12345678901234567890.10');
  const answer = await send('POST', url('', 'every type'), body);
  expect(answer.statusCode).toBe(201);
  const again = await send('PUT', String(answer.headers['location']), answer.body);
  expect(again.body).toBe(answer.body);
  expect(again.headers['etag']).toBe(answer.headers['etag']);
});

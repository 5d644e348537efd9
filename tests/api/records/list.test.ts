import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi, type TestApi } from '../../support/api.ts';
import { apply, everyType, people, PRECIOUS, todos, type Page } from './datasets.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createApi({ env: { SLUICE_QUERY_TIMEOUT_MS: '1000' } });
  await apply(api, todos, everyType, people);
  const { pool } = api.database;
  await pool.query(`INSERT INTO todos (id, title, memo, priority, completed) VALUES
    ('00000000-0000-7000-8000-000000000001', 'milk', NULL, 2, false),
    ('00000000-0000-7000-8000-000000000002', 'Bread, "fresh"', 'brown', 1, true),
    ('00000000-0000-7000-8000-000000000003', 'tea', 'green', NULL, NULL),
    ('00000000-0000-7000-8000-000000000004', '100% juice', NULL, 2, true)`);
  await pool.query(
    `INSERT INTO homes (id, city, zip) VALUES ('00000000-0000-7000-8000-0000000000a1', 'Kyoto', '6000001')`,
  );
  await pool.query(`INSERT INTO people (id, email, name, home_id) VALUES
    ('00000000-0000-7000-8000-000000000001', 'a@example.com', 'Ann', '00000000-0000-7000-8000-0000000000a1'),
    ('00000000-0000-7000-8000-000000000002', 'b@example.com', 'Bob', NULL)`);
  const names = Object.keys(PRECIOUS);
  await pool.query(
    `INSERT INTO every_type (id, ${names.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ')})
     VALUES (gen_random_uuid(), ${names.map((_, at) => `$${at + 1}`).join(', ')})`,
    Object.values(PRECIOUS),
  );
});
afterAll(() => api.close());

const url = (query: string, dataset = 'todos') =>
  `/v1/datasets/${encodeURIComponent(dataset)}/records${query}`;

async function titles(query: string): Promise<unknown[]> {
  const answer = await api.call({ url: url(query) });
  expect(answer.body.slice(0, 500)).toContain('"data"');
  return answer.json<Page>().data.map(({ title }) => title);
}

/** What a query is refused with. */
async function refusal(query: string, dataset?: string) {
  const answer = await api.call({ url: url(query, dataset) });
  const { code, detail } = answer.json<{ code: string; detail: string }>();
  return { status: answer.statusCode, code, detail };
}

describe('filters', () => {
  it.each([
    ['?priority=eq.2', ['milk', '100% juice']],
    ['?priority=neq.2', ['Bread, "fresh"']],
    ['?priority=not.eq.2', ['Bread, "fresh"']],
    ['?priority=gte.1&priority=lt.2', ['Bread, "fresh"']],
    ['?title=like.*ea*', ['Bread, "fresh"', 'tea']],
    ['?title=ilike.*FRESH*', ['Bread, "fresh"']],
    ['?title=eq.Bread, "fresh"', ['Bread, "fresh"']],
    ['?title=in.("Bread, \\"fresh\\"",tea)', ['Bread, "fresh"', 'tea']],
    ['?title=not.in.(milk,tea)', ['Bread, "fresh"', '100% juice']],
    ['?title=in.()', []],
    ['?memo=is.null', ['milk', '100% juice']],
    ['?memo=not.is.null', ['Bread, "fresh"', 'tea']],
    ['?memo=is.not_null', ['Bread, "fresh"', 'tea']],
    ['?completed=is.true', ['Bread, "fresh"', '100% juice']],
    ['?completed=is.unknown', ['tea']],
    ['?completed=eq.false', ['milk']],
    ['?or=(priority.eq.1,memo.eq.green)', ['Bread, "fresh"', 'tea']],
    [
      '?or=(title.eq."Bread, \\"fresh\\"",and(priority.eq.2,completed.not.is.true))',
      ['milk', 'Bread, "fresh"'],
    ],
    ['?not.or=(priority.eq.1,priority.is.null)', ['milk', '100% juice']],
    ['?and=(priority.eq.2,completed.eq.true)', ['100% juice']],
    ['?or=(title.in.(milk,tea),not.and(priority.eq.2,memo.is.null))', ['milk', 'Bread, "fresh"', 'tea']],
    ['?id=gt.00000000-0000-7000-8000-000000000003', ['100% juice']],
    ['?created_at=gt.2020-01-01T00:00:00+00:00&title=eq.tea', ['tea']],
    ['?created_at=lt.2020-01-01', []],
  ])('%s', async (query, expected) => {
    expect(await titles(encodeURI(query))).toEqual(expected);
  });

  it('a value that does not fit is refused with the field, the operator and what fits', async () => {
    expect(await refusal('?priority=gte.high')).toEqual({
      status: 400,
      code: 'QUERY_INVALID',
      detail: 'gte on "priority" expects a whole number like 1234, got "high"',
    });
    expect((await refusal('?priority=like.1*')).detail).toContain('does not take like. It takes eq, neq');
    expect((await refusal('?priority=9')).detail).toContain('an operator and a dot are expected');
    expect((await refusal('?prioritty=eq.9')).detail).toBe(
      'There is no field "prioritty" here. Did you mean "priority"?',
    );
    expect((await refusal('?or=(priority.eq.1')).detail).toContain('lacks ")"');
    expect((await refusal('?completed=is.maybe')).detail).toContain('null or not_null or true or false');
  });

  it('values of every type are found as they are written', async () => {
    const pairs = Object.entries(PRECIOUS).filter(([name]) => name !== 'list');
    for (const [name, value] of pairs) {
      const query = `?${encodeURIComponent(name)}=eq.${encodeURIComponent(String(value))}`;
      const answer = await api.call({ url: url(query, 'every type') });
      expect([name, answer.json<Page>().data?.length]).toEqual([name, 1]);
    }
  });

  it('whatever is sent as a filter, an order or a name is answered, and never with a fault of the server', async () => {
    const piece = fc.constantFrom(
      'title',
      '"',
      "'",
      ',',
      '(',
      ')',
      '.',
      'eq',
      'not.',
      'or',
      'and',
      '*',
      '%',
      '\\',
      '-- ',
      '\0',
      ';',
      '🐛',
      '\ud800',
      'in.',
      'is.null',
      'null',
      '1',
      ' ',
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(
        text,
        text,
        fc.constantFrom('title', 'or', 'and', 'order', 'select', 'cursor', 'id'),
        async (a, b, name) => {
          const params = new URLSearchParams([
            [name, a],
            [b, a],
          ]);
          const answer = await api.call({ url: url(`?${params.toString()}`) });
          expect([200, 400]).toContain(answer.statusCode);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a filter of 10,000 characters, and one that is nested deep, is answered', async () => {
    const long = `?or=(${Array.from({ length: 900 }, (_, at) => `priority.eq.${at}`).join(',')})`;
    expect(long.length).toBeGreaterThan(10_000);
    expect(await titles(long)).toHaveLength(3);
    expect(await titles(`?or=${'(and'.repeat(40)}(priority.eq.2)${')'.repeat(40)}`)).toHaveLength(2);
    expect((await refusal(`?or=${'(and'.repeat(60)}(priority.eq.2)${')'.repeat(60)}`)).detail).toContain(
      'nested',
    );
    expect((await refusal(`?or=${'('.repeat(5000)}`)).status).toBe(400);
    expect((await refusal(`?priority=${'not.'.repeat(2000)}eq.1`)).detail).toContain('more than 1000');
  });
});

describe('what comes back', () => {
  it('numbers, times and JSON are exact to the last digit', async () => {
    const { body } = await api.call({ url: url('', 'every type') });
    expect(body).toContain(
      '"whole":9007199254740993,"amount":12345678901234567890.10,"flag":true,"day":"2024-02-29"',
    );
    expect(body).toContain(
      '"at":"2024-01-31T13:45:00.123456Z","clock":"23:59:59.5","year":2024,"month":"2024-12"',
    );
    expect(body).toContain(
      '"thing":{"a": 1.10, "b": [12345678901234567890]},"list":["x", null],"anything":""',
    );
  });

  it('linked fields are among the others, or nested', async () => {
    const select = async (text: string) =>
      (await api.call({ url: url(`?select=${text}`, 'people') })).json<Page>().data;
    expect(await select('name,city')).toEqual([
      { name: 'Ann', city: 'Kyoto' },
      { name: 'Bob', city: null },
    ]);
    expect(await select('name,homes(zip)')).toEqual([
      { name: 'Ann', homes: { zip: '6000001' } },
      { name: 'Bob', homes: null },
    ]);
    expect(await select('home_id(*)')).toMatchObject([{ homes: { city: 'Kyoto' } }, { homes: null }]);
    expect(Object.keys((await select('*'))[0]!)).toEqual([
      'id',
      'email',
      'name',
      'city',
      'zip',
      'created_at',
      'updated_at',
      'created_by',
      'updated_by',
      'import_id',
      'import_row',
    ]);
    expect((await refusal('?select=name,hoMes(zip)', 'people')).detail).toContain('Did you mean "homes"?');
    expect((await refusal('?select=name,', 'people')).status).toBe(400);
    expect((await api.call({ url: url('?city=eq.Kyoto', 'people') })).json<Page>().data).toHaveLength(1);
  });

  it('the order is as asked, with NULLs where they are asked for', async () => {
    expect(await titles('?order=priority,title')).toEqual(['Bread, "fresh"', '100% juice', 'milk', 'tea']);
    expect(await titles('?order=priority.desc,title.desc')).toEqual([
      'tea',
      'milk',
      '100% juice',
      'Bread, "fresh"',
    ]);
    expect(await titles('?order=priority.nullsfirst')).toEqual([
      'tea',
      'Bread, "fresh"',
      'milk',
      '100% juice',
    ]);
    expect((await refusal('?order=priority.up')).detail).toContain('no field "priority.up"');
    expect((await refusal('?order=thing', 'every type')).detail).toContain('holds JSON');
  });

  it('a limit above the most is an error that says the most', async () => {
    expect((await refusal('?limit=1001')).detail).toContain('1000');
    expect((await api.call({ url: url('?limit=2') })).json<Page>().nextCursor).not.toBeNull();
  });

  it('counts when it is asked to', async () => {
    const count = async (query: string) => (await api.call({ url: url(query) })).json<Page>().count;
    expect(await count('?limit=1')).toBeUndefined();
    expect(await count('?count=exact&priority=eq.2&limit=1')).toBe(2);
    expect(await count('?count=estimated')).toBeGreaterThan(0);
  });

  it('a query that takes too long is stopped, and the answer says what to do', async () => {
    const client = await api.database.pool.connect();
    try {
      await client.query('BEGIN; LOCK TABLE todos IN ACCESS EXCLUSIVE MODE');
      expect(await refusal('?memo=is.null')).toEqual({
        status: 422,
        code: 'QUERY_TOO_SLOW',
        detail:
          'The query took longer than 1000 ms (SLUICE_QUERY_TIMEOUT_MS) and was stopped. Narrow the filter, order by an indexed column, or ask for count=estimated.',
      });
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });
});

describe('pages', () => {
  async function walk(query: string, between?: () => Promise<unknown>): Promise<string[]> {
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; await between?.()) {
      const page: Page = (
        await api.call({ url: url(`${query}${cursor === '' ? '' : `&cursor=${cursor}`}`) })
      ).json();
      ids.push(...page.data.map(({ id }) => String(id)));
      cursor = page.nextCursor;
    }
    return ids;
  }

  it.each([
    '',
    '&order=priority',
    '&order=priority.desc',
    '&order=memo.nullsfirst,priority.desc.nullslast',
    '&order=completed.desc.nullslast,title',
    '&order=id.desc',
  ])('are the whole list, in any order with NULLs%s', async (order) => {
    const whole = await walk(`?limit=1000${order}`);
    for (const limit of [1, 2, 3]) expect(await walk(`?limit=${limit}${order}`)).toEqual(whole);
  });

  it('have each record that was there once, while others come and go', async () => {
    const before = await walk('?limit=1000&order=priority');
    let made = 0;
    const seen = await walk('?limit=1&order=priority', () => {
      made++;
      return made > 3
        ? Promise.resolve()
        : api.database.pool.query(
            `INSERT INTO todos (id, title, priority) VALUES (gen_random_uuid(), 'new', $1)`,
            [made],
          );
    });
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => before.includes(id))).toEqual(before);
    await api.database.pool.query(`DELETE FROM todos WHERE title = 'new'`);
  });

  it('a cursor of another order, or none at all, is refused', async () => {
    const { nextCursor } = (await api.call({ url: url('?limit=1') })).json<Page>();
    expect((await refusal(`?limit=1&order=title&cursor=${nextCursor}`)).code).toBe('QUERY_INVALID');
    expect((await refusal('?cursor=abc')).code).toBe('QUERY_INVALID');
    const forged = Buffer.from('["id 00","no uuid"]').toString('base64url');
    expect((await refusal(`?cursor=${forged}`)).code).toBe('QUERY_INVALID');
  });
});

describe('a query in JSON', () => {
  const query = (payload: unknown) =>
    api.call({ method: 'POST', url: url('/query'), payload: payload as object });

  it('is the same query', async () => {
    const answer = await query({
      where: {
        or: [{ priority: { eq: 1 } }, { memo: { in: ['green', 'blue'] } }],
        not: { title: { eq: 'x' } },
      },
      select: 'title',
      order: 'title',
      limit: 10,
      count: 'exact',
    });
    expect(answer.json()).toEqual({
      data: [{ title: 'Bread, "fresh"' }, { title: 'tea' }],
      nextCursor: null,
      count: 2,
    });
  });

  it('takes a list that no URL would hold', async () => {
    const values = Array.from({ length: 10_000 }, (_, at) => `title ${at}`);
    expect(
      (await query({ where: { title: { in: [...values.slice(1), 'milk'] } } })).json<Page>().data,
    ).toHaveLength(1);
    expect((await query({ where: { title: { in: [...values, 'milk'] } } })).statusCode).toBe(400);
  });

  it('says by pointer what is wrong', async () => {
    const { errors } = (await query({ where: { or: [{ priority: { eq: 'x' } }] } })).json<{
      errors: unknown[];
    }>();
    expect(errors).toMatchObject([{ pointer: '/where/or/0/priority/eq', operator: 'eq', field: 'priority' }]);
    for (const wrong of [
      [],
      { wher: {} },
      { where: 1 },
      { where: { priority: 1 } },
      { limit: 5000 },
      { where: { memo: { eq: null } } },
    ])
      expect((await query(wrong)).json<{ code: string }>().code).toBe('QUERY_INVALID');
  });
});

describe('one record', () => {
  const one = '/00000000-0000-7000-8000-000000000001';

  it('is answered with an ETag, and not again when it has not changed', async () => {
    const answer = await api.call({ url: url(one) });
    expect(answer.json()).toMatchObject({
      title: 'milk',
      priority: 2,
      completed: false,
      memo: null,
      import_id: null,
    });
    const again = await api.call({
      url: url(one),
      headers: { 'if-none-match': String(answer.headers['etag']) },
    });
    expect(again.statusCode).toBe(304);
    await api.database.pool.query(`UPDATE todos SET memo = memo WHERE title = 'milk'`);
    const changed = await api.call({
      url: url(one),
      headers: { 'if-none-match': String(answer.headers['etag']) },
    });
    expect(changed.statusCode).toBe(200);
  });

  it('is 404 by its code, and so is a dataset', async () => {
    for (const id of ['/00000000-0000-7000-8000-00000000ffff', '/x'])
      expect((await api.call({ url: url(id) })).json()).toMatchObject({
        code: 'RECORD_NOT_FOUND',
        status: 404,
      });
    expect((await api.call({ url: url('', 'nobody') })).json()).toMatchObject({ code: 'DATASET_NOT_FOUND' });
  });
});

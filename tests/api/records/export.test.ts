import fc from 'fast-check';
import Papa from 'papaparse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guard } from '../../../src/core/imports/spreadsheet-guard.ts';
import { createApi, type TestApi } from '../../support/api.ts';
import { readZip } from '../../support/read-zip.ts';
import { waitFor } from '../../support/wait-for.ts';
import { apply, everyType, people, PRECIOUS, todos, type Page } from './datasets.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createApi({ env: { SLUICE_DOWNLOADS: '2' } });
  await apply(api, todos, everyType, people);
  const { pool } = api.database;
  await pool.query(`INSERT INTO todos (id, title, memo, priority, completed)
    SELECT gen_random_uuid(), 'todo ' || i, CASE WHEN i % 2 = 0 THEN 'memo, "' || i || '"' END, i % 5 + 1, i % 3 = 0
      FROM generate_series(1, 2500) AS i`);
  await pool.query(
    `INSERT INTO homes (id, city, zip) VALUES ('00000000-0000-7000-8000-0000000000a1', 'Kyoto', '6000001')`,
  );
  await pool.query(`INSERT INTO people (id, email, name, home_id) VALUES
    (gen_random_uuid(), 'a@example.com', '=cmd()', '00000000-0000-7000-8000-0000000000a1'),
    (gen_random_uuid(), 'b@example.com', E'x;=1\\t-2', NULL)`);
  const names = Object.keys(PRECIOUS);
  await pool.query(
    `INSERT INTO every_type (id, ${names.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ')})
     VALUES (gen_random_uuid(), ${names.map((_, at) => `$${at + 1}`).join(', ')})`,
    Object.values(PRECIOUS),
  );
});
afterAll(() => api.close());

const get = (form: string, query = '', dataset = 'todos') =>
  api.call({ url: `/v1/datasets/${encodeURIComponent(dataset)}/records.${form}${query}` });

async function wholeList(query: string): Promise<readonly unknown[]> {
  const records: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page = (
      await api.call({
        url: `/v1/datasets/todos/records?limit=1000&${query}${cursor === '' ? '' : `&cursor=${cursor}`}`,
      })
    ).json();
    records.push(...page.data);
    cursor = page.nextCursor;
  }
  return records;
}

describe('as JSON', () => {
  it.each([
    'order=id',
    'order=priority.desc,title&priority=gte.3&memo=not.is.null',
    'order=title&or=(title.in.("todo 1","todo 22"),and(priority.eq.5,completed.is.true))&select=id,title,updated_at',
  ])('is the list of the same query: %s', async (query) => {
    const list = await wholeList(
      `${query}${query.includes('select=') ? '' : '&select=title,memo,priority,completed'}`,
    );
    expect(list.length).toBeGreaterThan(2);
    const ndjson = await get('ndjson', `?${query}`);
    expect(ndjson.headers['content-type']).toContain('application/x-ndjson');
    expect(ndjson.body.endsWith('}\n')).toBe(true);
    expect(
      ndjson.body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(list);
    expect((await get('json', `?${query}`)).json()).toEqual(list);
  });

  it('of no records is an empty file, and an empty array', async () => {
    expect((await get('ndjson', '?title=eq.none')).body).toBe('');
    expect((await get('json', '?title=eq.none')).json()).toEqual([]);
  });

  it('is exact for every type', async () => {
    const line = (await get('ndjson', '', 'every type')).body;
    expect(line).toContain('"whole":9007199254740993,"amount":12345678901234567890.10');
    expect(line).toContain('"at":"2024-01-31T13:45:00.123456Z"');
  });
});

describe('as a workbook', () => {
  /** Each cell as its style, its type and what it holds. */
  async function cellsOf(body: Buffer): Promise<string[][]> {
    const sheet = (await readZip(body)).get('xl/worksheets/sheet1.xml')!;
    return [...sheet.matchAll(/<row [^>]*>(.*?)<\/row>/gs)].map(([, row]) =>
      [...row!.matchAll(/<c r="(\w+)"(?: s="(\d)")?(?: t="(\w+)")?>(.*?)<\/c>/gs)].map(
        ([, name, style = '0', type = 'n', content]) =>
          `${name} ${style} ${type} ${content!.replace(/<[^>]*>/g, '')}`,
      ),
    );
  }

  it('has the records of the same query, with cells of their kind', async () => {
    const answer = await get(
      'xlsx',
      '?title=in.("todo 2","todo 3")&order=title.desc&select=title,memo,completed',
    );
    expect(answer.headers['content-disposition']).toContain("filename*=UTF-8''todos.xlsx");
    expect(await cellsOf(answer.rawPayload)).toEqual([
      ['A1 5 inlineStr title', 'B1 5 inlineStr memo', 'C1 5 inlineStr completed'],
      ['A2 1 inlineStr todo 3', 'C2 0 b 1'],
      ['A3 1 inlineStr todo 2', 'B3 1 inlineStr memo, &quot;2&quot;', 'C3 0 b 0'],
    ]);
  });

  it('names linked columns, and keeps what looks like a formula a text', async () => {
    const answer = await get('xlsx', '?order=email&select=email,name,homes(id,city)', 'people');
    expect(await cellsOf(answer.rawPayload)).toEqual([
      ['A1 5 inlineStr email', 'B1 5 inlineStr name', 'C1 5 inlineStr homes.id', 'D1 5 inlineStr city'],
      [
        'A2 1 inlineStr a@example.com',
        'B2 1 inlineStr =cmd()',
        'C2 1 inlineStr 00000000-0000-7000-8000-0000000000a1',
        'D2 1 inlineStr Kyoto',
      ],
      ['A3 1 inlineStr b@example.com', 'B3 1 inlineStr x;=1\t-2'],
    ]);
  });

  it('says before it begins that a text is too long for a cell', async () => {
    await api.database.pool.query(
      `INSERT INTO todos (id, title, memo) VALUES (gen_random_uuid(), 'long', repeat('x', 32768))`,
    );
    const answer = await get('xlsx', '?title=eq.long');
    expect([answer.statusCode, answer.json().detail]).toEqual([
      409,
      '"memo" has a text of more than 32767 characters; a cell of Excel holds no more. Leave the field out (select=…), or ask for records.csv.',
    ]);
    expect((await get('xlsx', '?title=eq.long&select=title')).statusCode).toBe(200);
    await api.database.pool.query(`DELETE FROM todos WHERE title = 'long'`);
  });

  it('gives its connection back when the client goes, before or behind the first byte', async () => {
    for (let time = 0; time < 4; time++) expect((await get('xlsx', '?title=eq.none')).statusCode).toBe(200);
    expect((await get('csv', '?title=eq.none')).statusCode).toBe(200);
  });
});

describe('as CSV', () => {
  it('is what Postgres writes, with the same filters and order', async () => {
    const { body, headers } = await get('csv', '?title=in.("todo 2","todo 5")&order=title.desc');
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(headers['content-disposition']).toContain('todos.csv');
    expect(body).toBe('title,memo,priority,completed\ntodo 5,,1,false\ntodo 2,"memo, ""2""",3,false\n');
    expect((await get('csv')).body.trim().split('\n')).toHaveLength(2501);
    expect((await get('csv', '?title=eq.none&select=title')).body).toBe('title\n');
  });

  it('guards what a spreadsheet would run, as the reject file does; raw=true does not', async () => {
    const csv = (query: string) => get('csv', `?order=email&select=name${query}`, 'people');
    expect((await csv('')).body).toBe("name\n'=cmd()\nx;'=1\t'-2\n");
    expect((await csv('&raw=true')).body).toBe('name\n=cmd()\nx;=1\t-2\n');
  });

  it('guards any text exactly as reject files are guarded', async () => {
    const piece = fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '＝',
      '＠',
      "'",
      '"',
      ';',
      '\t',
      '\r',
      '\n',
      'a',
      '1',
      ',',
      ' ',
    );
    const texts = fc.sample(fc.array(piece, { maxLength: 6 }), 500).map((pieces) => pieces.join(''));
    await api.database.pool.query(
      `INSERT INTO every_type (id, code, anything) SELECT gen_random_uuid(), 'g' || at, text FROM unnest($1::text[]) WITH ORDINALITY AS t (text, at)`,
      [texts],
    );
    const { body } = await get('csv', '?code=like.g*&select=code,anything&order=id', 'every type');
    const { data } = Papa.parse<string[]>(body.replace(/\n$/, ''), { newline: '\n' });
    const exported = new Map(data.slice(1).map(([code, text]) => [code, text]));
    expect(texts.map((_, at) => exported.get(`g${at + 1}`))).toEqual(texts.map(guard));
    await api.database.pool.query(`DELETE FROM every_type WHERE code LIKE 'g%'`);
  });

  it('has linked fields under their names', async () => {
    expect((await get('csv', '?order=email&select=email,homes(city)&city=eq.Kyoto', 'people')).body).toBe(
      'email,city\na@example.com,Kyoto\n',
    );
  });
});

it('a wrong query is refused before the file begins, and a HEAD asks only whether there is one', async () => {
  expect((await get('csv', '?priority=eq.x')).json()).toMatchObject({ code: 'QUERY_INVALID' });
  expect((await get('ndjson', '?limit=5')).json()).toMatchObject({ code: 'QUERY_INVALID' });
  expect((await get('csv', '?title=like.t\\')).json()).toMatchObject({ code: 'QUERY_INVALID' });
  expect((await get('ndjson', '?title=like.t\\')).json()).toMatchObject({ code: 'QUERY_INVALID' });
  // More often than there are connections for downloads: each has given its own back.
  for (let i = 0; i < 3; i++) expect((await get('csv', '?title=like.t\\')).statusCode).toBe(400);
  const head = await api.call({ method: 'HEAD', url: '/v1/datasets/todos/records.csv' });
  expect([head.statusCode, head.body]).toEqual([200, '']);
});

it('downloads that are left half-way give their connections back', async () => {
  const { pool } = api.database;
  await pool.query(
    `INSERT INTO todos (id, title, memo) SELECT gen_random_uuid(), 'big', repeat('x', 1000) FROM generate_series(1, 20000)`,
  );
  const address = await api.app.listen({ port: 0, host: '127.0.0.1' });
  for (const form of ['csv', 'ndjson', 'csv', 'json']) {
    const leave = new AbortController();
    const answer = await fetch(`${address}/v1/datasets/todos/records.${form}`, {
      headers: { authorization: `Bearer ${api.adminKey}` },
      signal: leave.signal,
    });
    await answer.body!.getReader().read();
    leave.abort();
  }
  await waitFor(
    async () => {
      const { rows } = await pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%downloads%' AND state <> 'idle'`,
      );
      return rows.length === 0;
    },
    { what: 'all downloads to be over' },
  );
  expect((await get('csv', '?title=eq.todo 1&select=title')).body).toBe('title\ntodo 1\n');
});

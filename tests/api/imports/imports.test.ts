// Reading imports: the history, one, its row errors and its reject file. The work is done by a slot in this process.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/logger.ts';
import { pruneHistory } from '../../../src/worker/upkeep/prune-history.ts';
import { createUser } from '../../support/users.ts';
import type { TestApi } from '../../support/api.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { addDataset, listeningApi, PEOPLE } from '../../support/uploads.ts';

const NOBODY = '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10';

interface ImportJson {
  id: string;
  status: string;
  firstError: unknown;
  counts: unknown;
  progress: unknown;
  ignoredColumns: string[];
}
interface RowErrorJson {
  row: number;
  code: string;
}
interface PageJson<T> {
  data: T[];
  nextCursor: string | null;
}

let api: TestApi;
let slot: TestSlot;

beforeAll(async () => {
  api = await listeningApi();
  await addDataset(api.database.pool, { ...PEOPLE, name: 'others', target: { table: 'others' } });
  slot = await openSlot(api.database.url, api.deps.config.storageDir);
});
afterAll(async () => {
  await slot.close();
  await api.close();
});
beforeEach(() =>
  api.database.pool.query(
    'TRUNCATE public.people; DELETE FROM sluice.tasks; DELETE FROM sluice.import_row_errors',
  ),
);

const send = (content: string | Buffer, options = {}): Promise<string> =>
  addImport(slot, PEOPLE, content, options);

async function done(content: string | Buffer, options = {}): Promise<string> {
  const id = await send(content, options);
  await runImport(slot, id);
  return id;
}

async function get<T>(path: string, status = 200): Promise<T> {
  const answer = await api.call({ url: `/v1/imports${path}` });
  expect([answer.statusCode, answer.body]).toEqual([status, expect.any(String)]);
  return answer.json<T>();
}
const list = (query = ''): Promise<PageJson<ImportJson>> => get(query);
const ids = async (query = ''): Promise<string[]> => (await list(query)).data.map(({ id }) => id);

describe('the history', () => {
  it('is newest first, each import as it is by itself', async () => {
    const first = await done('name,age\na,x\n');
    const second = await send('name\nb\n');
    const { data, nextCursor } = await list();
    expect(data.map(({ id }) => id)).toEqual([second, first]);
    expect(nextCursor).toBeNull();
    for (const each of data) expect(await get(`/${each.id}`)).toEqual(each);
    expect(data[1]).toMatchObject({
      status: 'succeeded',
      counts: { records: 1, loaded: 0, rejected: 1, errors: 1 },
      progress: { rowsDone: 1, rowsTotal: 1, chunksDone: 1, chunksTotal: 1, etaSeconds: null },
      firstError: {
        row: 1,
        line: 2,
        column: { index: 2, name: 'age' },
        code: 'type-error',
        message: expect.stringContaining('"x"'),
      },
    });
  });

  it('is read page by page while new ones come', async () => {
    const old: string[] = [];
    for (let at = 0; at < 7; at++) old.unshift(await send('name\na\n'));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: PageJson<ImportJson> = await list(`?limit=3${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
      await send('name\nnew\n');
    } while (cursor !== null);
    expect(seen).toEqual(old);
  });

  it('shows who sent it also when the user was removed', async () => {
    const user = await createUser(api);
    const id = await send('name\na\n', { createdBy: user });
    expect(await get(`/${id}`)).toMatchObject({ createdBy: { id: user, name: 'Somebody' } });
    await api.database.pool.query('DELETE FROM sluice.users WHERE id = $1', [user]);
    for (const path of [`/v1/imports/${id}`, `/v1/tasks/${id}`])
      expect((await api.call({ url: path })).json()).toMatchObject({ createdBy: { id: user, name: null } });
  });

  it('has no next page when the last one is full', async () => {
    await send('name\na\n');
    await send('name\na\n');
    expect(await list('?limit=2')).toMatchObject({ nextCursor: null });
    expect(await list('?limit=1')).toMatchObject({ nextCursor: expect.any(String) });
  });

  it('is filtered by status, dataset, who and when', async () => {
    const user = await createUser(api);
    const ended = await done('name\na\n');
    const mine = await send('name\na\n', { createdBy: user });
    const other = await addImport(slot, { ...PEOPLE, name: 'others' }, 'name\na\n');
    await api.database.pool.query(
      `UPDATE sluice.tasks SET created_at = '2026-01-31T09:00:00Z' WHERE id = $1`,
      [ended],
    );
    expect(await ids('?status=queued')).toEqual([other, mine]);
    expect(await ids('?status=succeeded,failed')).toEqual([ended]);
    expect(await ids('?status=succeeded&status=failed')).toEqual([ended]);
    expect(await ids('?dataset=others')).toEqual([other]);
    expect(await ids('?dataset=none')).toEqual([]);
    expect(await ids(`?createdBy=${user}`)).toEqual([mine]);
    expect(await ids('?createdBefore=2026-01-31T09:00:00.001Z')).toEqual([ended]);
    expect(await ids('?createdBefore=2026-01-31T09:00:00Z')).not.toContain(ended);
    expect(await ids('?createdAfter=2026-01-31T09:00:00Z&createdBefore=2026-02-01T00:00:00Z')).toEqual([
      ended,
    ]);
    expect(await ids('?createdAfter=2026-01-31&createdBefore=2026-02-01')).toEqual([ended]);
    expect(await ids('?createdBefore=2026-01-31')).toEqual([]);
    expect(
      await ids(`?createdAfter=${encodeURIComponent('2026-01-31T18:00:00.001+09:00')}&status=succeeded`),
    ).toEqual([]);
    expect(await ids(`?status=queued&createdBy=${user}&dataset=people&limit=1`)).toEqual([mine]);
  });

  it.each([
    ['status=done', 'queued'],
    ['status=', 'queued'],
    ['cursor=x', 'cursor'],
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=x', 'limit'],
    ['createdBy=me', 'createdBy'],
    ['createdAfter=yesterday', 'createdAfter'],
    ['createdAfter=0000-01-01T00:00:00Z', 'createdAfter'],
    ['createdAfter=2026-01-01T00:00:00%2B99:00', 'createdAfter'],
    ['createdBefore=2026-02-30T00:00:00Z', 'createdBefore'],
    ['createdBefore=2026-02-30', 'createdBefore'],
    ['createdAfter=2026-1-31', 'createdAfter'],
    ['status=queued&status=done', 'queued'],
    ['sort=asc', 'sort'],
  ])('?%s is a 400 that says why', async (query, says) => {
    const problem = await get<{ code: string; detail: string }>(`?${query}`, 400);
    expect(problem.code).toBe('INVALID_REQUEST');
    expect(problem.detail).toContain(says);
  });

  it.each(['', '/errors', '/rejects.csv', '/events'])(
    'GET /v1/imports/{id}%s of one that is not there is a 404',
    async (path) => {
      expect(await get(`/${NOBODY}${path}`, 404)).toMatchObject({ code: 'NOT_FOUND' });
      expect(await get(`/x${path}`, 400)).toMatchObject({ code: 'INVALID_REQUEST' });
    },
  );
});

describe('row errors, from the file’s text to JSON', () => {
  const HEADER = 'name,年齢,email,note\r\n';
  const errorsOf = async (id: string, query = ''): Promise<RowErrorJson[]> =>
    (await get<PageJson<RowErrorJson>>(`/${id}/errors${query}`)).data;

  it('say row, lines, column, code, value and why', async () => {
    const id = await done(
      `\ufeff\r\n${HEADER}` + // lines 1 and 2
        'a,1,a@x,"one\r\ntwo"\r\n' + // row 1, lines 3 and 4
        '\r\n' + // line 5 is blank
        'b,x,b@x,"one\r\n\r\ntwo"\r\n' + // row 2, lines 6 to 8
        'c,1\r\n' + // row 3, line 9
        'd,1,d@x,,,"more"\r\n' + // row 4, line 10
        ',-1,e@x,\r\n' + // row 5, line 11
        'f,1,"f"@x,\r\n' + // row 6, line 12
        `${'g'.repeat(21)},1,a@x,\r\n` + // row 7, line 13
        'h,1,a@x,\r\n' + // row 8, line 14
        'i,1,i@x,"never closed', // row 9, line 15
    );
    expect(await errorsOf(id)).toEqual([
      {
        row: 2,
        line: 6,
        lineEnd: 8,
        column: { index: 2, name: '年齢' },
        code: 'type-error',
        value: 'x',
        message: expect.stringContaining('年齢'),
      },
      {
        row: 3,
        line: 9,
        column: { index: 3, name: 'email' },
        code: 'missing-cell',
        value: null,
        message: expect.stringContaining('2 cells'),
      },
      {
        row: 4,
        line: 10,
        column: { index: 5, name: '' },
        code: 'extra-cell',
        value: '',
        message: expect.stringContaining('6 cells'),
      },
      {
        row: 5,
        line: 11,
        column: { index: 1, name: 'name' },
        code: 'constraint-error',
        constraint: 'required',
        value: '',
        message: expect.any(String),
      },
      {
        row: 5,
        line: 11,
        column: { index: 2, name: '年齢' },
        code: 'constraint-error',
        constraint: 'minimum',
        value: '-1',
        message: expect.any(String),
      },
      {
        row: 6,
        line: 12,
        column: { index: 3, name: 'email' },
        code: 'quote-error',
        value: 'f,1,"f"@x,',
        message: expect.any(String),
      },
      {
        row: 7,
        line: 13,
        column: { index: 1, name: 'name' },
        code: 'constraint-error',
        constraint: 'maxLength',
        value: 'g'.repeat(21),
        message: expect.any(String),
      },
      {
        row: 8,
        line: 14,
        column: { index: 3, name: 'email' },
        code: 'unique-error',
        value: 'a@x',
        message: expect.stringContaining('a@x'),
      },
      {
        row: 9,
        line: 15,
        column: { index: 4, name: 'note' },
        code: 'quote-error',
        value: 'i,1,i@x,"never closed',
        message: expect.any(String),
      },
    ]);
    expect(await get(`/${id}`)).toMatchObject({ counts: { records: 9, loaded: 1, rejected: 8, errors: 9 } });
    const { rows } = await api.database.pool.query(
      'SELECT name, age, email, note, import_row FROM public.people',
    );
    expect(rows).toEqual([{ name: 'a', age: '1', email: 'a@x', note: 'one\r\ntwo', import_row: '1' }]);
  });

  it.each([
    ['CRLF', '\r\n', true],
    ['LF and no last one', '\n', false],
    ['CR', '\r', true],
  ])('count lines ended by %s', async (_name, end, last) => {
    const text = ['name,age', 'a,1', '', 'b,x', '"c\nd",y'].join(end) + (last ? end : '');
    expect(await errorsOf(await done(text))).toMatchObject([
      { row: 2, line: 4 },
      { row: 3, line: 5, lineEnd: 6 },
    ]);
  });

  it('are given in pages and filtered', async () => {
    const id = await done(
      `name,age\n${Array.from({ length: 7 }, (_, at) => `${at % 2 === 0 ? '' : 'a'},x\n`).join('')}`,
    );
    const all = await errorsOf(id);
    expect(all.map(({ row }) => row)).toEqual([1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7]);
    const seen: RowErrorJson[] = [];
    let cursor = '';
    do {
      const page: PageJson<RowErrorJson> = await get(`/${id}/errors?limit=2${cursor}`);
      seen.push(...page.data);
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(all);
    expect((await errorsOf(id, '?column=name')).map(({ row }) => row)).toEqual([1, 3, 5, 7]);
    expect((await errorsOf(id, '?code=type-error&column=age')).map(({ row }) => row)).toEqual([
      1, 2, 3, 4, 5, 6, 7,
    ]);
    expect(await errorsOf(id, '?code=unique-error')).toEqual([]);
    expect(await get(`/${id}/errors?code=oops`, 400)).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await get(`/${id}/errors?cursor=1`, 400)).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('are gone after their retention, and the answer says so; an import without errors still has none', async () => {
    const [old, recent, faultless] = [
      await done(`${HEADER}a,x,,\r\n`),
      await done(`${HEADER}b,x,,\r\n`),
      await done(`${HEADER}c,1,,\r\n`),
    ];
    const version = async () => (await api.call({ url: `/v1/imports/${old}` })).headers.etag;
    const before = await version();
    await api.database.pool.query(
      `UPDATE sluice.tasks SET created_at = created_at - interval '11 days', finished_at = finished_at - interval '11 days' WHERE id = ANY($1)`,
      [[old, faultless]],
    );
    const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
    const settings = { rowErrorRetentionDays: 10, taskRetentionDays: 0 };
    await pruneHistory({ db: api.database.db, logger }, settings).run();
    for (const query of ['', '?limit=1', '?code=unique-error'])
      expect(await get(`/${old}/errors${query}`, 410)).toMatchObject({
        code: 'ROW_ERRORS_GONE',
        detail: expect.stringMatching(
          /^The row errors of this import were removed on \d{4}-.*SLUICE_ROW_ERROR_RETENTION_DAYS/,
        ),
      });
    expect(await version()).not.toBe(before);
    expect(await errorsOf(recent)).toMatchObject([{ row: 1, code: 'type-error' }]);
    expect(await errorsOf(faultless)).toEqual([]);
  });
});

describe('the reject file', () => {
  async function rejects(id: string, query = ''): Promise<string> {
    const answer = await api.call({ url: `/v1/imports/${id}/rejects.csv${query}` });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.headers['content-disposition']).toBe(`attachment; filename="rejects-${id}.csv"`);
    expect(answer.rawPayload.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    return answer.rawPayload.subarray(3).toString();
  }

  it('has only a header when nothing was rejected', async () => {
    expect(await rejects(await done('name;氏\n'.replace('氏', 'note') + 'a;b\n'))).toBe(
      '_row,_errors,name,note\r\n',
    );
    expect(await rejects(await send('name\na\n'))).toBe('_row,_errors,name\r\n');
  });

  it('has the records whole, quoted where needed, and why', async () => {
    const id = await done(`name;age;note\na;x;"say ""hi"", you"\nb;1;fine\n c ;y;"two\nlines"\n;1;\nd\n`);
    const lines = await rejects(id);
    expect(lines).toMatch(
      /^_row,_errors,name,age,note\r\n1,"line 2: Column ""age"" [^\r]*\[type-error\]",a,x,"say ""hi"", you"\r\n3,/,
    );
    expect(lines).toMatch(
      /\]"," c ",y,"two\nlines"\r\n4,[^\r]*\[constraint-error\]",,1,\r\n5,[^\r]*\[missing-cell\]",d\r\n$/,
    );
  });

  it('guards what a spreadsheet would run, unless asked not to', async () => {
    const id = await done(`name,age,note\n"=1+1",x,@sum\n+1,y,'=x\n-1,z,'quoted'\n`);
    const cells = (text: string): string[] =>
      text
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((line) => /\[type-error\]",(.*)$/.exec(line)![1]!);
    expect(cells(await rejects(id))).toEqual([`'=1+1,x,'@sum`, `'+1,y,''=x`, `'-1,z,'quoted'`]);
    expect(cells(await rejects(id, '?raw=true'))).toEqual(['=1+1,x,@sum', `+1,y,''=x`, `-1,z,'quoted'`]);
    expect(await rejects(id, '?raw=false')).toBe(await rejects(id));
  });

  it('guards the header too', async () => {
    const id = await done('name,age,=cmd()\na,x,\n', { unknownColumns: 'ignore' });
    expect(await rejects(id)).toMatch(/^_row,_errors,name,age,'=cmd\(\)\r\n/);
  });

  it.each(['', '?raw=true'])('fixed and sent again%s, gives the cells as they were', async (query) => {
    const notes = ['=1+1', `'=1+1`, `''-x`, '@', '\t=x', 'plain', `'plain`, ' =x', 'two\r\nlines', ''];
    const quoted = notes.map((note, at) => `n${at},x,"${note}"\r\n`).join('');
    const fixed = (await rejects(await done(`name,age,note\r\n${quoted}`), query)).replaceAll(',x,', ',1,');
    const again = await done(`\ufeff${fixed}`);
    expect(await get(`/${again}`)).toMatchObject({
      counts: { records: notes.length, loaded: notes.length },
      ignoredColumns: ['_row', '_errors'],
    });
    const { rows } = await api.database.pool.query(
      'SELECT coalesce(note, $1) AS note FROM public.people ORDER BY import_row',
      [''],
    );
    expect(rows.map((row) => row.note)).toEqual(notes);
  });

  it('of a reject file that was not fixed is the same again, not wider', async () => {
    const first = await rejects(await done('name,age,note\n=a,x,"b\nc"\n'));
    const second = await rejects(await done(`\ufeff${first}`));
    expect(second).toBe(first);
  });

  it('is gone after its retention', async () => {
    const id = await done('name,age\na,x\n');
    await api.database.pool.query('UPDATE sluice.imports SET files_removed_at = now() WHERE id = $1', [id]);
    expect(await get(`/${id}/rejects.csv`, 410)).toMatchObject({ code: 'FILE_GONE' });
  });

  it('is gone, too, when somebody removed its files by hand', async () => {
    const id = await done('name,age\na,x\n');
    await api.deps.storage.removeFolder(`imports/${id}/`);
    expect(await get(`/${id}/rejects.csv`, 410)).toMatchObject({ code: 'FILE_GONE' });
  });
});

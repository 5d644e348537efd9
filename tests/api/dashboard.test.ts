import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { createUuidV7 } from '../../src/core/uuid.ts';
import { bearer, createApi, type TestApi } from '../support/api.ts';
import { addImport, openSlot, runImport } from '../support/slot.ts';
import { addDataset, PEOPLE } from '../support/uploads.ts';
import { enqueue } from '../support/tasks.ts';
import { waitFor } from '../support/wait-for.ts';
import { CHROMIUM, CHROMIUM_FLAGS } from '../support/chromium.ts';

const importId = createUuidV7((bytes) => crypto.getRandomValues(bytes))(Date.now());

let api: TestApi;

beforeAll(async () => {
  api = await createApi();
  await api.deps.queues.imports.add('import', { taskId: importId }, { jobId: importId });
  await api.database.pool.query("INSERT INTO sluice.tasks (id, name) VALUES ($1, 'import')", [importId]);
});
afterAll(() => api.close());

const basic = (key: string, name = 'anybody') => ({
  authorization: `Basic ${Buffer.from(`${name}:${key}`).toString('base64')}`,
});
const get = (url: string, headers: Record<string, string> = {}) => api.app.inject({ url, headers });
const put = (url: string, headers: Record<string, string> = {}) =>
  api.app.inject({
    method: 'PUT',
    url: `/dashboard/api${url}`,
    headers: { ...basic(api.adminKey), ...headers },
  });

const pausedInPostgres = async (name: string): Promise<boolean> => {
  const { rowCount } = await api.database.pool.query(
    'SELECT FROM sluice.queues WHERE name = $1 AND paused_at IS NOT NULL',
    [name],
  );
  return rowCount === 1;
};
const audited = async (queue: string) =>
  (await api.call({ url: `/v1/audit?subjectType=queue&subjectId=${queue}` }))
    .json<{ data: { action: string; by: { name: string }; via: string }[] }>()
    .data.map(({ action, by, via }) => [action, by.name, via]);

describe('who may see it', () => {
  it('an admin, with the key as password or as bearer', async () => {
    for (const headers of [basic(api.adminKey), basic(api.adminKey, ''), bearer(api.adminKey)]) {
      const answer = await get('/dashboard', headers);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toContain('text/html');
      expect(answer.body).toContain('<link href="static/css/');
      expect(answer.body).not.toContain('fonts.googleapis.com');
    }
  });

  it('nobody else: 401 asks a browser for a key, 403 wants another role', async () => {
    for (const headers of [{}, basic('wrong'), { authorization: 'Basic ???' }, bearer('wrong')] as Record<
      string,
      string
    >[]) {
      const answer = await get('/dashboard', headers);
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="Sluice"/);
      expect(answer.json()).toMatchObject({ code: 'UNAUTHENTICATED' });
    }
    const operator = await get('/dashboard', basic(await api.keyOf('operator')));
    expect(operator.statusCode).toBe(403);
    expect(operator.json()).toMatchObject({ code: 'FORBIDDEN', neededRole: 'admin' });
  });

  it('also its API, its files and its task pages are closed', async () => {
    for (const path of ['/api/queues', '/static/favicon.ico', '/queue/imports', `/tasks/${importId}`])
      expect(`${path} ${(await get(`/dashboard${path}`)).statusCode}`).toBe(`${path} 401`);
  });
});

describe('what it shows', () => {
  it('the queues, with a link from each job to its task', async () => {
    const answer = await get(
      '/dashboard/api/queues?activeQueue=imports&status=waiting',
      bearer(api.adminKey),
    );
    const { queues } = answer.json<{
      queues: { name: string; jobs: { externalUrl: { href: string } }[] }[];
    }>();
    expect(queues.map((queue) => queue.name).sort()).toEqual(['chunks', 'default', 'imports']);
    const href = queues.find((queue) => queue.name === 'imports')!.jobs[0]!.externalUrl.href;
    expect(href).toContain(importId);
    const task = await get(href, basic(api.adminKey));
    expect(task.json()).toMatchObject({ id: importId, status: 'queued' });
  });
});

describe('the card of a job', () => {
  it('says which file it is about and into which dataset, of an import, its chunks and its undo', async () => {
    const { imports, chunks } = api.deps.queues;
    const slot = await openSlot(api.database.url, api.deps.config.storageDir);
    const id = await addImport(slot, await addDataset(api.database.pool, PEOPLE), 'name\na\n');
    await slot.close();
    const undoId = createUuidV7((bytes) => crypto.getRandomValues(bytes))(Date.now());
    await api.database.pool.query(
      "UPDATE sluice.imports SET file_name = '顧客.csv', undo_id = $2 WHERE id = $1",
      [id, undoId],
    );
    const jobs = [
      await imports.add('import', { taskId: id }, { jobId: id }),
      await imports.add('undo', { taskId: undoId }, { jobId: undoId }),
      await chunks.add('chunk', { importId: id, chunkNo: 3 }, { jobId: `${id}-3` }),
    ];
    const names = async (queue: string) => {
      const url = `/dashboard/api/queues?activeQueue=${queue}&status=waiting`;
      const { queues } = (await get(url, bearer(api.adminKey))).json<{
        queues: { name: string; jobs: { name: string }[] }[];
      }>();
      return queues.find(({ name }) => name === queue)!.jobs.map(({ name }) => name);
    };
    expect(await names('imports')).toEqual(
      expect.arrayContaining(['import: 顧客.csv into people', 'undo: 顧客.csv into people']),
    );
    expect(await names('chunks')).toEqual(['chunk 3: 顧客.csv into people']);
    const one = await get(`/dashboard/api/queues/chunks/${id}-3`, bearer(api.adminKey));
    expect(one.body).toContain('chunk 3: 顧客.csv into people');
    for (const job of jobs) await job.remove();
  });
});

describe('what it may change', () => {
  it('holds a queue back and lets it go on', async () => {
    expect((await put('/queues/imports/pause')).statusCode).toBe(200);
    expect(await pausedInPostgres('imports')).toBe(true);
    expect((await put('/queues/imports/resume')).statusCode).toBe(200);
    expect(await pausedInPostgres('imports')).toBe(false);
    expect((await put('/queues/chunks/pause')).statusCode).toBe(200);
    expect(await api.deps.queues.chunks.isPaused()).toBe(true);
    expect((await put('/queues/chunks/resume')).statusCode).toBe(200);
  });

  it('holds the queue of a task back in Postgres, where claims look, and the log says who did it', async () => {
    await enqueue(api.database.pool, 'add', { a: 1, b: 1 }, { queue: 'letters' });
    const shown = async () => {
      const { queues } = (await get('/dashboard/api/queues', bearer(api.adminKey))).json<{
        queues: { name: string; isPaused: boolean }[];
      }>();
      return queues.find(({ name }) => name === 'letters');
    };
    const found = await waitFor(shown, { what: 'the dashboard to show the new queue' });
    expect(found).toMatchObject({ isPaused: false });
    expect((await put('/queues/letters/pause')).statusCode).toBe(200);
    expect(await shown()).toMatchObject({ isPaused: true });
    expect(await pausedInPostgres('letters')).toBe(true);
    expect((await api.call({ url: '/v1/queues/letters' })).json()).toMatchObject({
      pausedAt: expect.any(String),
    });
    expect((await put('/queues/resume')).statusCode).toBe(200);
    expect(await pausedInPostgres('letters')).toBe(false);
    expect(await audited('letters')).toEqual([
      ['queue.resume', 'admin', 'dashboard'],
      ['queue.pause', 'admin', 'dashboard'],
    ]);
  });

  it('takes a job away only when its task has ended, and the log has what was done and what was refused', async () => {
    const { pool } = api.database;
    const id = await enqueue(pool, 'add', { a: 1, b: 1 }, { queue: 'parcels' });
    await api.deps.queues.of('parcels').add('add', { taskId: id }, { jobId: id });
    await waitFor(
      async () => (await get('/dashboard/api/queues', bearer(api.adminKey))).body.includes('"parcels"'),
      { what: 'the dashboard to show the new queue' },
    );
    const job = await get(`/dashboard/api/queues/parcels/${id}`, bearer(api.adminKey));
    expect(job.json()).toMatchObject({
      job: { name: 'add', externalUrl: { href: `/dashboard/tasks/${id}` } },
    });
    const refused = await put(`/queues/parcels/${id}/clean`);
    expect(refused.statusCode).toBe(403);
    expect(refused.body).toContain('DELETE /v1/tasks/{id}');
    await pool.query("UPDATE sluice.tasks SET status = 'cancelled', finished_at = now() WHERE id = $1", [id]);
    expect((await put(`/queues/parcels/${id}/clean`)).statusCode).toBe(204);
    expect((await put('/queues/parcels/obliterate')).statusCode).toBe(403);
    expect(
      await waitFor(async () => [await audited('parcels')].find((entries) => entries.length === 3), {
        what: 'the entries of the audit log',
      }),
    ).toEqual([
      ['board.refused', 'admin', 'dashboard'],
      ['board.change', 'admin', 'dashboard'],
      ['board.refused', 'admin', 'dashboard'],
    ]);
  });

  it('not what would make Redis and Postgres disagree, and it says why', async () => {
    const payload = { data: { taskId: 'another' }, force: true, name: 'import', options: {} };
    const answers = [
      await put('/queues/imports/empty'),
      await put('/queues/imports/obliterate'),
      await put('/queues/imports/clean/waiting'),
      ...(await Promise.all(
        (
          [
            ['POST', '/queues/imports/add'],
            ['PATCH', `/queues/imports/${importId}/update-data`],
          ] as const
        ).map(([method, url]) =>
          api.app.inject({ method, url: `/dashboard/api${url}`, headers: basic(api.adminKey), payload }),
        ),
      )),
    ];
    for (const answer of answers) {
      expect(answer.statusCode).toBe(403);
      expect(answer.body).toContain('DELETE /v1/tasks/{id}');
    }
    expect(await api.deps.queues.imports.getJobCountByTypes('waiting')).toBe(1);
  });

  it('not run a job again, which would do nothing: it says what to do instead', async () => {
    for (const url of [`/queues/imports/${importId}/retry`, '/queues/imports/retry/failed']) {
      const answer = await put(url);
      expect(answer.statusCode).toBe(403);
      expect(answer.body).toContain('POST /v1/imports/{id}/rerun');
    }
  });

  it('nothing that another site makes a browser send', async () => {
    // Over plain HTTP a browser tells the origin alone.
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'cross-site', origin: 'http://sluice.example', host: 'sluice.example' },
      { origin: 'http://evil.example', host: 'sluice.example' },
      { origin: 'http://sluice.example:81', host: 'sluice.example' },
      { origin: 'null' },
    ] as Record<string, string>[]) {
      expect((await put('/queues/imports/pause', headers)).statusCode).toBe(403);
      expect(await pausedInPostgres('imports')).toBe(false);
    }
  });

  it('what its own page asks for over plain HTTP', async () => {
    const own = { origin: 'http://sluice.example:3000', host: 'sluice.example:3000' };
    expect((await put('/queues/imports/pause', own)).statusCode).toBe(200);
    expect((await put('/queues/imports/resume', own)).statusCode).toBe(200);
  });
});

const PATIENTS: Dataset = {
  name: 'patients',
  schema: {
    fields: [
      { name: 'no', type: 'integer' },
      {
        name: 'tax_no',
        type: 'string',
        sensitive: true,
        constraints: { pattern: 'MARKER-[0-9]', unique: true },
      },
    ],
  },
  target: { table: 'patients' },
};

describe.skipIf(!existsSync(CHROMIUM))('in a browser (skipped without chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  });
  afterAll(() => browser.close());

  it('lists the queues and a job that leads to its task', async () => {
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    const origin = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`;
    const context = await browser.newContext({ httpCredentials: { username: 'me', password: api.adminKey } });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`${origin}/dashboard`);
    await page.getByText('1 Job', { exact: true }).waitFor();
    for (const name of ['imports', 'chunks']) await page.locator('main').getByText(name).first().waitFor();

    await page.goto(`${origin}/dashboard/queue/imports?status=waiting`);
    const link = page.locator(`a[href$="${importId}"]`, { hasText: 'Task' }).first();
    await link.waitFor();
    expect(complaints).toEqual([]);
    await page.goto(new URL((await link.getAttribute('href'))!, origin).href);
    expect(await page.locator('body').innerText()).toContain('"queued"');
  });

  it('shows no value of a sensitive field: not of rows that landed, not of rejects, in no page and no answer', async () => {
    const slot = await openSlot(api.database.url, api.deps.config.storageDir);
    await addDataset(api.database.pool, PATIENTS);
    const text =
      'no,tax_no\n1,MARKER-1\nx,MARKER-2\n3,MARKER-X\n4,MARKER-1\n5,MARKER-5,MARKER-6\n6,"MARKER-7"y\n';
    const id = await addImport(slot, PATIENTS, text);
    await runImport(slot, id);
    await slot.close();
    const { imports } = api.deps.queues;
    const job = await imports.add('import', { taskId: id }, { jobId: id });
    if (!api.app.server.listening) await api.app.listen({ port: 0, host: '127.0.0.1' });
    const origin = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`;
    const context = await browser.newContext({ httpCredentials: { username: 'me', password: api.adminKey } });
    const page = await context.newPage();
    const answers: Promise<string>[] = [];
    page.on('response', (response) => answers.push(response.text().catch(() => '')));
    const seen: string[] = [];
    for (const [path, shows] of [
      ['/dashboard/queue/imports?status=waiting', id],
      [`/dashboard/queue/imports/${id}`, id],
      [`/dashboard/tasks/${id}`, '"succeeded"'],
    ] as const) {
      await page.goto(`${origin}${path}`);
      await page.getByText(shows).first().waitFor();
      seen.push(await page.content());
    }
    const all = [...seen, ...(await Promise.all(answers))].join('\n');
    expect(all).toContain(id);
    expect(all).not.toContain('MARKER');
    await job.remove();
  });
});

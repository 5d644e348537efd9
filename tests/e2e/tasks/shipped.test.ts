// The tasks that ship, against a server of the test's own.
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue } from '../../support/tasks.ts';
import { folderForFile } from '../../support/temp-folder.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const FILE = readFileSync(new URL('../../../examples/customers-with-errors.csv', import.meta.url));

let sluice: Sluice;
let port: number;
let answer: Answer;
let asked: string[] = [];
let inbox: string;

beforeAll(async () => {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url}`);
      answer(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
  inbox = folderForFile();
  sluice = await startSluice({ env: { SLUICE_HTTP_PRIVATE_HOSTS: 'localhost', SLUICE_INBOX_DIR: inbox } });
  await sluice.startWorker();
  return async () => {
    await sluice.stop();
    server.close();
  };
});

beforeEach(() => {
  asked = [];
});

const db = () => sluice.database.pool;
const request = async (args: object, options: object = {}) =>
  ended(db(), await enqueue(db(), 'http-request', args, options), 30_000);
const url = (path: string, host = 'localhost') => `http://${host}:${port}${path}`;

describe('http-request', () => {
  it('sends what is asked, and gives back what is answered', async () => {
    answer = (sent, response, body) =>
      response
        .writeHead(201, { 'content-type': 'application/json' })
        .end(JSON.stringify({ body: JSON.parse(body), auth: sent.headers.authorization }));
    const done = await request({
      method: 'POST',
      url: url('/orders'),
      headers: { authorization: 'Bearer x' },
      body: { n: 1 },
    });
    expect(done).toMatchObject({
      status: 'succeeded',
      result: { status: 201, body: { body: { n: 1 }, auth: 'Bearer x' } },
    });
    expect(asked).toEqual(['POST /orders']);
  });

  it('is tried again after 5xx and 429, not before the answer allows', async () => {
    const times: number[] = [];
    answer = (_sent, response) => {
      times.push(Date.now());
      if (times.length === 1) response.writeHead(429, { 'retry-after': '2' }).end();
      else if (times.length === 2) response.writeHead(503).end('busy');
      else response.writeHead(200).end('fine');
    };
    const done = await request({ url: url('/busy') }, { backoff: { delay: 10 } });
    expect(done).toMatchObject({ status: 'succeeded', attempts: 3, result: { body: 'fine' } });
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(1990);
  });

  it('fails at once after another 4xx', async () => {
    answer = (_sent, response) => response.writeHead(404).end('nothing here');
    expect(await request({ url: url('/gone') })).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { message: expect.stringMatching(/answered with 404: nothing here/) as string },
    });
  });

  it('asks no address that is not public, unless its host is allowed, and no redirect leads there', async () => {
    answer = (_sent, response) => response.writeHead(302, { location: url('/inside', '127.0.0.1') }).end();
    for (const from of [url('/a', '127.0.0.1'), url('/a', '[::ffff:127.0.0.1]'), url('/a', '2130706433')])
      expect(await request({ url: from })).toMatchObject({
        status: 'failed',
        attempts: 1,
        error: { message: expect.stringContaining('not public') as string },
      });
    expect(asked).toEqual([]);
    expect(await request({ url: url('/leads') })).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('127.0.0.1 is not public') as string },
    });
    expect(asked).toEqual(['GET /leads']);
    expect(await request({ url: 'file:///etc/passwd' })).toMatchObject({ status: 'failed', attempts: 1 });
  });

  it('takes no answer that is too long, and waits no longer than it is told', async () => {
    answer = (_sent, response) => response.writeHead(200).end('x'.repeat(600_000));
    expect((await request({ url: url('/long') })).error!.message).toContain('more than 524288 bytes');
    answer = () => undefined;
    expect((await request({ url: url('/never'), timeoutMs: 200 }, { retries: 0 })).error!.message).toContain(
      'took too long',
    );
  });
});

describe('fetch-file', () => {
  const fetchFile = async (args: object, options: object = {}) =>
    ended(db(), await enqueue(db(), 'fetch-file', { dataset: 'customers', ...args }, options), 30_000);

  it('makes an import of a file on the web, which lands', async () => {
    answer = (_sent, response) => response.writeHead(200, { 'content-type': 'text/csv' }).end(FILE);
    const done = await fetchFile({ url: url('/nightly/customers.csv') });
    expect(done).toMatchObject({ status: 'succeeded', attempts: 1 });
    const { importId } = done.result as { importId: string };
    expect(await sluice.ended(importId)).toMatchObject({ status: 'succeeded' });
    const imp = (await (await sluice.fetch(`/v1/imports/${importId}`)).json()) as Record<string, unknown>;
    expect(imp).toMatchObject({ dataset: 'customers', fileName: 'customers.csv', dryRun: false });
  });

  it('makes a dry run where that is asked', async () => {
    answer = (_sent, response) => response.writeHead(200).end(FILE);
    const done = await fetchFile({ url: url('/customers.csv'), options: { dryRun: true } });
    const { importId } = done.result as { importId: string };
    expect(await (await sluice.fetch(`/v1/imports/${importId}`)).json()).toMatchObject({ dryRun: true });
  });

  it('is tried again while the file cannot be had, and fails at once for what cannot become an import', async () => {
    let times = 0;
    answer = (_sent, response) => response.writeHead(++times === 1 ? 503 : 200).end(FILE);
    expect(await fetchFile({ url: url('/a.csv') }, { backoff: { delay: 10 } })).toMatchObject({
      status: 'succeeded',
      attempts: 2,
    });
    answer = (_sent, response) => response.writeHead(200).end('');
    for (const args of [
      { url: url('/empty.csv') },
      { url: url('/a.csv'), options: { nonsense: 1 } },
      { url: url('/a.csv'), dataset: 'nowhere' },
      { url: url('/a.csv', '127.0.0.1') },
    ])
      expect(await fetchFile(args)).toMatchObject({ status: 'failed', attempts: 1 });
  });

  describe('of the inbox', () => {
    const HOUR_S = 3600;
    /** A file that was put there an hour ago, or later. */
    const put = (path: string, content: string | Buffer, secondsAgo = HOUR_S) => {
      mkdirSync(dirname(join(inbox, path)), { recursive: true });
      writeFileSync(join(inbox, path), content);
      const at = Date.now() / 1000 - secondsAgo;
      utimesSync(join(inbox, path), at, at);
    };
    const customer = (name: string) => `email,name\n${name}@example.com,${name}\n`;
    const importsOf = async (args: object) => {
      const done = await fetchFile({ prefix: 'in/', ...args });
      expect(done).toMatchObject({ status: 'succeeded', attempts: 1 });
      return (done.result as { imports: { file: string; importId: string }[] }).imports;
    };

    beforeEach(() => rmSync(join(inbox, 'in'), { recursive: true, force: true }));

    it('becomes an import for each file, once', async () => {
      put('in/b.csv', customer('beth'));
      put('in/deeper/a.csv', customer('ada'));
      put('in/.c.csv.part', customer('cleo'));
      put('in/d.csv', customer('dora'), 0);
      put('other/e.csv', customer('eve'));
      const imports = await importsOf({});
      expect(imports.map(({ file }) => file)).toEqual(['in/b.csv', 'in/deeper/a.csv']);
      for (const { importId } of imports)
        expect(await sluice.ended(importId)).toMatchObject({ status: 'succeeded', result: { inserted: 1 } });
      expect(await importsOf({})).toEqual([]);

      put('in/b.csv', customer('bertha'));
      expect((await importsOf({ prefix: 'in/b' })).map(({ file }) => file)).toEqual(['in/b.csv']);
    });

    it('becomes one import when several tasks find it at once', async () => {
      const args = { dataset: 'customers', prefix: 'in/' };
      for (let at = 0; at < 5; at++) put(`in/${at}.csv`, customer(`at${at}`));
      const tasks = await Promise.all([1, 2, 3, 4].map(() => enqueue(db(), 'fetch-file', args)));
      const results = await Promise.all(tasks.map((id) => ended(db(), id, 30_000)));
      expect(results.map(({ status }) => status)).toEqual(tasks.map(() => 'succeeded'));
      const files = results.flatMap(({ result }) => (result as { imports: { file: string }[] }).imports);
      expect(files.map(({ file }) => file).sort()).toEqual([0, 1, 2, 3, 4].map((at) => `in/${at}.csv`));
    });

    it('names the files that are declined, takes the others, and tries it again the next time', async () => {
      put('in/bad.csv', 'nonsense\n1\n');
      put('in/good.csv', customer('gina'));
      expect(await fetchFile({ prefix: 'in/' })).toMatchObject({
        status: 'failed',
        attempts: 1,
        error: { message: expect.stringMatching(/^Declined: in\/bad\.csv: .*The others \(1\)/) as string },
      });
      put('in/bad.csv', customer('mended'));
      expect((await importsOf({})).map(({ file }) => file)).toEqual(['in/bad.csv']);
    });

    it('is not left by a prefix, and is one of two places', async () => {
      for (const prefix of ['../', 'in/../../x', '/etc/'])
        expect(await fetchFile({ prefix })).toMatchObject({
          status: 'failed',
          attempts: 1,
          error: { message: expect.stringContaining('leads out of the inbox') as string },
        });
      for (const args of [{}, { prefix: 'in/', url: url('/a.csv') }]) {
        const answer = await sluice.fetch('/v1/tasks', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ name: 'fetch-file', args: { dataset: 'customers', ...args } }),
        });
        expect(answer.status).toBe(422);
        expect(await answer.json()).toMatchObject({
          detail: 'Nothing was recorded: args must have one of "url", "prefix", and only one.',
        });
      }
    });
  });
});

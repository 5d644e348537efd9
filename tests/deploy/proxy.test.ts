// The examples of deploy/proxy, run as they are but for addresses and files: what goes through nginx and HAProxy, and when.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { request, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import * as tus from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/embedded/ports.ts';
import { makeCertificate } from '../support/certificates.ts';
import { CHROMIUM, CHROMIUM_FLAGS } from '../support/chromium.ts';
import { debianProgram } from '../support/debian-program.ts';
import { REPOSITORY, spawnProcess, type TestProcess } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { enqueue } from '../support/tasks.ts';
import { waitFor } from '../support/wait-for.ts';

/** Whom the client is seen as; the proxy itself is 127.0.0.1. */
const CLIENT = '127.0.0.5';
const FORGED = '203.0.113.9';
const MIB = 1024 * 1024;

let sluice: Sluice;
let folder: string;
/** Of the API with SLUICE_BASE_PATH. */
let belowPath: string;
let certificate: Buffer;
const started: TestProcess[] = [];
const ports: Record<string, number> = {};

async function certify(): Promise<void> {
  const { cert, key } = await makeCertificate(folder, 'sluice.example.com');
  certificate = await readFile(cert);
  await writeFile(join(folder, 'sluice-with-key.pem'), Buffer.concat([certificate, await readFile(key)]));
}

/** The example with our places in it. */
async function example(file: string, port: number, api = sluice.url): Promise<string> {
  const text = await readFile(join(REPOSITORY, 'deploy/proxy', file), 'utf8');
  return text
    .replaceAll('127.0.0.1:3000', new URL(api).host)
    .replaceAll('/etc/ssl/', `${folder}/`)
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace('bind :443 ssl', `bind 127.0.0.1:${port} ssl`);
}

async function startNginx(): Promise<void> {
  const port = (ports['nginx'] = await freePort());
  await writeFile(join(folder, 'site.conf'), await example('nginx.conf', port));
  const below = (ports['nginx, below a path'] = await freePort());
  await writeFile(join(folder, 'path.conf'), await example('nginx-path.conf', below, belowPath));
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/nginx.pid; error_log stderr notice; worker_processes 1; events { worker_connections 100; }
     http { access_log off; ${paths.join(' ')} include ${folder}/site.conf; include ${folder}/path.conf; }`,
  );
  const { path, env } = await debianProgram('nginx', 'usr/sbin/nginx');
  const nginx = spawnProcess([path, '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], { env });
  started.push(nginx);
  await nginx.says(/start worker process/);
}

async function startHaproxy(): Promise<void> {
  const port = (ports['HAProxy'] = await freePort());
  await writeFile(join(folder, 'haproxy.cfg'), await example('haproxy.cfg', port));
  const { path, env } = await debianProgram('haproxy', 'usr/sbin/haproxy');
  started.push(spawnProcess([path, '-db', '-f', join(folder, 'haproxy.cfg')], { env }));
  const below = (ports['HAProxy, below a path'] = await freePort());
  await writeFile(join(folder, 'haproxy-path.cfg'), await example('haproxy-path.cfg', below, belowPath));
  started.push(spawnProcess([path, '-db', '-f', join(folder, 'haproxy-path.cfg')], { env }));
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

function open(proxy: string, path: string, options: RequestOptions = {}) {
  return request({
    host: '127.0.0.1',
    port: ports[proxy],
    localAddress: CLIENT,
    servername: 'sluice.example.com',
    ca: certificate,
    path,
    ...options,
    headers: { host: 'sluice.example.com', authorization: `Bearer ${sluice.key}`, ...options.headers },
  });
}

function answerOf(sent: ReturnType<typeof open>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    sent.on('error', reject).on('response', (response) => {
      let body = '';
      response
        .setEncoding('utf8')
        .on('data', (text: string) => (body += text))
        .on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
        .on('error', reject);
    });
  });
}

function get(proxy: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const sent = open(proxy, path, { headers });
  const answer = answerOf(sent);
  sent.end();
  return answer;
}

beforeAll(async () => {
  sluice = await startSluice({ env: { SLUICE_TRUST_PROXY: 'loopback', SLUICE_SMALL_FILE_BYTES: '0' } });
  folder = join(sluice.folder, 'proxy');
  await mkdir(folder);
  await certify();
  belowPath = (await sluice.startApi({ env: { SLUICE_BASE_PATH: '/sluice' } })).url;
  await startNginx();
  await startHaproxy();
  for (const proxy of Object.keys(ports))
    await waitFor(
      async () => {
        const path = proxy.includes('path') ? '/sluice/healthz' : '/healthz';
        return (await get(proxy, path).catch(() => undefined))?.status === 200 || undefined;
      },
      {
        what: `${proxy} to answer`,
        timeoutMs: 20_000,
      },
    );
});
afterAll(async () => {
  for (const proxy of started) proxy.kill('SIGTERM');
  await Promise.all(started.map((proxy) => proxy.exited));
  await sluice?.stop();
});

/** Bytes that the API has stored of files that still come in, or are there. */
async function storedBytes(): Promise<number> {
  const root = join(sluice.folder, 'storage');
  const names = await readdir(root, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(root, name)).catch(() => undefined))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe.each(['nginx', 'HAProxy'])('through %s', (proxy) => {
  let importId: string;

  it('an upload reaches the API while it is still being sent', async () => {
    const before = await storedBytes();
    const sent = open(proxy, '/v1/imports?dataset=customers', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
    });
    const answer = answerOf(sent);
    const [header = ''] = (
      await readFile(join(REPOSITORY, 'datasets/customers.json'), 'utf8').then(headerOf)
    ).split('\n');
    const row = `${header.replaceAll(/[^,]+/g, 'x')}\n`;
    sent.write(`${header}\n${row.repeat(Math.ceil((4 * MIB) / row.length))}`);
    await waitFor(async () => (await storedBytes()) - before > MIB || undefined, {
      what: 'the first megabyte in the storage of the API',
      timeoutMs: 30_000,
    });
    sent.end(row);
    const { status, body } = await answer;
    expect(status, body).toBe(202);
    importId = (JSON.parse(body) as { id: string }).id;
  });

  it('events come as they happen, and a long poll is answered when its time is over', async () => {
    const sent = open(proxy, `/v1/imports/${importId}/events`);
    sent.end();
    // No worker runs, so the stream does not end.
    const first = await new Promise<string>((resolve, reject) => {
      sent
        .on('error', reject)
        .on('response', (response) => response.once('data', (part: Buffer) => resolve(part.toString())));
    });
    expect(first).toContain('event:');
    sent.destroy();
    const began = performance.now();
    const id = await enqueue(sluice.database.pool, 'add', { a: 1, b: 2 });
    expect(JSON.parse((await get(proxy, `/v1/tasks/${id}?wait=2`)).body)).toMatchObject({ status: 'queued' });
    expect(performance.now() - began).toBeGreaterThan(1500);
  });

  it('the log has the address of the client, which it cannot forge', async () => {
    const before = sluice.api.output().length;
    const refused = await get(proxy, '/v1/me', {
      authorization: 'Bearer sluice_wrong',
      'x-forwarded-for': FORGED,
    });
    expect(refused.status).toBe(401);
    expect(refused.headers['strict-transport-security']).toBe('max-age=31536000');
    const log = await waitFor(() => /.*refused.*/.exec(sluice.api.output().slice(before))?.[0], {
      what: 'the refused key in the log',
    });
    expect(log).toContain(CLIENT);
    expect(log).not.toContain(FORGED);
  });
});

describe.each(['nginx, below a path', 'HAProxy, below a path'])('through %s', (proxy) => {
  it('an import, its links, its events and the pages are there, and nothing beside the path', async () => {
    const names = headerOf(await readFile(join(REPOSITORY, 'datasets/customers.json'), 'utf8'));
    const sent = open(proxy, '/sluice/v1/imports?dataset=customers', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
    });
    const taken = answerOf(sent);
    sent.end(`${names}\n${names.replaceAll(/[^,]+/g, 'x')}\n`);
    const { status, headers, body } = await taken;
    expect(status, body).toBe(202);
    const { id, links } = JSON.parse(body) as { id: string; links: Record<string, string> };
    expect(headers['location']).toBe(`/sluice/v1/tasks/${id}`);
    expect((await get(proxy, String(headers['location']))).status).toBe(200);
    expect(JSON.parse((await get(proxy, links['errors']!)).body)).toMatchObject({ data: [] });
    const events = open(proxy, links['events']!);
    events.end();
    const first = await new Promise<string>((resolve, reject) => {
      events
        .on('error', reject)
        .on('response', (response) => response.once('data', (part: Buffer) => resolve(part.toString())));
    });
    events.destroy();
    expect(first).toContain(`"events":"${links['events']}"`);

    expect((await get(proxy, '/sluice/docs')).body).toContain('src="/sluice/docs/static/');
    expect((await get(proxy, '/sluice/docs/static/swagger-ui.css')).status).toBe(200);
    expect((await get(proxy, '/sluice/dashboard')).body).toContain('<base href="/sluice/dashboard/"');
    expect((await get(proxy, '/sluice/dashboard/api/queues')).status).toBe(200);
    // A slash within a key comes through as it was written.
    expect(JSON.parse((await get(proxy, '/sluice/v1/datasets/a%2Fb')).body)).toMatchObject({
      detail: expect.stringContaining('a/b') as unknown,
    });
    expect((await get(proxy, '/v1/me')).status).not.toBe(200);
  });
});

describe.each(['nginx, below a path', 'HAProxy, below a path'])('a client of tus, through %s', (proxy) => {
  it('is told where its upload is, and sends it in pieces', async () => {
    const file = Buffer.from(`name,age\n${'Ann,34\n'.repeat(10_000)}`);
    const url = await new Promise<string>((resolve, reject) => {
      const upload: tus.Upload = new tus.Upload(file, {
        endpoint: `https://127.0.0.1:${ports[proxy]}/sluice/v1/uploads/resumable`,
        chunkSize: 30_000,
        headers: { authorization: `Bearer ${sluice.key}` },
        httpStack: new tus.DefaultHttpStack({ ca: certificate, servername: 'sluice.example.com' }),
        onError: reject,
        onSuccess: () => resolve(upload.url!),
      });
      upload.start();
    });
    const { pathname } = new URL(url);
    expect(pathname).toMatch(/^\/sluice\/v1\/uploads\/resumable\//);
    const shown = await get(proxy, pathname.replace('resumable/', ''));
    expect(JSON.parse(shown.body)).toMatchObject({ bytes: file.length, header: ['name', 'age'] });
  });
});

describe.skipIf(!existsSync(CHROMIUM))('in a browser (skipped without chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  });
  afterAll(() => browser.close());

  /** What the page has asked for beside the path, and what it complains of. */
  function watch(page: Page): string[] {
    const found: string[] = [];
    page.on('request', (request) => {
      const { pathname, protocol } = new URL(request.url());
      if (protocol === 'https:' && !pathname.startsWith('/sluice/')) found.push(request.url());
    });
    page.on('console', (message) => {
      const place = message.location().url;
      // Of a page that is no HTML, the browser asks the host for an icon.
      if (message.type() === 'error' && !place.endsWith(':' + new URL(page.url()).port + '/favicon.ico'))
        found.push(`${message.text()} (${place})`);
    });
    page.on('pageerror', (error) => found.push(String(error)));
    return found;
  }

  it.each(['nginx, below a path', 'HAProxy, below a path'])(
    'through %s: the dashboard and its jobs, the docs and a request that is tried out',
    async (proxy) => {
      const origin = `https://127.0.0.1:${ports[proxy]}`;
      const context = await browser.newContext({
        httpCredentials: { username: 'me', password: sluice.key },
        ignoreHTTPSErrors: true,
      });
      const page = await context.newPage();
      const found = watch(page);
      await page.goto(`${origin}/sluice/dashboard`);
      // By the links of the page itself, which are made in the browser.
      await page.locator('main a', { hasText: 'imports' }).first().click();
      const link = page.locator('a[href*="/dashboard/tasks/"]', { hasText: 'Task' }).first();
      await link.waitFor();
      expect(new URL(page.url()).pathname).toBe('/sluice/dashboard/queue/imports');
      await page.reload();
      await link.waitFor();
      await page.goto(new URL((await link.getAttribute('href'))!, origin).href);
      expect(await page.locator('body').innerText()).toContain('"queued"');

      await page.goto(`${origin}/sluice/docs`);
      await page.locator('.authorize').first().click();
      await page.locator('.auth-container input').fill(sluice.key);
      await page.locator('.auth-btn-wrapper button.authorize').click();
      await page.locator('.auth-btn-wrapper .btn-done').click();
      await page.locator('#operations-tag-access').click();
      const operation = page.locator('#operations-access-getMe');
      await operation.locator('.opblock-summary-control').first().click();
      await operation.locator('.try-out__btn').click();
      await operation.locator('button.execute').click();
      const status = operation.locator('.live-responses-table tbody .response-col_status').first();
      expect(await status.innerText()).toBe('200');
      expect(await operation.locator('.request-url').innerText()).toContain('/sluice/v1/me');
      expect(found).toEqual([]);
      await context.close();
    },
  );
});

function headerOf(dataset: string): string {
  const { schema } = JSON.parse(dataset) as { schema: { fields: { name: string }[] } };
  return schema.fields.map(({ name }) => name).join(',');
}

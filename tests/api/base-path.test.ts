// SLUICE_BASE_PATH: below a path of a host, whether the proxy keeps the path or takes it off.
import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openClient } from '../../src/cli/client/client.ts';
import { sendInPieces } from '../../src/cli/client/send-in-pieces.ts';
import type { TestApi } from '../support/api.ts';
import { addDataset, listeningApi, PEOPLE, portOf } from '../support/uploads.ts';
import { temporaryFolder } from '../support/temp-folder.ts';

const BASE = '/tools/sluice';

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi({ env: { SLUICE_BASE_PATH: `${BASE}/` } });
  await addDataset(api.database.pool, PEOPLE);
});
afterAll(() => api.close());

describe.each([
  ['kept by the proxy', BASE],
  ['taken off by the proxy', ''],
])('the path, %s', (_, path) => {
  it('is in Location and in the links of an import, which lead somewhere', async () => {
    const taken = await fetch(`http://127.0.0.1:${portOf(api)}${path}/v1/imports?dataset=people`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', authorization: `Bearer ${api.adminKey}` },
      body: 'name,age\nAda,36\n',
    });
    expect(taken.status).toBe(202);
    const imp = (await taken.json()) as { id: string; links: Record<string, string> };
    expect(taken.headers.get('location')).toBe(`${BASE}/v1/tasks/${imp.id}`);
    expect((await api.call({ url: `${path}/v1/tasks/${imp.id}` })).statusCode).toBe(200);
    const shown = (await api.call({ url: `${path}/v1/imports/${imp.id}` })).json<typeof imp>();
    const listed = (await api.call({ url: `${path}/v1/imports` })).json<{ data: (typeof imp)[] }>().data[0]!;
    for (const { links } of [imp, shown, listed]) {
      expect(links['errors']).toBe(`${BASE}/v1/imports/${imp.id}/errors`);
      expect(Object.values(links).every((link) => link.startsWith(`${BASE}/v1/`))).toBe(true);
    }
    expect((await api.call({ url: imp.links['errors']!.slice(BASE.length - path.length) })).statusCode).toBe(
      200,
    );
  });

  it('is in what the pages load, and in where they send requests', async () => {
    const document = (await api.call({ url: `${path}/openapi.json` })).json<{ servers: { url: string }[] }>();
    expect(document.servers[0]!.url).toBe(BASE);
    for (const page of ['/docs', '/docs/', '/dashboard']) {
      const answer = await api.call({ url: `${path}${page}` });
      expect(answer.statusCode).toBe(200);
      const root = new URL(
        /<base href="([^"]+)"/.exec(answer.body)?.[1] ?? `${BASE}${page}`,
        'http://proxy.example',
      );
      const assets = [...answer.body.matchAll(/(?:src|href)="([^"]+\.(?:js|css|png|svg|ico))"/g)].map(
        ([, asset]) => new URL(asset!, root).pathname,
      );
      expect(assets.length).toBeGreaterThan(3);
      for (const asset of assets) {
        expect(asset.startsWith(`${BASE}/`)).toBe(true);
        const loaded = await api.call({ url: asset.slice(BASE.length - path.length) });
        expect(`${asset} ${loaded.statusCode}`).toBe(`${asset} 200`);
      }
    }
    expect((await api.call({ url: `${path}/docs/static/index.html` })).headers.location).toBe(
      `${BASE}/docs/`,
    );
  });

  it('is in what a 404 and a 405 say', async () => {
    expect((await api.call({ url: `${path}/v1/nothing` })).json()).toMatchObject({
      type: 'about:blank',
      detail: `There is nothing at ${BASE}/v1/nothing.`,
    });
    expect((await api.call({ method: 'PUT', url: `${path}/v1/imports` })).json()).toMatchObject({
      detail: `${BASE}/v1/imports takes GET, HEAD, POST, not PUT.`,
    });
  });

  it('is in the events of an import', async () => {
    const { data } = (await api.call({ url: `${path}/v1/imports?limit=1` })).json<{
      data: { id: string }[];
    }>();
    const first = await new Promise<string>((resolve, reject) => {
      const sent = request(
        {
          port: portOf(api),
          path: `${path}/v1/imports/${data[0]!.id}/events`,
          headers: { authorization: `Bearer ${api.adminKey}` },
        },
        (response) => {
          response.once('data', (part: Buffer) => {
            resolve(part.toString());
            sent.destroy();
          });
        },
      );
      sent.on('error', reject).end();
    });
    expect(first).toContain(`"${BASE}/v1/imports/${data[0]!.id}/events"`);
  });

  it('is where the command sends a file in pieces', async () => {
    const file = join(temporaryFolder(), 'people.csv');
    await writeFile(file, 'name,age\nAda,36\n');
    const url = `http://127.0.0.1:${portOf(api)}${path}/`;
    const client = openClient({ url, apiKey: api.adminKey, adminKey: undefined, home: '/nowhere' });
    const id = await sendInPieces(client, file, await openAsBlob(file), 'people');
    expect((await api.call({ url: `/v1/uploads/${id!}` })).json()).toMatchObject({ fileName: 'people.csv' });
  });
});

it('is taken off once, as a whole, and from an address in absolute form', async () => {
  const status = async (url: string): Promise<number> => (await api.call({ url })).statusCode;
  expect(await status(`${BASE}${BASE}/v1/me`)).toBe(404);
  expect(await status(`${BASE}v1/me`)).toBe(404);
  expect(await status('/healthz')).toBe(200);
  const absolute = await new Promise<string>((resolve, reject) => {
    request({ port: portOf(api), path: `http://proxy.example${BASE}/healthz?a=/b` }, (response) =>
      resolve(text(response)),
    )
      .on('error', reject)
      .end();
  });
  expect(JSON.parse(absolute)).toMatchObject({ status: 'ok' });
});

// POST /v1/imports and the connection: answers that come before the body is sent, and what a body costs.
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, type TestApi } from '../../support/api.ts';
import {
  BOUNDARY,
  FORM,
  listeningApi,
  openSocket,
  portOf,
  rawRequest,
  upload,
} from '../../support/uploads.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';
import { waitFor } from '../../support/wait-for.ts';

const MIB = 1024 * 1024;
const BAD_HEADER = Buffer.from('nmae,note\n');
const GOOD_HEADER = Buffer.from('name,note\n');
const ROWS = Buffer.from('x,y\n'.repeat(MIB / 4));
const FORM_START = Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n`,
);

const hasCurl = spawnSync('curl', ['--version']).status === 0;

let api: TestApi;

beforeAll(async () => {
  // So that a question is asked at once, and not when the whole file is kept.
  api = await listeningApi({ env: { SLUICE_KEPT_UPLOADS: '0' } });
});
afterAll(() => api.close());

/** A body of so many MiB of rows, made as it is asked for. */
function body(head: Buffer, mib: number, onPiece = (): void => undefined): Readable {
  function* pieces(): Generator<Buffer> {
    yield head;
    for (let sent = 0; sent < mib; sent++) {
      onPiece();
      yield ROWS;
    }
  }
  return Readable.from(pieces(), { objectMode: false });
}

describe('an answer before the body is sent is received', () => {
  const types = { 'content-type': 'text/csv' };
  interface Early {
    readonly headers: Record<string, string>;
    readonly query: string;
    readonly head: Buffer;
    readonly key?: string;
  }
  const cases: [string, Early, number, string][] = [
    ['422, raw', { headers: types, query: '?dataset=people', head: BAD_HEADER }, 422, 'HEADER_MISMATCH'],
    [
      '422, in a form',
      { headers: FORM, query: '?dataset=people', head: Buffer.concat([FORM_START, BAD_HEADER]) },
      422,
      'HEADER_MISMATCH',
    ],
    ['404, raw', { headers: types, query: '?dataset=none', head: GOOD_HEADER }, 404, 'DATASET_NOT_FOUND'],
    [
      '404, in a form',
      { headers: FORM, query: '?dataset=none', head: Buffer.concat([FORM_START, GOOD_HEADER]) },
      404,
      'DATASET_NOT_FOUND',
    ],
    [
      '415',
      {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        query: '?dataset=people',
        head: GOOD_HEADER,
      },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      '401',
      { headers: types, query: '?dataset=people', head: GOOD_HEADER, key: 'wrong' },
      401,
      'UNAUTHENTICATED',
    ],
  ];

  it.each(cases)('%s, by node:http while it is sending', async (_name, { head, ...sent }, status, code) => {
    const answer = await upload(api, { ...sent, headers: { ...sent.headers }, body: body(head, 50) });
    expect([answer.status, answer.json().code]).toEqual([status, code]);
  });

  it.each(cases.filter(([, , status]) => status !== 401))(
    '%s, by a client that sends all its 50 MB, and then reads',
    async (_name, { head, headers, query, key }, status, code) => {
      const socket = (await openSocket(api)).pause();
      const length = String(head.length + 50 * MIB);
      const more = key === undefined ? {} : bearer(key);
      socket.write(
        rawRequest(api, { ...headers, ...more, connection: 'close', 'content-length': length }, query),
      );
      for await (const piece of body(head, 50)) if (!socket.write(piece)) await once(socket, 'drain');
      const [answer] = (await once(socket.resume(), 'data')) as [Buffer];
      expect(answer.toString()).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*${code}`));
      socket.destroy();
    },
  );

  it.skipIf(!hasCurl).each([
    ['Content-Type: text/csv', 'Expect:'],
    ['Content-Type: text/csv', 'Expect: 100-continue'],
    ['Content-Type: application/x-www-form-urlencoded', 'Expect:'],
  ])('by curl, with %s and %s', async (type, expecting) => {
    const file = join(temporaryFolder(), 'large.csv');
    await writeFile(file, Buffer.concat([BAD_HEADER, ...Array.from({ length: 50 }, () => ROWS)]));
    const url = `http://127.0.0.1:${portOf(api)}/v1/imports?dataset=people`;
    const auth = `Authorization: Bearer ${api.adminKey}`;
    const curl = await promisify(execFile)('curl', [
      '-sS',
      '-H',
      auth,
      '-H',
      type,
      '-H',
      expecting,
      '--data-binary',
      `@${file}`,
      '-w',
      '\n%{http_code}',
      url,
    ]);
    expect(curl.stderr).toBe('');
    expect(curl.stdout).toMatch(
      type.includes('csv') ? /HEADER_MISMATCH[^]*\n422$/ : /UNSUPPORTED_MEDIA_TYPE[^]*\n415$/,
    );
  });

  it('and the connection takes the next request when the body has come', async () => {
    const socket = await openSocket(api);
    const answers = createInterface({ input: socket });
    const statuses: string[] = [];
    answers.on('line', (line) => statuses.push(...(/HTTP\/1\.1 (\d+)/.exec(line)?.slice(1) ?? [])));
    socket.write(rawRequest(api, { ...types, 'content-length': String(BAD_HEADER.length + 2 * MIB) }));
    socket.write(Buffer.concat([BAD_HEADER, ROWS]));
    await waitFor(() => statuses.length === 1, { what: 'the first answer' });
    socket.write(ROWS);
    socket.write(rawRequest(api, { ...types, 'content-length': String(GOOD_HEADER.length + MIB) }));
    socket.write(Buffer.concat([GOOD_HEADER, ROWS]));
    await waitFor(() => statuses.length === 2, { what: 'the second answer' });
    expect(statuses).toEqual(['422', '202']);
    socket.destroy();
  });
});

describe('who may send', () => {
  const headers = { 'content-type': 'text/csv', 'content-length': '1000000' };

  it.each([
    ['no key', { authorization: '' }, /^HTTP\/1\.1 401 [^]*UNAUTHENTICATED/],
    ['a key that is none', { authorization: 'Bearer slc_none' }, /^HTTP\/1\.1 401 [^]*UNAUTHENTICATED/],
  ])('%s: refused before a byte of the body is sent', async (_name, key, problem) => {
    const socket = await openSocket(api);
    socket.write(rawRequest(api, { ...headers, ...key }));
    expect(String(await once(socket, 'data'))).toMatch(problem);
    socket.destroy();
  });

  it('a viewer may not: the answer names the role that may', async () => {
    const answer = await upload(api, {
      query: '?dataset=people',
      body: 'name\nx\n',
      key: await api.keyOf('viewer'),
    });
    expect(answer.status).toBe(403);
    expect(answer.json()).toMatchObject({
      code: 'FORBIDDEN',
      neededRole: 'operator',
      detail: expect.stringMatching(/operator.*viewer/),
    });
  });

  it('an operator may', async () => {
    const answer = await upload(api, {
      query: '?dataset=people',
      body: 'name\nx\n',
      key: await api.keyOf('operator'),
    });
    expect([answer.status, answer.json().createdBy]).toEqual([
      202,
      expect.objectContaining({ name: 'operator' }),
    ]);
  });
});

it('a body of 100 MB costs no memory', async () => {
  const before = process.memoryUsage().rss;
  let most = 0;
  const stream = body(GOOD_HEADER, 100, () => (most = Math.max(most, process.memoryUsage().rss)));
  const answer = await upload(api, { query: '?dataset=people', body: stream });
  expect([answer.status, answer.json().bytes]).toEqual([202, GOOD_HEADER.length + 100 * MIB]);
  expect((most - before) / MIB).toBeLessThan(60);
});

it('many broken uploads at once leave the server well', async () => {
  await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      const socket = await openSocket(api);
      socket.write(
        Buffer.concat([
          Buffer.from(rawRequest(api, { 'content-type': 'text/csv', 'content-length': '999999' })),
          at % 2 ? GOOD_HEADER : BAD_HEADER,
        ]),
      );
      socket.destroySoon();
      await once(socket.resume(), 'close');
    }),
  );
  const answer = await upload(api, { query: '?dataset=people', body: 'name\nx\n' });
  expect(answer.status).toBe(202);
});

describe('a connection on which nothing moves', () => {
  it('is kept while a file that has come is being taken, and limited again for the next request', async () => {
    const { server } = api.app;
    const { timeout } = server;
    server.setTimeout(300);
    const holder = await api.database.pool.connect();
    try {
      await holder.query('BEGIN; LOCK TABLE sluice.imports IN SHARE MODE');
      const answer = upload(api, { query: '?dataset=people', body: 'name\nAda\n' });
      answer.catch(() => undefined);
      await waitFor(
        async () =>
          (
            await api.database.pool.query(
              `SELECT FROM pg_locks WHERE NOT granted AND relation = 'sluice.imports'::regclass`,
            )
          ).rowCount,
        { what: 'the import to be recorded' },
      );
      await sleep(900);
      await holder.query('COMMIT');
      expect((await answer).status).toBe(202);

      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const send = request({
        port: portOf(api),
        agent,
        method: 'POST',
        path: '/v1/imports?dataset=people',
        headers: { ...bearer(api.adminKey), 'content-type': 'text/csv' },
      });
      send.end('name\nBob\n');
      const [first] = (await once(send, 'response')) as [IncomingMessage];
      await first.resume().toArray();
      const stuck = request({
        port: portOf(api),
        agent,
        method: 'POST',
        path: '/v1/imports?dataset=people',
        headers: { ...bearer(api.adminKey), 'content-type': 'text/csv' },
      });
      stuck.write('name\n');
      await expect(once(stuck, 'response')).rejects.toThrow('socket hang up');
      expect(stuck.reusedSocket).toBe(true);
      agent.destroy();
    } finally {
      holder.release();
      server.setTimeout(timeout);
    }
  });
});

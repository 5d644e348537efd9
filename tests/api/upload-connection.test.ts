// POST /v1/imports and the connection: answers that come before the body is sent, and what a body costs.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, type TestApi } from '../support/api.ts';
import { BOUNDARY, FORM, kept, listeningApi, openSocket, portOf, rawRequest, upload } from '../support/uploads.ts';
import { temporaryFolder } from '../support/temp-folder.ts';

const MIB = 1024 * 1024;
const BAD_HEADER = Buffer.from('nmae,note\n');
const GOOD_HEADER = Buffer.from('name,note\n');
const ROWS = Buffer.from('x,y\n'.repeat(MIB / 4));
const FORM_START = Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n`);

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi();
});
afterAll(() => api.close());

/** A body of so many MiB of rows; counts what has been asked for. */
function body(head: Buffer, mib: number): { stream: Readable; sentMib: () => number } {
  let sent = 0;
  function* pieces(): Generator<Buffer> {
    yield head;
    for (; sent < mib; sent++) yield ROWS;
  }
  return { stream: Readable.from(pieces(), { objectMode: false }), sentMib: () => sent };
}

describe('an answer before the body is sent is received', () => {
  const types = { 'content-type': 'text/csv' };
  const cases = [
    ['422, raw', { headers: types, query: '?dataset=people', head: BAD_HEADER }, 422, 'HEADER_MISMATCH'],
    ['422, in a form', { headers: FORM, query: '?dataset=people', head: Buffer.concat([FORM_START, BAD_HEADER]) }, 422, 'HEADER_MISMATCH'],
    ['404, raw', { headers: types, query: '?dataset=none', head: GOOD_HEADER }, 404, 'DATASET_NOT_FOUND'],
    ['404, in a form', { headers: FORM, query: '?dataset=none', head: Buffer.concat([FORM_START, GOOD_HEADER]) }, 404, 'DATASET_NOT_FOUND'],
    ['415', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, query: '?dataset=people', head: GOOD_HEADER }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['401', { headers: types, query: '?dataset=people', head: GOOD_HEADER, key: 'wrong' }, 401, 'UNAUTHENTICATED'],
  ] as const;

  it.each(cases)('%s, by a client that sends 50 MB first and reads then', async (_name, { head, ...sent }, status, code) => {
    const { stream, sentMib } = body(head, 50);
    const outgoing = httpRequest({
      port: portOf(api),
      host: '127.0.0.1',
      method: 'POST',
      path: `/v1/imports${sent.query}`,
      agent: new Agent({ keepAlive: true }),
      headers: { ...bearer('key' in sent ? sent.key : api.adminKey), ...sent.headers, 'content-length': String(head.length + 50 * MIB) },
    });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    const written = once(outgoing, 'finish');
    stream.pipe(outgoing);
    await written;
    expect(sentMib()).toBe(50);
    const [answer] = await answered;
    expect(answer.statusCode).toBe(status);
    expect((await Readable.from(answer).toArray()).join('')).toContain(code);
    expect(await kept(api)).toEqual([]);
  });

  it.each(['Content-Type: text/csv', 'Content-Type: application/x-www-form-urlencoded'])('by curl, with %s', async (type) => {
    const file = join(temporaryFolder(), 'large.csv');
    await writeFile(file, Buffer.concat([BAD_HEADER, ...Array.from({ length: 50 }, () => ROWS)]));
    const url = `http://127.0.0.1:${portOf(api)}/v1/imports?dataset=people`;
    const auth = `Authorization: Bearer ${api.adminKey}`;
    const curl = await promisify(execFile)('curl', ['-sS', '-H', auth, '-H', type, '-H', 'Expect:', '--data-binary', `@${file}`, '-w', '\n%{http_code}', url]);
    expect(curl.stderr).toBe('');
    expect(curl.stdout).toMatch(type.includes('csv') ? /HEADER_MISMATCH[^]*\n422$/ : /UNSUPPORTED_MEDIA_TYPE[^]*\n415$/);
  });

  it('and the connection takes the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const options = { port: portOf(api), host: '127.0.0.1', agent, headers: { ...bearer(api.adminKey), ...types } };
    const first = httpRequest({ ...options, method: 'POST', path: '/v1/imports?dataset=people' });
    body(BAD_HEADER, 5).stream.pipe(first);
    const [refusal] = (await once(first, 'response')) as [IncomingMessage];
    expect(refusal.statusCode).toBe(422);
    await once(refusal.resume(), 'end');
    const second = httpRequest({ ...options, path: '/v1/me' }).end();
    const [answer] = (await once(second, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    agent.destroy();
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
    const answer = await upload(api, { query: '?dataset=people', body: 'name\nx\n', key: await api.keyOf('viewer') });
    expect(answer.status).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'FORBIDDEN', neededRole: 'operator', detail: expect.stringMatching(/operator.*viewer/) });
  });

  it('an operator may', async () => {
    const answer = await upload(api, { query: '?dataset=people', body: 'name\nx\n', key: await api.keyOf('operator') });
    expect([answer.status, answer.json().createdBy]).toEqual([202, expect.objectContaining({ name: 'operator' })]);
  });
});

it('a body of 300 MB costs no memory', async () => {
  const before = process.memoryUsage().rss;
  let most = 0;
  const { stream } = body(GOOD_HEADER, 300);
  stream.on('data', () => (most = Math.max(most, process.memoryUsage().rss)));
  const answer = await upload(api, { query: '?dataset=people', body: stream });
  expect([answer.status, answer.json().bytes]).toEqual([202, GOOD_HEADER.length + 300 * MIB]);
  expect((most - before) / MIB).toBeLessThan(150);
});

it('many broken uploads at once leave the server well', async () => {
  await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      const socket = await openSocket(api);
      socket.write(Buffer.concat([Buffer.from(rawRequest(api, { 'content-type': 'text/csv', 'content-length': '999999' })), at % 2 ? GOOD_HEADER : BAD_HEADER]));
      socket.destroySoon();
      await once(socket.resume(), 'close');
    }),
  );
  const answer = await upload(api, { query: '?dataset=people', body: 'name\nx\n' });
  expect(answer.status).toBe(202);
});

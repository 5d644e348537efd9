import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi, type TestApi } from '../support/api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createApi();
  await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => api.close());

/** Sends bytes as they are and reads until the server closes. */
async function raw(text: string): Promise<string> {
  const socket = connect((api.app.server.address() as AddressInfo).port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
  socket.end(text);
  await once(socket, 'close');
  return answer;
}

describe('every failure is a problem document', () => {
  const cases = [
    ['an unknown path', { method: 'GET', url: '/v1/nothing' }, 404, 'NOT_FOUND'],
    ['an unknown id', { method: 'GET', url: '/v1/datasets/nothing' }, 404, 'DATASET_NOT_FOUND'],
    ['another method', { method: 'PUT', url: '/v1/users' }, 405, 'METHOD_NOT_ALLOWED'],
    ['another method below', { method: 'POST', url: '/v1/users/x' }, 405, 'METHOD_NOT_ALLOWED'],
    [
      'a body that is no JSON',
      { method: 'POST', url: '/v1/users', payload: '{', headers: { 'content-type': 'application/json' } },
      400,
      'INVALID_REQUEST',
    ],
    [
      'a body of another type',
      { method: 'POST', url: '/v1/users', payload: 'a', headers: { 'content-type': 'text/plain' } },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['no body', { method: 'POST', url: '/v1/users' }, 400, 'INVALID_REQUEST'],
    [
      'no body, but its type',
      { method: 'POST', url: '/v1/users', payload: '', headers: { 'content-type': 'application/json' } },
      400,
      'INVALID_REQUEST',
    ],
    [
      'a body that is too large',
      { method: 'POST', url: '/v1/users', payload: { name: 'x'.repeat(1024 * 1024) } },
      413,
      'UPLOAD_TOO_LARGE',
    ],
    ['a path that is no path', { method: 'GET', url: '/v1/datasets/%zz' }, 400, 'INVALID_REQUEST'],
    [
      'a path that is too long',
      { method: 'GET', url: `/v1/datasets/${'x'.repeat(201)}` },
      414,
      'INVALID_REQUEST',
    ],
    [
      'a NUL where text goes to Postgres',
      { method: 'GET', url: '/v1/datasets/a%00b' },
      400,
      'INVALID_REQUEST',
    ],
  ] as const;

  it.each(cases)('%s', async (_name, request, status, code) => {
    const answer = await api.call(request);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const problem = answer.json<Record<string, unknown>>();
    expect(problem).toMatchObject({ type: 'about:blank', status, code });
    expect(problem.title).toBeTypeOf('string');
    expect(problem.detail).toMatch(/[.]$/);
    expect(problem.requestId).toBe(answer.headers['x-request-id']);
  });

  it('also for what is no HTTP', async () => {
    expect(await raw('hello\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*INVALID_REQUEST/,
    );
  });

  it('also for headers that are too large', async () => {
    const answer = await raw(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(64 * 1024)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 [\s\S]*application\/problem\+json/);
  });
});

it('a body with thousands of faults is told the first of them, by name', async () => {
  const fault = (at: number): string => (36 ** 3 + at).toString(36);
  const payload = Object.fromEntries(Array.from({ length: 7000 }, (_, at) => [fault(at), 0]));
  const user = { name: 'Ken', email: 'ken@example.com', role: 'viewer' };
  const answer = await api.call({ method: 'POST', url: '/v1/users', payload: { ...user, ...payload } });
  expect(answer.statusCode).toBe(400);
  expect(answer.body.length).toBeLessThan(5000);
  const { detail, errors } = answer.json<{ detail: string; errors: unknown[] }>();
  expect(detail).toContain(`${fault(0)} is not known here; ${fault(1)} is not known here`);
  expect(errors.length).toBeGreaterThan(5);
  expect(errors.length).toBeLessThanOrEqual(20);
});

it('a body that is read whole is no larger than is needed', async () => {
  const payload = { name: 'x'.repeat(70_000), email: 'ken@example.com', role: 'viewer' };
  const answer = await api.call({ method: 'POST', url: '/v1/users', payload });
  expect(answer.statusCode).toBe(413);
});

it('a wrong method is told which ones there are', async () => {
  const answer = await api.call({ method: 'PUT', url: '/v1/users/0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10' });
  expect(answer.headers.allow).toBe('DELETE, GET, HEAD, PATCH');
});

it('every answer has an id of its own, that a client cannot choose', async () => {
  const answers = await Promise.all([
    api.call({ url: '/healthz', headers: { 'x-request-id': 'mine' } }),
    api.call({ url: '/healthz' }),
  ]);
  const ids = answers.map((answer) => answer.headers['x-request-id']);
  expect(new Set(ids).size).toBe(2);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
});

it('a bug is told as INTERNAL, without a word of what happened inside', async () => {
  await api.database.pool.query('ALTER TABLE sluice.users RENAME COLUMN created_by TO made_by');
  try {
    const answer = await api.call({ url: '/v1/users' });
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'INTERNAL', status: 500 });
    expect(answer.body).not.toMatch(/created_by|column|select|from/i);
  } finally {
    await api.database.pool.query('ALTER TABLE sluice.users RENAME COLUMN made_by TO created_by');
  }
});

it('pages and answers carry headers against being framed or guessed at', async () => {
  const answer = await api.call({ url: '/v1/me' });
  expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(answer.headers['x-content-type-options']).toBe('nosniff');
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
});

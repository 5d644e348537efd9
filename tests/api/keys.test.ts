import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, createApi, type TestApi } from '../support/api.ts';

interface Key {
  id: string;
  key?: string;
  prefix: string;
  revokedAt: string | null;
}

let api: TestApi;

beforeAll(async () => {
  api = await createApi();
});
afterAll(() => api.close());

const post = (payload: Record<string, unknown>) => api.call({ method: 'POST', url: '/v1/keys', payload });
const list = async () => (await api.call({ url: '/v1/keys?limit=200' })).json<{ data: Key[] }>().data;

describe('making a key', () => {
  it('tells its text once, and it works', async () => {
    const answer = await post({ name: 'nightly upload', expiresAt: '2999-01-31T09:00:00+09:00' });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    const made = answer.json<Key>();
    expect(made.key).toMatch(/^slk_[A-Za-z0-9_-]{43}$/);
    expect(made.prefix).toBe(made.key!.slice(0, 12));
    expect(made).toMatchObject({
      name: 'nightly upload',
      user: { name: 'admin', email: 'admin@localhost' },
      createdBy: { name: 'admin' },
      expiresAt: '2999-01-31T00:00:00.000Z',
      revokedAt: null,
      lastUsedAt: null,
    });
    expect((await api.app.inject({ url: '/v1/me', headers: bearer(made.key!) })).statusCode).toBe(200);
    const listed = (await list()).find((key) => key.id === made.id);
    expect(listed).toMatchObject({ id: made.id, prefix: made.prefix });
    expect(JSON.stringify(await list())).not.toContain(made.key);
  });

  it('for another user has that user’s role', async () => {
    const user = (
      await api.call({
        method: 'POST',
        url: '/v1/users',
        payload: { name: 'Ken', email: 'ken@example.com', role: 'operator' },
      })
    ).json<{ id: string }>();
    const { key } = (await post({ name: 'his', userId: user.id })).json<Key>();
    const me = await api.app.inject({ url: '/v1/me', headers: bearer(key!) });
    expect(me.json()).toMatchObject({ id: user.id, role: 'operator' });
  });

  it('refuses a time that is past, no time at all, and a user who is not there', async () => {
    const past = await post({ name: 'x', expiresAt: '2020-01-01T00:00:00Z' });
    expect(past.statusCode).toBe(400);
    expect(past.json()).toMatchObject({ errors: [{ pointer: '/expiresAt' }] });
    expect((await post({ name: 'x', expiresAt: 'tomorrow' })).statusCode).toBe(400);
    expect((await post({ name: 'x', userId: '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10' })).statusCode).toBe(404);
    expect((await post({})).statusCode).toBe(400);
    expect((await post({ name: 'x', expiresAt: null })).statusCode).toBe(201);
  });
});

describe('revoking a key', () => {
  it('keeps it in the list, and twice is the same as once', async () => {
    const { id } = (await post({ name: 'to be revoked' })).json<Key>();
    const revoke = () => api.call({ method: 'DELETE', url: `/v1/keys/${id}` });
    const find = async () => (await list()).find((key) => key.id === id)!;
    expect((await revoke()).statusCode).toBe(204);
    const first = (await find()).revokedAt;
    expect(first).not.toBeNull();
    expect((await revoke()).statusCode).toBe(204);
    expect((await find()).revokedAt).toBe(first);
  });

  it('answers 404 for a key that is not there', async () => {
    const answer = await api.call({ method: 'DELETE', url: '/v1/keys/0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10' });
    expect(answer.statusCode).toBe(404);
  });
});

it('the list comes in pages, newest first', async () => {
  const ids = (await list()).map((key) => key.id);
  const first = (await api.call({ url: '/v1/keys?limit=1' })).json<{ data: Key[]; nextCursor: string }>();
  const rest = (await api.call({ url: `/v1/keys?limit=200&cursor=${first.nextCursor}` })).json<{
    data: Key[];
    nextCursor: null;
  }>();
  expect([...first.data, ...rest.data].map((key) => key.id)).toEqual(ids);
  expect(rest.nextCursor).toBeNull();
  expect(ids).toEqual([...ids].sort().reverse());
});

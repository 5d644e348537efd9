import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeUser, removeUser } from '../../src/api/users/change-users.ts';
import { bearer, createApi, type TestApi } from '../support/api.ts';

interface User {
  id: string;
  email: string;
  role: string;
  createdBy: { id: string; name: string } | null;
}

let api: TestApi;
let addresses = 0;

beforeAll(async () => {
  api = await createApi();
});
afterAll(() => api.close());

const newUser = (change: Record<string, unknown> = {}) => ({
  name: 'Hanako 山田',
  email: `user${++addresses}@example.com`,
  role: 'viewer',
  ...change,
});
const post = (payload: Record<string, unknown>) => api.call({ method: 'POST', url: '/v1/users', payload });
const add = async (change: Record<string, unknown> = {}) => (await post(newUser(change))).json<User>();
const patch = (id: string, payload: Record<string, unknown>) =>
  api.call({ method: 'PATCH', url: `/v1/users/${id}`, payload });
const remove = (id: string) => api.call({ method: 'DELETE', url: `/v1/users/${id}` });
const me = async () => (await api.call({ url: '/v1/me' })).json<{ id: string; name: string }>();

describe('adding a user', () => {
  it('answers 201 with the user, its Location and who added it', async () => {
    const answer = await post(newUser());
    const { id, name } = await me();
    expect(answer.statusCode).toBe(201);
    const user = answer.json<User>();
    expect(answer.headers.location).toBe(`/v1/users/${user.id}`);
    expect(user).toMatchObject({ name: 'Hanako 山田', role: 'viewer', createdBy: { id, name } });
    expect(user.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect((await api.call({ url: `/v1/users/${user.id}` })).json()).toEqual(user);
  });

  it('refuses an e-mail address that is taken, whatever its case', async () => {
    const { email } = await add();
    const answer = await post(newUser({ email: email.toUpperCase() }));
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({
      code: 'CONFLICT',
      detail: expect.stringContaining(email.toUpperCase()),
    });
  });

  it('lets one of two win that add the same address at once', async () => {
    const user = newUser();
    const answers = await Promise.all([post(user), post(user), post(user)]);
    expect(answers.map((answer) => answer.statusCode).sort()).toEqual([201, 409, 409]);
  });

  it('says all that is wrong with the body', async () => {
    const answer = await post({ name: '', email: 'nobody', role: 'king', shoe: 42 });
    expect(answer.statusCode).toBe(400);
    const { errors } = answer.json<{ errors: { pointer: string; detail: string }[] }>();
    expect(errors).toEqual(
      expect.arrayContaining([
        { pointer: '/name', detail: 'name must have 1 character or more' },
        { pointer: '/email', detail: 'email must be an e-mail address' },
        { pointer: '/role', detail: 'role must be one of viewer, operator, admin' },
        { pointer: '/shoe', detail: 'shoe is not known here' },
      ]),
    );
  });

  it('refuses control characters in a name', async () => {
    expect((await post(newUser({ name: 'a\u0000b' }))).statusCode).toBe(400);
  });
});

describe('changing a user', () => {
  it('changes what is given and leaves the rest', async () => {
    const user = await add();
    const answer = await patch(user.id, { role: 'operator' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ ...user, role: 'operator' });
    expect((await patch(user.id, {})).json()).toEqual({ ...user, role: 'operator' });
  });

  it('refuses the address of another user', async () => {
    const [one, other] = [await add(), await add()];
    expect((await patch(one.id, { email: other.email })).statusCode).toBe(409);
    expect((await patch(one.id, { email: one.email.toUpperCase() })).statusCode).toBe(200);
  });

  it('answers 404 for a user who is not there, and 400 for what is no id', async () => {
    expect((await patch('0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10', { name: 'x' })).statusCode).toBe(404);
    expect((await patch('x', { name: 'x' })).statusCode).toBe(400);
  });
});

describe('the last admin', () => {
  it('can be neither demoted nor removed', async () => {
    const { id } = await me();
    for (const answer of [await patch(id, { role: 'viewer' }), await remove(id)]) {
      expect(answer.statusCode).toBe(409);
      expect(answer.json<{ detail: string }>().detail).toContain('last admin');
    }
    expect((await patch(id, { name: 'still admin' })).statusCode).toBe(200);
  });

  it('is left when all admins are taken away at once', async () => {
    const { db } = api.deps.database;
    const by = await me();
    const { id } = by;
    const others = await Promise.all([1, 2, 3].map(() => add({ role: 'admin' })));
    const ids = [id, ...others.map((user) => user.id)];
    const outcomes = await Promise.allSettled(
      ids.map((each, at) =>
        at === 1 ? removeUser(db, each, by) : changeUser(db, each, { role: 'viewer' }, by),
      ),
    );
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
    const { rows } = await api.database.pool.query("SELECT id FROM sluice.users WHERE role = 'admin'");
    expect(rows).toHaveLength(1);
    await api.database.pool.query("UPDATE sluice.users SET role = 'admin' WHERE id = $1", [id]);
  });
});

describe('removing a user', () => {
  it('takes the keys along, at once', async () => {
    const key = await api.keyOf('operator');
    const { id } = (await api.app.inject({ url: '/v1/me', headers: bearer(key) })).json<{ id: string }>();
    expect((await remove(id)).statusCode).toBe(204);
    expect((await api.app.inject({ url: '/v1/me', headers: bearer(key) })).statusCode).toBe(401);
    expect((await remove(id)).statusCode).toBe(404);
  });
});

describe('the list of users', () => {
  it('gives all, newest first, in pages', async () => {
    const added = [];
    for (let at = 0; at < 5; at++) added.push(await add());
    const seen: User[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { limit: '2', ...(cursor === null ? {} : { cursor }) };
      const page = (await api.call({ url: '/v1/users', query })).json<{
        data: User[];
        nextCursor: string | null;
      }>();
      expect(page.data.length).toBeLessThanOrEqual(2);
      seen.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    const ids = seen.map((user) => user.id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(added.map((user) => user.id)));
  });

  it('refuses a limit out of range and a parameter it does not know', async () => {
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'page=2'])
      expect(`${query} ${(await api.call({ url: `/v1/users?${query}` })).statusCode}`).toBe(`${query} 400`);
  });

  it('takes a limit in whole decimal digits only, and makes no other number of it', async () => {
    for (const limit of ['2.9', 'true', '0x2', '2e0', '', '%202', 'Infinity'])
      expect(
        `${limit} ${(await api.call({ url: `/v1/users?limit=${limit}` })).json<{ detail: string }>().detail}`,
      ).toBe(`${limit} The query is not valid: limit must be integer.`);
    const page = (await api.call({ url: '/v1/users?limit=02' })).json<{ data: unknown[] }>();
    expect(page.data).toHaveLength(2);
  });
});

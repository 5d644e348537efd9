import { randomBytes } from 'node:crypto';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiKeyText } from '../../src/core/access/api-key.ts';
import { ensureAdminKey } from '../../src/db/access/api-keys.ts';
import { bearer, createApi, type TestApi } from '../support/api.ts';
import { spawnSluice } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createApi();
});
afterAll(() => api.close());

async function makeKey(payload: Record<string, unknown> = {}): Promise<{ id: string; key: string }> {
  const answer = await api.call({ method: 'POST', url: '/v1/keys', payload: { name: 'a test', ...payload } });
  return answer.json();
}

async function whoIs(headers: Record<string, string>) {
  return api.app.inject({ url: '/v1/me', headers });
}

describe('a key', () => {
  it('tells who sends it', async () => {
    const answer = await api.call({ url: '/v1/me' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ name: 'admin', email: 'admin@localhost', role: 'admin' });
  });

  it('that is missing, malformed, unknown, expired or revoked gets one and the same 401', async () => {
    const revoked = await makeKey();
    expect((await api.call({ method: 'DELETE', url: `/v1/keys/${revoked.id}` })).statusCode).toBe(204);
    const expired = await makeKey({ expiresAt: '2999-01-01T00:00:00Z' });
    await api.database.pool.query('UPDATE sluice.api_keys SET expires_at = now() WHERE id = $1', [
      expired.id,
    ]);

    const headers: Record<string, string>[] = [
      {},
      { authorization: 'Bearer' },
      { authorization: api.adminKey },
      { authorization: `Basic ${Buffer.from(`x:${api.adminKey}`).toString('base64')}` },
      bearer(apiKeyText(randomBytes(32))),
      bearer(`${api.adminKey}x`),
      bearer(expired.key),
      bearer(revoked.key),
    ];
    const answers = await Promise.all(headers.map(whoIs));
    const bodies = answers.map((answer) => ({ ...answer.json<Record<string, unknown>>(), requestId: '' }));
    expect(answers.map((answer) => answer.statusCode)).toEqual(headers.map(() => 401));
    expect(answers.map((answer) => answer.headers['www-authenticate'])).toEqual(headers.map(() => 'Bearer'));
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(bodies[0]).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
  });

  it('stops working at once where it was revoked, though it was in use the moment before', async () => {
    const { id, key } = await makeKey();
    expect((await whoIs(bearer(key))).statusCode).toBe(200);
    await api.call({ method: 'DELETE', url: `/v1/keys/${id}` });
    expect((await whoIs(bearer(key))).statusCode).toBe(401);
  });

  it('revoked behind the API’s back stops working within moments', async () => {
    const { id, key } = await makeKey();
    expect((await whoIs(bearer(key))).statusCode).toBe(200);
    await api.database.pool.query('UPDATE sluice.api_keys SET revoked_at = now() WHERE id = $1', [id]);
    await waitFor(async () => (await whoIs(bearer(key))).statusCode === 401, { what: 'a 401' });
  });

  it('is noted as used once a minute at most', async () => {
    const { id, key } = await makeKey();
    const lastUse = async () => {
      const { rows } = await api.database.pool.query<{ last_used_at: Date | null }>(
        'SELECT last_used_at FROM sluice.api_keys WHERE id = $1',
        [id],
      );
      return rows[0]!.last_used_at;
    };
    expect(await lastUse()).toBeNull();
    await whoIs(bearer(key));
    const first = await waitFor(lastUse, { what: 'the use to be noted' });
    // Past the second for which the API remembers keys, so that it looks at the row again.
    await api.call({ method: 'DELETE', url: '/v1/keys/00000000-0000-7000-8000-000000000000' });
    await whoIs(bearer(key));
    expect(await lastUse()).toEqual(first);
  });

  it('is kept as a hash: its text is nowhere in the database', async () => {
    const { key } = await makeKey();
    const { rows } = await api.database.pool.query<{ row: string }>(
      'SELECT k::text AS row FROM sluice.api_keys k',
    );
    expect(rows.some((each) => each.row.includes(key))).toBe(false);
    expect(rows.some((each) => each.row.includes(key.slice(0, 12)))).toBe(true);
  });
});

describe('a role', () => {
  it('that is too small gets 403 with the role that is needed', async () => {
    const answer = await api.call({ url: '/v1/users', headers: bearer(await api.keyOf('operator')) });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'FORBIDDEN', neededRole: 'admin' });
    expect(answer.json<{ detail: string }>().detail).toContain('admin');
  });

  it('is checked before the body is read', async () => {
    const headers = { ...bearer(await api.keyOf('viewer')), 'content-type': 'application/json' };
    const answer = await api.call({ method: 'POST', url: '/v1/users', headers, payload: '{ not json' });
    expect(answer.statusCode).toBe(403);
  });

  it('that changes holds for the next request', async () => {
    const key = await api.keyOf('viewer');
    const me = (await whoIs(bearer(key))).json<{ id: string }>();
    await api.call({ method: 'PATCH', url: `/v1/users/${me.id}`, payload: { role: 'operator' } });
    expect((await whoIs(bearer(key))).json()).toMatchObject({ role: 'operator' });
  });

  it('is declared by every route under /v1, and needed', async () => {
    const document = api.app.swagger() as { paths: Record<string, Record<string, unknown>> };
    const routes = Object.entries(document.paths)
      .filter(([path]) => path.startsWith('/v1/'))
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ path, method })));
    expect(routes.length).toBeGreaterThan(8);
    for (const { path, method } of routes) {
      const url = path.replaceAll(/\{\w+\}/g, '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10');
      const answer = await api.app.inject({ method: method.toUpperCase() as 'GET', url });
      expect(`${method} ${path} ${answer.statusCode}`).toBe(`${method} ${path} 401`);
    }
  });
});

describe('the admin key given from outside', () => {
  it('is added once, by however many processes at once', async () => {
    const key = `outside ${randomBytes(24).toString('hex')}`.replace(' ', '-');
    const added = await Promise.all(
      Array.from({ length: 8 }, () => ensureAdminKey(api.deps.database.db, key)),
    );
    expect(added.sort()).toEqual(['added', ...Array.from({ length: 7 }, () => 'known')]);
    expect((await whoIs(bearer(key))).json()).toMatchObject({ name: 'admin', role: 'admin' });
  });

  it('stays revoked when it was revoked', async () => {
    const key = `outside-${randomBytes(24).toString('hex')}`;
    await ensureAdminKey(api.deps.database.db, key);
    const { keyId } = (await whoIs(bearer(key))).json<{ keyId: string }>();
    await api.call({ method: 'DELETE', url: `/v1/keys/${keyId}` });
    expect(await ensureAdminKey(api.deps.database.db, key)).toBe('revoked');
    expect((await whoIs(bearer(key))).statusCode).toBe(401);
  });

  it('stays closed when an admin has removed its user, as do other keys from outside', async () => {
    const own = await createApi();
    try {
      const { db } = own.deps.database;
      const boss = await own.keyOf('admin');
      const asBoss = (request: InjectOptions) => own.call({ ...request, headers: bearer(boss) });
      const { id } = (await own.call({ url: '/v1/me' })).json<{ id: string }>();
      // Also under another address.
      await asBoss({ method: 'PATCH', url: `/v1/users/${id}`, payload: { email: 'first@example.com' } });
      expect((await asBoss({ method: 'DELETE', url: `/v1/users/${id}` })).statusCode).toBe(204);
      for (const key of [own.adminKey, `outside-${randomBytes(24).toString('hex')}`]) {
        expect(await ensureAdminKey(db, key)).toBe('user-removed');
        expect((await own.app.inject({ url: '/v1/me', headers: bearer(key) })).statusCode).toBe(401);
      }
      const users = (await asBoss({ url: '/v1/users' })).json<{ data: { email: string }[] }>();
      expect(users.data).toHaveLength(1);
    } finally {
      await own.close();
    }
  });

  it('makes no admin again of a user whom an admin has given another role', async () => {
    const own = await createApi();
    try {
      const boss = await own.keyOf('admin');
      const { id } = (await own.call({ url: '/v1/me' })).json<{ id: string }>();
      const url = `/v1/users/${id}`;
      await own.call({ method: 'PATCH', url, payload: { role: 'viewer' }, headers: bearer(boss) });
      expect(await ensureAdminKey(own.deps.database.db, randomBytes(24).toString('hex'))).toBe(
        'user-demoted',
      );
      expect((await own.call({ url, headers: bearer(boss) })).json()).toMatchObject({ role: 'viewer' });
    } finally {
      await own.close();
    }
  });

  it('says at the start why it opens nothing', async () => {
    const own = await createApi();
    try {
      const boss = await own.keyOf('admin');
      const { id } = (await own.call({ url: '/v1/me' })).json<{ id: string }>();
      await own.call({ method: 'DELETE', url: `/v1/users/${id}`, headers: bearer(boss) });
      const { databaseUrl, redisUrl, home } = own.deps.config;
      const api = spawnSluice(['api'], {
        env: {
          DATABASE_URL: databaseUrl,
          REDIS_URL: redisUrl,
          SLUICE_HOME: home,
          SLUICE_ADMIN_KEY: own.adminKey,
          SLUICE_LOG_LEVEL: 'info',
          PORT: '0',
        },
      });
      await api.says(/does not work: an admin has removed the user it was made for\. Make another key with/);
      await api.says(/listening on/);
      expect(api.output()).not.toContain(own.adminKey);
    } finally {
      await own.close();
    }
  });
});

describe('a rate limit', () => {
  it('stops one key and not the others', async () => {
    const limited = await createApi({ env: { SLUICE_RATE_LIMIT_PER_MINUTE: '5' } });
    try {
      const other = await limited.keyOf('viewer');
      const answers = [];
      for (let at = 0; at < 5; at++) answers.push(await limited.call({ url: '/v1/me' }));
      const last = answers.at(-1)!;
      expect(last.statusCode).toBe(429);
      expect(last.headers['content-type']).toContain('application/problem+json');
      expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
      expect(last.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
      expect((await limited.call({ url: '/v1/me', headers: bearer(other) })).statusCode).toBe(200);
    } finally {
      await limited.close();
    }
  });
});

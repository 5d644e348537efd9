import { afterAll, beforeAll, expect, it } from 'vitest';
import { bearer, createApi, type TestApi } from '../support/api.ts';
import { waitFor } from '../support/wait-for.ts';

let api: TestApi;
beforeAll(async () => (api = await createApi({ env: { SLUICE_ACTIVE_MINUTES: '5' } })));
afterAll(() => api.close());

const roles = async (): Promise<string[]> =>
  (await api.call({ url: '/v1/active-users' }))
    .json<{ data: { role: string }[] }>()
    .data.map(({ role }) => role)
    .toSorted();

it('who used the API is active until they sign out, and again with their next request', async () => {
  const key = bearer(await api.keyOf('viewer'));
  await waitFor(async () => (await roles()).join() === 'admin', { what: 'the admin to be active' });
  const ask = () => api.app.inject({ url: '/v1/me', headers: key });
  await ask();
  await waitFor(async () => (await roles()).join() === 'admin,viewer', { what: 'the viewer to be active' });
  const out = await api.app.inject({ method: 'POST', url: '/v1/me/sign-out', headers: key });
  expect(out.statusCode).toBe(204);
  expect(await roles()).toEqual(['admin']);
  await waitFor(
    async () => {
      expect((await ask()).statusCode).toBe(200);
      return (await roles()).join() === 'admin,viewer';
    },
    { what: 'the viewer to be active again' },
  );
});

it('who has not used it for long is not active, and whose key is revoked neither', async () => {
  const { pool } = api.database;
  await pool.query(
    "UPDATE sluice.api_keys SET last_used_at = now() - interval '6 minutes' WHERE user_id IN (SELECT id FROM sluice.users WHERE role = 'viewer')",
  );
  expect(await roles()).toEqual(['admin']);
});

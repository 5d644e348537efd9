// A Postgres that takes no writes, as a standby does after a fail-over, until there is one that does.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestApi } from '../support/api.ts';
import { listeningApi, upload } from '../support/uploads.ts';
import { waitFor } from '../support/wait-for.ts';

let api: TestApi;
beforeAll(async () => {
  api = await listeningApi();
});
afterAll(() => api.close());

/** For sessions that begin from now on; those of the API are ended. */
async function setReadOnly(isOn: boolean): Promise<void> {
  const name = new URL(api.database.url).pathname.slice(1);
  await api.database.pool.query(
    `BEGIN READ WRITE; ALTER DATABASE ${name} SET default_transaction_read_only = ${isOn ? 'on' : 'off'}; COMMIT`,
  );
  await api.database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'sluice %'`,
  );
}

it('an upload is answered 503 with Retry-After, and taken when there is one that does', async () => {
  await setReadOnly(true);
  const send = () => upload(api, { query: '?dataset=people', body: 'name\na\n' });
  const answer = await waitFor(async () => [await send()].find(({ status }) => status === 503), {
    what: 'the answer of a Postgres that takes no writes',
  });
  expect(answer.json()).toMatchObject({ code: 'UNAVAILABLE', status: 503 });
  expect(answer.headers['retry-after']).toBeDefined();
  await setReadOnly(false);
  await waitFor(async () => (await send()).status === 202, { what: 'an upload to be taken' });
});

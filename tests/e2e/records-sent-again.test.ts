// A client whose API is killed in the midst of its request sends it again with its Idempotency-Key.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { todos } from '../api/records/datasets.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait-for.ts';

let sluice: Sluice;
beforeAll(async () => {
  sluice = await startSluice({ datasets: [todos] });
});
afterAll(() => sluice.stop());

it('and the record is created once', async () => {
  const { pool } = sluice.database;
  await pool.query(`
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE INSERT ON todos FOR EACH ROW EXECUTE FUNCTION slow()`);
  const send = (url: string) =>
    fetch(`${url}/v1/datasets/todos/records`, {
      method: 'POST',
      body: '{"title":"milk"}',
      headers: {
        authorization: `Bearer ${sluice.key}`,
        'content-type': 'application/json',
        'idempotency-key': 'milk',
      },
    });
  const cut = send(sluice.url).catch((error: unknown) => error);
  await waitFor(
    async () =>
      (
        await pool.query(
          `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE 'INSERT INTO "public"."todos"%'`,
        )
      ).rowCount,
    { what: 'the request to be in the midst of its transaction', timeoutMs: 20_000 },
  );
  sluice.api.kill('SIGKILL');
  expect(await cut).toBeInstanceOf(Error);

  const { url } = await sluice.startApi();
  const answer = await waitFor(
    async () => {
      const again = await send(url);
      return again.status === 409 ? undefined : again;
    },
    { what: 'the key of the killed process to be free', timeoutMs: 30_000 },
  );
  expect(answer.status).toBe(201);
  const first = await answer.text();
  const replayed = await send(url);
  expect(replayed.headers.get('idempotent-replayed')).toBe('true');
  expect(await replayed.text()).toBe(first);
  expect((await pool.query('SELECT count(*)::int AS n FROM todos')).rows).toEqual([{ n: 1 }]);
});

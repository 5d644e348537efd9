// An upload with an Idempotency-Key whose API is killed on the way: sent again until it is answered, it is one import.
import { request, type ClientRequest } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait-for.ts';

const KEY = 'the-key';
const HEADER = '氏名,電話番号,都道府県,市区町村,番地,郵便番号\n';
const ROW = '山田太郎,09012345678,東京都,千代田区,1-1,1000001\n';

let sluice: Sluice;

afterEach(() => sluice.stop());

/** Begins an upload of which the row is still to come. */
async function begin(): Promise<ClientRequest> {
  const outgoing = request(`${sluice.url}/v1/imports?dataset=customers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sluice.key}`, 'content-type': 'text/csv', 'idempotency-key': KEY },
  });
  outgoing.on('error', () => undefined);
  outgoing.write(HEADER);
  await waitFor(() => count('sluice.idempotency_keys'), { what: 'the key to be reserved' });
  return outgoing;
}

async function count(table: string): Promise<number> {
  const { rows } = await sluice.database.pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`);
  return Number(rows[0]!.n);
}

async function kill(): Promise<void> {
  sluice.api.kill('SIGKILL');
  await sluice.api.exited;
}

/** Sends it to a new API as often as it is told to. */
async function sendAgain(): Promise<Response> {
  const { url } = await sluice.startApi();
  return waitFor(
    async () => {
      const response = await fetch(`${url}/v1/imports?dataset=customers`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${sluice.key}`,
          'content-type': 'text/csv',
          'idempotency-key': KEY,
        },
        body: HEADER + ROW,
      });
      return response.status !== 409 && response;
    },
    { what: 'an answer other than 409' },
  );
}

it('killed while the file comes in: the key is taken over when its lease has run out', async () => {
  sluice = await startSluice();
  await begin();
  await kill();
  const answer = await sendAgain();
  expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([202, null]);
  expect(await count('sluice.imports')).toBe(1);
});

it('killed in the transaction that records it: nothing of it is there', async () => {
  sluice = await startSluice();
  const outgoing = await begin();
  const blocker = await sluice.database.pool.connect();
  await blocker.query('BEGIN; LOCK sluice.imports');
  outgoing.end(ROW);
  await waitFor(async () => (await blocked()) > 0, { what: 'the import to be inserted' });
  await kill();
  await blocker.query('ROLLBACK');
  blocker.release();
  const answer = await sendAgain();
  expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([202, null]);
  expect(await count('sluice.imports')).toBe(1);
});

it('killed after it was recorded: whoever has no answer is told the same import', async () => {
  sluice = await startSluice();
  const outgoing = await begin();
  outgoing.end(ROW);
  await waitFor(() => count('sluice.imports'), { what: 'the import to be recorded' });
  await kill();
  const answer = await sendAgain();
  expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
  expect(await count('sluice.imports')).toBe(1);

  await sluice.startWorker();
  const { id } = (await answer.json()) as { id: string };
  await waitFor(async () => (await count('customers')) === 1, { what: `import ${id} to land` });
});

/** Statements of Sluice that wait for a lock. */
async function blocked(): Promise<number> {
  const { rows } = await sluice.database.pool.query<{ n: string }>(
    `SELECT count(*) AS n FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'sluice%' AND wait_event_type = 'Lock'`,
  );
  return Number(rows[0]!.n);
}

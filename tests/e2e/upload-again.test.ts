// An upload with an Idempotency-Key whose API is killed on the way: sent again until it is answered, it is one import.
import { request, type ClientRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestProcess } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait-for.ts';

const HEADER = '氏名,電話番号,都道府県,市区町村,番地,郵便番号\n';
/** Of another person for each key. */
const row = (key: string): string => `山田太郎,0901234567${key},東京都,千代田区,1-1,1000001\n`;

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.stop());

/** Begins an upload to an API of its own, of which the row is still to come. */
async function begin(key: string): Promise<{ outgoing: ClientRequest; api: TestProcess }> {
  const { url, api } = await sluice.startApi();
  const outgoing = request(`${url}/v1/imports?dataset=customers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sluice.key}`, 'content-type': 'text/csv', 'idempotency-key': key },
  });
  outgoing.on('error', () => undefined);
  outgoing.write(HEADER);
  await waitFor(() => count(`sluice.idempotency_keys WHERE key = '${key}'`), {
    what: 'the key to be reserved',
  });
  return { outgoing, api };
}

async function count(table: string): Promise<number> {
  const { rows } = await sluice.database.pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`);
  return Number(rows[0]!.n);
}

async function kill(api: TestProcess): Promise<void> {
  api.kill('SIGKILL');
  await api.exited;
}

/** Sends it to another API as often as it is told to. */
async function sendAgain(key: string): Promise<Response> {
  return waitFor(
    async () => {
      const response = await fetch(`${sluice.url}/v1/imports?dataset=customers`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${sluice.key}`,
          'content-type': 'text/csv',
          'idempotency-key': key,
        },
        body: HEADER + row(key),
      });
      return response.status !== 409 && response;
    },
    { what: 'an answer other than 409' },
  );
}

const importsOf = (key: string): Promise<number> =>
  count(`sluice.imports WHERE id IN (SELECT import_id FROM sluice.idempotency_keys WHERE key = '${key}')`);

it('killed while the file comes in: the key is taken over when its lease has run out', async () => {
  const { api } = await begin('1');
  await kill(api);
  const answer = await sendAgain('1');
  expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([202, null]);
  expect([await importsOf('1'), await count('sluice.imports')]).toEqual([1, 1]);
});

it('killed in the transaction that records it: nothing of it is there', async () => {
  const { outgoing, api } = await begin('2');
  const blocker = await sluice.database.pool.connect();
  await blocker.query('BEGIN; LOCK sluice.imports');
  outgoing.end(row('2'));
  await waitFor(async () => (await blocked()) > 0, { what: 'the import to be inserted' });
  await kill(api);
  await blocker.query('ROLLBACK');
  blocker.release();
  const answer = await sendAgain('2');
  expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([202, null]);
  expect([await importsOf('2'), await count('sluice.imports')]).toEqual([1, 2]);
});

it('killed after it was recorded: whoever has no answer is told the same import', async () => {
  const { outgoing, api } = await begin('3');
  outgoing.end(row('3'));
  await waitFor(() => importsOf('3'), { what: 'the import to be recorded' });
  await kill(api);
  const answer = await sendAgain('3');
  expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
  expect([await importsOf('3'), await count('sluice.imports')]).toEqual([1, 3]);

  await sluice.startWorker();
  const { id } = (await answer.json()) as { id: string };
  expect(await sluice.ended(id)).toMatchObject({ status: 'succeeded', result: { loaded: 1 } });
});

/** Statements of Sluice that wait for a lock. */
async function blocked(): Promise<number> {
  const { rows } = await sluice.database.pool.query<{ n: string }>(
    `SELECT count(*) AS n FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'sluice%' AND wait_event_type = 'Lock'`,
  );
  return Number(rows[0]!.n);
}

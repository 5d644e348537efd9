// Publishing, with the worker killed in the middle of it: it has happened once or not at all.
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait-for.ts';

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({
    datasets: ['tests/storm/members.json'],
    env: { SLUICE_CHUNK_BYTES: '20000' },
  });
});
beforeEach(() => sluice.database.pool.query('TRUNCATE members, places'));
afterAll(() => sluice.stop());

const RECORDS = 2000;
const file = (from: number, name: string): string =>
  `code,name,city,post_no\n${Array.from({ length: RECORDS }, (_, at) => `AB${String(from + at).padStart(8, '0')},${name} ${at},city ${at},\n`).join('')}`;

const send = async (query: string, text: string): Promise<string> => {
  const answer = await sluice.send('members', text, query);
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { id: string }).id;
};

/** Whether a statement of a slot waits for the table. */
async function slotWaits(): Promise<boolean> {
  const { rows } = await sluice.database.pool.query(
    `SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'sluice slot' AND wait_event_type = 'Lock' AND query NOT LIKE '%sluice.imports%'`,
  );
  return rows.length > 0;
}

it.each([
  { mode: 'insert', from: 10 * RECORDS, lock: 'SHARE', expected: { inserted: RECORDS } },
  {
    mode: 'upsert',
    from: RECORDS / 2,
    lock: 'ROW EXCLUSIVE',
    expected: { inserted: RECORDS / 2, updated: RECORDS / 2 },
  },
  {
    mode: 'replace',
    from: RECORDS / 2,
    lock: 'ROW EXCLUSIVE',
    expected: { inserted: RECORDS, deleted: RECORDS },
  },
])(
  '$mode: a worker killed while it publishes has done nothing, the next one does it once',
  async ({ mode, from, lock, expected }) => {
    const worker = await sluice.startWorker();
    await sluice.ended(await send('', file(0, 'old')));
    // Whoever holds the table keeps the publishing waiting.
    const holder = await sluice.database.pool.connect();
    await holder.query(`BEGIN; LOCK TABLE members IN ${lock} MODE`);
    const id = await send(`&mode=${mode}&onError=abort`, file(from, 'new'));
    await waitFor(async () => (await slotWaits()) || undefined, { what: 'the slot to publish' });
    worker.kill('SIGKILL');
    await worker.exited;
    // Postgres notices that the slot is gone while its statement waits.
    await waitFor(async () => !(await slotWaits()) || undefined, { what: 'the statement to end' });
    expect(await countMembers(holder)).toMatchObject({ all: RECORDS, new: 0 });
    await holder.query('COMMIT');
    holder.release();
    await sluice.startWorker();
    expect(await sluice.ended(id)).toMatchObject({
      status: 'succeeded',
      result: { records: RECORDS, rejected: 0, unprocessed: 0, ...expected },
    });
    const all = RECORDS + expected.inserted - (expected.deleted ?? 0);
    expect(await countMembers(sluice.database.pool)).toEqual({
      all,
      new: RECORDS,
      keys: all,
      places: all,
    });
  },
  120_000,
);

async function countMembers(
  database: Pick<pg.ClientBase, 'query'> | pg.Pool,
): Promise<Record<string, number>> {
  const { rows } = await database.query<Record<string, string>>(
    `SELECT count(*) AS all, count(*) FILTER (WHERE name LIKE 'new%') AS new, count(DISTINCT code) AS keys,
            (SELECT count(*) FROM places) AS places FROM members`,
  );
  return Object.fromEntries(Object.entries(rows[0]!).map(([key, count]) => [key, Number(count)]));
}

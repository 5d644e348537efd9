// A worker that is frozen in the middle of a COPY, and one that is only slow.
import pg from 'pg';
import { afterEach, expect, it } from 'vitest';
import { peopleFile } from '../support/people.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait-for.ts';

/** Of each chunk more than what sockets hold between a frozen client and Postgres. */
const CHUNK_BYTES = 8 * 1024 * 1024;
const RECORDS = 120_000;
/** Longer than a chunk is computed with on a busy machine. */
const STUCK_MS = 8000;
const GATE = 7;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<Sluice> {
  const sluice = await startSluice({
    datasets: ['bench/people.json'],
    env: {
      SLUICE_CHUNK_BYTES: String(CHUNK_BYTES),
      SLUICE_STUCK_MS: String(STUCK_MS),
      // The gate is a lock: the work is to wait at it.
      SLUICE_LOCK_WAIT_MS: '600000',
      SLUICE_SLOTS: '1',
      ...env,
    },
  });
  cleanUps.push(() => sluice.stop());
  return sluice;
}

/** A trigger that waits at each row while the gate is shut, as a lock of somebody else would. The caller opens it. */
async function shutGate({ database }: Sluice): Promise<pg.Client> {
  await database.pool.query(`
    CREATE FUNCTION pass_gate() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_advisory_xact_lock_shared(${GATE}); RETURN NEW; END';
    CREATE TRIGGER gate BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION pass_gate()`);
  const gate = new pg.Client(database.url);
  await gate.connect();
  cleanUps.push(() => gate.end());
  await gate.query('SELECT pg_advisory_lock($1)', [GATE]);
  return gate;
}

async function openGate(gate: pg.Client): Promise<void> {
  await gate.query('SELECT pg_advisory_unlock($1)', [GATE]);
}

/** The slot's session that waits at the gate. */
function sessionAtGate({ database }: Sluice): Promise<number> {
  return waitFor(
    async () => {
      const { rows } = await database.pool.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sluice slot'
            AND wait_event_type = 'Lock'`,
      );
      return rows[0]?.pid;
    },
    { what: 'a COPY to wait at the gate' },
  );
}

async function send(sluice: Sluice): Promise<string> {
  return ((await (await sluice.send('people', peopleFile(RECORDS).text)).json()) as { id: string }).id;
}

async function expectLoadedOnce(sluice: Sluice): Promise<void> {
  const { rows } = await sluice.database.pool.query(
    'SELECT count(*)::int AS rows, count(DISTINCT import_row)::int AS numbers FROM people',
  );
  expect(rows).toEqual([{ rows: RECORDS, numbers: RECORDS }]);
}

it('takes the chunk from a worker that is frozen in the middle of a COPY; woken up, it does no harm', async () => {
  const sluice = await start();
  const gate = await shutGate(sluice);
  const frozen = await sluice.startWorker();
  const id = await send(sluice);
  await sessionAtGate(sluice);
  frozen.kill('SIGSTOP');
  await openGate(gate);

  const other = await sluice.startWorker();
  expect(await sluice.ended(id)).toMatchObject({ status: 'succeeded', result: { loaded: RECORDS } });
  await other.says(/silent in the middle of a transaction/);

  frozen.kill('SIGCONT');
  await frozen.says(/Postgres is away|queue error/);
  const next = await sluice.send('people', peopleFile(10).text);
  const { id: nextId } = (await next.json()) as { id: string };
  other.kill('SIGTERM');
  await other.exited;
  expect((await sluice.ended(nextId)).status).toBe('succeeded');
  await sluice.database.pool.query('DELETE FROM people WHERE import_id = $1', [nextId]);
  await expectLoadedOnce(sluice);
});

it('lets a COPY wait that Postgres itself holds up', async () => {
  // A worker that a busy machine holds up for a second is not what this is about: it would lose its lease.
  const sluice = await start({ SLUICE_LOCK_MS: '10000' });
  const gate = await shutGate(sluice);
  const worker = await sluice.startWorker();
  await sluice.startWorker();
  const id = await send(sluice);
  const pid = await sessionAtGate(sluice);
  await waitFor(
    async () => {
      const { rows } = await sluice.database.pool.query<{ long: boolean }>(
        `SELECT now() - xact_start > $2 * interval '1 ms' AS long FROM pg_stat_activity WHERE pid = $1`,
        [pid, 2 * STUCK_MS],
      );
      return rows[0]?.long;
    },
    { what: 'the COPY to have waited for long' },
  );
  await openGate(gate);
  expect((await sluice.ended(id)).status).toBe('succeeded');
  const { rows } = await sluice.database.pool.query<{ starts: number }>(
    'SELECT DISTINCT starts FROM sluice.import_chunks WHERE import_id = $1',
    [id],
  );
  expect(rows).toEqual([{ starts: 1 }]);
  expect(worker.output()).not.toContain('silent in the middle');
  await expectLoadedOnce(sluice);
});

// Statements that are sent for each claim and each end of tasks go by an index whatever the table was like when Postgres planned them.
import { beforeAll, describe, expect, it } from 'vitest';
import type pg from 'pg';
import { pino } from 'pino';
import { claimDue, dueQueues, listClaimed, wakeDue } from '../../../src/db/tasks/claims.ts';
import {
  attemptsOver,
  completeAttempts,
  endAttempts,
  writeLogs,
  writeProgress,
} from '../../../src/db/tasks/settle.ts';
import type { Queryable } from '../../../src/db/connection.ts';
import { openClaims, openWrites } from '../../../src/worker/tasks/open-pools.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { isBefore } from '../../support/other-postgres.ts';

const ID = '01890000-0000-7000-8000-000000000000';
const CLAIM = { queue: 'default', names: ['add', 'sleep'], lane: 'io', limit: 100, workerId: ID } as const;
const AFTER = { priority: 0, runAt: '2026-01-01T00:00:00Z', id: ID };
const ATTEMPT = { id: ID, start: 1 };

const STATEMENTS: Readonly<
  Record<string, { readonly send: (client: Queryable) => Promise<unknown>; readonly indexes: string[] }>
> = {
  'a claim': { send: (client) => claimDue(client, CLAIM), indexes: ['tasks_due_idx', 'tasks_pkey'] },
  'a claim that goes on': {
    send: (client) => claimDue(client, { ...CLAIM, after: AFTER }),
    indexes: ['tasks_due_idx', 'tasks_pkey'],
  },
  'what is due': { send: (client) => dueQueues(client, 'io'), indexes: ['tasks_due_idx'] },
  'what becomes due': { send: wakeDue, indexes: ['tasks_to_come_idx', 'tasks_pkey', 'tasks_held_idx'] },
  'what was claimed': {
    send: (client) => listClaimed(client, { workerId: ID, lane: 'io', forMs: 1 }),
    indexes: ['tasks_running_idx'],
  },
  'what is done': {
    send: (client) => completeAttempts(client, [{ ...ATTEMPT, result: '1' }]),
    indexes: ['tasks_pkey'],
  },
  'what has failed': {
    send: (client) =>
      endAttempts(client, [{ ...ATTEMPT, outcome: 'given-back', error: null, againMs: 0, counts: false }]),
    indexes: ['tasks_pkey'],
  },
  'how far tasks are': {
    send: (client) => writeProgress(client, [{ ...ATTEMPT, progress: '1' }]),
    indexes: ['tasks_pkey'],
  },
  'what tasks log': {
    send: (client) =>
      writeLogs(client, [{ ...ATTEMPT, no: 1, at: new Date(), level: 'info', message: 'begun' }]),
    indexes: ['tasks_pkey'],
  },
  'what is over': { send: (client) => attemptsOver(client, [ATTEMPT]), indexes: ['tasks_pkey'] },
};

const STATES: Readonly<Record<string, readonly string[]>> = {
  'when it was empty': ['DELETE FROM sluice.tasks', 'VACUUM ANALYZE sluice.tasks'],
  'when it had three': ['DELETE FROM sluice.tasks', fill(3, 'queued'), 'VACUUM ANALYZE sluice.tasks'],
  'when it was empty, and has filled since': [
    'DELETE FROM sluice.tasks',
    'VACUUM sluice.tasks',
    fill(20_000, 'queued'),
  ],
  'when nearly all had ended': [
    'DELETE FROM sluice.tasks',
    fill(20_000, 'succeeded'),
    fill(10, 'queued'),
    'VACUUM ANALYZE sluice.tasks',
  ],
  'when many waited': ['DELETE FROM sluice.tasks', fill(20_000, 'queued'), 'ANALYZE sluice.tasks'],
};

function fill(count: number, status: string): string {
  return `INSERT INTO sluice.tasks (id, name, status, args, due, finished_at)
          SELECT sluice.uuid_v7(), 'add', '${status}', '{}', '${status}' = 'queued', CASE '${status}' WHEN 'queued' THEN NULL ELSE now() END
            FROM generate_series(1, ${count})`;
}

let database: TestDatabase;
let pools: readonly pg.Pool[];

beforeAll(async () => {
  database = await createDatabase();
  const logger = pino({ level: 'silent' });
  pools = [openClaims({ url: database.url }, logger), openWrites({ url: database.url }, 1, logger)];
  return async () => {
    for (const pool of pools) await pool.end();
    await database.drop();
  };
});

describe.skipIf(isBefore(16)).each(Object.entries(STATES))('planned %s', (_name, statements) => {
  beforeAll(async () => {
    for (const statement of statements) await database.pool.query(statement);
  });

  it.each(Object.entries(STATEMENTS))('%s', async (_what, { send, indexes }) => {
    const text = await sentText(send);
    for (const pool of pools) {
      const { rows } = await pool.query<Record<string, string>>(`EXPLAIN (GENERIC_PLAN) ${text}`);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).not.toMatch(/Seq Scan on tasks|Sort/);
      // A join that compares each task of a batch with each.
      expect(plan).not.toMatch(/Nested Loop[^\n]*\n *Join Filter: .*= t\.id/);
      const used = [...plan.matchAll(/(?:using|on) (tasks_\w+)/g)].map((match) => match[1]);
      expect(new Set(used), plan).toEqual(new Set(indexes));
    }
  });
});

/** The first statement that it sends. */
async function sentText(send: (client: Queryable) => Promise<unknown>): Promise<string> {
  let text = '';
  const client = {
    query(config: { readonly text: string }) {
      text = config.text;
      return Promise.resolve({ rows: [] });
    },
  };
  await send(client as unknown as Queryable);
  return text;
}

// Limits by key with two real workers: what ran at the same time is read from when attempts began and ended.
import { beforeAll, describe, expect, it } from 'vitest';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue, inStatus, taskFolder } from '../../support/tasks.ts';
import { waitFor } from '../../support/wait-for.ts';

const FILES = {
  'limited.mjs': `
    import { setTimeout as delay } from 'node:timers/promises';
    import { defineTask, Type } from 'sluice/tasks';
    const args = Type.Object({ customer: Type.Optional(Type.String()), ms: Type.Integer() });
    const run = ({ ms }, { signal }) => delay(ms, undefined, { signal });
    export default [
      defineTask({ name: 'call', args, key: '/customer', concurrency: { limit: 2 } }, run),
      defineTask({ name: 'rated', args, rate: { limit: 5, per: '1s' } }, run),
      defineTask({ name: 'fair', args, key: '/customer', queue: 'fair' }, run),
    ];`,
};

let sluice: Sluice;
beforeAll(async () => {
  const folder = await taskFolder(FILES);
  sluice = await startSluice({ env: { SLUICE_TASKS: folder.path, SLUICE_CONCURRENCY: '10' } });
  await Promise.all([sluice.startWorker(), sluice.startWorker()]);
  return async () => {
    await sluice.stop();
    await folder.remove();
  };
});

const db = () => sluice.database.pool;

async function enqueueMany(name: string, count: number, args: object, options: object = {}): Promise<void> {
  await db().query(
    `SELECT sluice.enqueue_all((SELECT jsonb_agg(jsonb_build_object('id', sluice.uuid_v7(), 'name', $1::text, 'args', $3::jsonb, 'options', $4::jsonb))
       FROM generate_series(1, $2::int)))`,
    [name, count, JSON.stringify(args), JSON.stringify(options)],
  );
}

const allEnded = (name: string, timeoutMs = 60_000) =>
  waitFor(
    async () => {
      const { rows } = await db().query<{ left: number }>(
        `SELECT count(*)::int AS left FROM sluice.tasks WHERE name = $1 AND status NOT IN ('succeeded', 'cancelled')`,
        [name],
      );
      return rows[0]!.left === 0 ? true : undefined;
    },
    { what: `all ${name} to end`, timeoutMs },
  );

/** The most that were running at once of each key. A task is counted from its claim to its end. */
async function mostAtOnce(name: string): Promise<Record<string, number>> {
  const { rows } = await db().query<{ key: string; most: number }>(
    `SELECT key, max(n)::int AS most FROM (
       SELECT limit_key AS key, sum(d) OVER (PARTITION BY limit_key ORDER BY at, d) AS n
         FROM (SELECT limit_key, claimed_at AS at, 1 AS d FROM sluice.tasks WHERE name = $1
               UNION ALL SELECT limit_key, finished_at, -1 FROM sluice.tasks WHERE name = $1) e) s GROUP BY key`,
    [name],
  );
  return Object.fromEntries(rows.map(({ key, most }) => [key, most]));
}

describe('tasks with a key', () => {
  it('are never more at once than their key allows, and all of them run', async () => {
    for (const customer of ['a', 'b', 'c']) await enqueueMany('call', 20, { customer, ms: 40 });
    await allEnded('call');
    expect(await mostAtOnce('call')).toEqual({ a: 2, b: 2, c: 2 });
  });

  it('begin no faster than their rate, in any time of that length', async () => {
    await enqueueMany('rated', 16, { ms: 1 });
    await allEnded('rated');
    const { rows } = await db().query<{ most: number; seconds: number }>(
      `SELECT max(n)::int AS most, extract(epoch FROM max(claimed_at) - min(claimed_at))::float8 AS seconds FROM (
         SELECT claimed_at, (SELECT count(*) FROM sluice.tasks o WHERE o.name = 'rated' AND o.claimed_at > t.claimed_at - interval '1 second' AND o.claimed_at <= t.claimed_at) AS n
           FROM sluice.tasks t WHERE name = 'rated') s`,
    );
    expect(rows[0]!.most).toBe(5);
    expect(rows[0]!.seconds).toBeGreaterThan(3);
    expect(rows[0]!.seconds).toBeLessThan(8);
  });

  it('of one customer do not hold up the one of another', async () => {
    await enqueueMany('fair', 20_000, { customer: 'many', ms: 20 });
    await waitFor(
      async () =>
        (await db().query(`SELECT FROM sluice.tasks WHERE name = 'fair' AND status = 'succeeded' LIMIT 1`))
          .rowCount === 1,
      { what: 'the first of them', timeoutMs: 20_000 },
    );
    const one = await enqueue(db(), 'fair', { customer: 'few', ms: 1 });
    await ended(db(), one);
    const { rows } = await db().query<{ before: number; left: number }>(
      `SELECT count(*) FILTER (WHERE t.claimed_at BETWEEN o.created_at AND o.claimed_at)::int AS before, count(*) FILTER (WHERE t.status = 'queued')::int AS left
         FROM sluice.tasks t, sluice.tasks o WHERE t.name = 'fair' AND o.id = $1`,
      [one],
    );
    // No more than what had a place or the turn already, and a round.
    expect(rows[0]!.before).toBeLessThan(100);
    expect(rows[0]!.left).toBeGreaterThan(10_000);
    await db().query(
      `UPDATE sluice.tasks SET status = 'cancelled', finished_at = now() WHERE name = 'fair' AND status = 'queued'`,
    );
  });

  it('give their place back when their worker is killed', async () => {
    const worker = await sluice.startWorker({ SLUICE_QUEUES: 'mine' });
    const options = { queue: 'mine', key: 'k', concurrency: { limit: 1 } };
    const first = await enqueue(db(), 'sleep', { ms: 1500 }, options);
    const second = await enqueue(db(), 'sleep', { ms: 1 }, options);
    await waitFor(
      async () => {
        const { rows } = await db().query(
          `SELECT FROM sluice.tasks t JOIN sluice.workers w ON w.id = t.worker_id WHERE t.id = $1 AND t.status = 'running'`,
          [first],
        );
        return rows.length === 1 ? true : undefined;
      },
      { what: 'the first to run' },
    );
    await inStatus(db(), second, ['queued']);
    worker.kill('SIGKILL');
    for (const id of [first, second])
      expect(await ended(db(), id, 60_000)).toMatchObject({ status: 'succeeded' });
    expect(await mostAtOnce('sleep')).toEqual({ k: 1 });
  });

  it('and those without one leave each other alone', async () => {
    const limited = await enqueue(db(), 'sleep', { ms: 300 }, { key: 'x', concurrency: { limit: 1 } });
    const waiting = await enqueue(db(), 'sleep', { ms: 1 }, { key: 'x', concurrency: { limit: 1 } });
    await inStatus(db(), limited, ['running']);
    const free = await enqueue(db(), 'sleep', { ms: 1 });
    await ended(db(), free);
    await inStatus(db(), waiting, ['queued']);
    await ended(db(), waiting);
  });
});

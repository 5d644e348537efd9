// (q) Tasks in trouble: how many `add` are done in a second while something is wrong with Postgres, and after it, against the own clean rate;
// and a million that wait, through a flush of Redis.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Redis } from 'ioredis';
import { startNode, startServers, stopProcess } from './processes.mjs';
import { medianOf } from './rounds.mjs';

export const title = 'tasks while something is wrong / clean';
const CONCURRENCY = '100';
const IDLE_CONNECTIONS = 300;
/** For those, and all others. */
const MAX_CONNECTIONS = '400';
const BATCH = 10_000;
/** Between the end of the trouble and the rate after it. */
const SETTLES_MS = 2000;

export async function measure({ options, print }) {
  const servers = await startServers(undefined, { max_connections: MAX_CONNECTIONS });
  await servers.client.end();
  // It is opened again when Postgres has been restarted.
  const client = new pg.Pool({
    connectionString: servers.databaseUrl,
    max: 1,
    // What asks again and again how far it is must not read the whole table, though that was empty when it was planned.
    options: '-c enable_seqscan=off',
  });
  client.on('error', () => undefined);
  try {
    return await measureOn({ ...servers, client }, options, print);
  } finally {
    await client.end();
    await servers.stop();
  }
}

async function measureOn(servers, options, print) {
  const worker = await startNode([servers.cli, 'worker', '-c', CONCURRENCY], /worker ready/, {
    ...servers.env,
    SLUICE_LOG_LEVEL: 'info',
  });
  const figures = [];
  const details = {};
  try {
    const clean = async () => {
      await clearAway(servers.client);
      return rate(servers, options.troubled);
    };
    await clean();
    for (const [name, trouble] of Object.entries(TROUBLES)) {
      const rounds = [];
      for (let round = 1; round <= options.rounds; round++) {
        const before = await clean();
        await clearAway(servers.client);
        let begin;
        const begun = new Promise((resolve) => (begin = resolve));
        const end = await trouble(servers, begun);
        const during = await rate(servers, options.troubled, begin);
        await end();
        await sleep(SETTLES_MS);
        const after = await clean();
        rounds.push({ before, during, after });
        print(
          `${name}, round ${round}: ${Math.round(before)}/s before, ${Math.round(during)}/s during, ${Math.round(after)}/s after`,
        );
      }
      details[name] = rounds;
      figures.push(
        {
          what: `${name}, during / before`,
          value: medianOf(rounds, ({ before, during }) => during / before),
          atLeast: 0.9,
        },
        {
          what: `${name}, after / before`,
          value: medianOf(rounds, ({ before, after }) => after / before),
          atLeast: 0.98,
        },
      );
    }
    await clearAway(servers.client);
    const million = await waitingMillion(servers, options.waiting, print);
    details.million = million;
    figures.push(
      { what: `${options.waiting} waiting: Redis, MB`, value: million.redisMb, atMost: 50 },
      { what: 'first done after FLUSHALL, s', value: million.secondsToGo, atMost: 60 },
      { what: 'lost', value: million.lost, atMost: 0 },
      { what: 'done twice', value: million.twice, atMost: 0 },
    );
    return { figures, details };
  } finally {
    await stopProcess(worker);
  }
}

const TROUBLES = {
  async 'a session idle in transaction'({ databaseUrl }) {
    const client = new pg.Client(databaseUrl);
    await client.connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await client.query('SELECT count(*) FROM pg_class');
    return () => client.end();
  },
  async '300 idle connections'({ databaseUrl }) {
    const idle = Array.from({ length: IDLE_CONNECTIONS }, () => new pg.Client(databaseUrl));
    await Promise.all(idle.map((each) => each.connect()));
    return () => Promise.all(idle.map((each) => each.end()));
  },
  async 'a backend ended each second'({ client }) {
    const timer = setInterval(
      () =>
        void client
          .query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'sluice %' ORDER BY random() LIMIT 1`,
          )
          .catch(() => undefined),
      1000,
    );
    return async () => clearInterval(timer);
  },
  async 'Postgres restarted'({ restartPostgres }, begun) {
    const restarted = begun.then(() => sleep(1000)).then(restartPostgres);
    return () => restarted;
  },
};

/** Tasks done in a second, of so many that wait when it begins. */
async function rate({ client }, count, begin = () => undefined) {
  await pause(client, true);
  for (let at = 0; at < count; at += BATCH) await putIn(client, Math.min(BATCH, count - at));
  // The last ones to be done, nearly: what asks for them must not read all that is dead before them.
  const { rows } = await client.query(`SELECT id FROM sluice.tasks ORDER BY id DESC LIMIT 200`);
  const last = rows.map(({ id }) => id);
  const began = performance.now();
  await pause(client, false);
  begin();
  for (;;) {
    const left = await client
      .query({
        name: 'left',
        text: `SELECT count(*)::int AS n FROM sluice.tasks WHERE id = ANY($1) AND status <> 'succeeded'`,
        values: [last],
      })
      // Postgres is away.
      .catch(() => undefined);
    if (left?.rows[0].n === 0) break;
    await sleep(10);
  }
  return (count * 1000) / (performance.now() - began);
}

/** So that each rate begins with the same tables; before a session is idle in transaction, for nothing can be cleared away beside it. */
async function clearAway(client) {
  await client.query('DELETE FROM sluice.tasks');
  await client.query('VACUUM sluice.tasks');
}

async function pause(client, isPaused) {
  await client.query(
    `INSERT INTO sluice.queues (name, paused_at) VALUES ('default', $1) ON CONFLICT (name) DO UPDATE SET paused_at = $1`,
    [isPaused ? new Date() : null],
  );
  if (!isPaused) await client.query(`NOTIFY sluice_tasks, 'default'`);
}

async function putIn(client, count) {
  await client.query(
    `SELECT count(*) FROM sluice.enqueue_all((SELECT jsonb_agg(jsonb_build_object('id', sluice.uuid_v7(), 'name', 'add', 'args', jsonb_build_object('a', 1, 'b', n))) FROM generate_series(1, $1::int) n))`,
    [count],
  );
}

async function waitingMillion({ client, env }, count, print) {
  await pause(client, true);
  for (let at = 0; at < count; at += BATCH) await putIn(client, Math.min(BATCH, count - at));
  const redis = new Redis(env.REDIS_URL);
  const redisMb = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))[1]) / 1_000_000;
  print(`${count} tasks wait; Redis has ${redisMb.toFixed(1)} MB`);
  await redis.flushall();
  await pause(client, false);
  const began = performance.now();
  const done = async () =>
    Number(
      (await client.query(`SELECT count(*) AS n FROM sluice.tasks WHERE status = 'succeeded'`)).rows[0].n,
    );
  while ((await done()) === 0) await sleep(50);
  const secondsToGo = (performance.now() - began) / 1000;
  while ((await done()) < count && performance.now() - began < 600_000) await sleep(500);
  const seconds = (performance.now() - began) / 1000;
  redis.disconnect();
  const { rows } = await client.query(
    `SELECT count(*) FILTER (WHERE status <> 'succeeded') AS lost, count(*) FILTER (WHERE starts > 1) AS twice FROM sluice.tasks`,
  );
  print(`all done after ${seconds.toFixed(0)} s, ${Math.round(count / seconds)}/s`);
  return { redisMb, secondsToGo, lost: Number(rows[0].lost), twice: Number(rows[0].twice), seconds };
}

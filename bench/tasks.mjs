// (p) Tasks: `add` through the library, from the first enqueue to the last result, against raw BullMQ and graphile-worker; one at a time;
// and a thousand that sleep. Each queue has a worker process of its own, idle while others are measured.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { enqueueTasks } from '../dist/db/tasks/enqueue.js';
import { createUuidV7 } from '../dist/core/uuid.js';
import { randomFillSync } from 'node:crypto';
import { startNode, stopProcess } from './processes.mjs';
import { alternate, medianOf, median } from './rounds.mjs';

export const title = 'tasks: Sluice / raw BullMQ, and / graphile-worker';
const HOME = path.join(import.meta.dirname, 'tasks');
const BATCH = 1000;
const CONCURRENCY = '100';
const LATENCIES = 200;
/** Celery gets so many times fewer tasks: its rounds would take minutes. */
const CELERY_PART = 10;
const PYTHON = '/usr/bin/python3';
const SLEEPERS = 1000;
const SLEEP_MS = 100;

export async function measure({ servers, options, print }) {
  if (!existsSync(path.join(HOME, 'node_modules')))
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: HOME });
  const contestants = [];
  try {
    for (const open of [openSluice, openBullmq, openGraphile]) contestants.push(await open(servers));
    const [sluice, bullmq, graphile] = contestants;
    const celery = await openCelery(servers, print);
    if (celery !== undefined) contestants.push(celery);
    const run = (one) => () => one.addAll(options.tasks);
    const rounds = await alternate(
      options.rounds,
      {
        sluice: run(sluice),
        bullmq: run(bullmq),
        graphile: run(graphile),
        ...(celery === undefined ? {} : { celery: () => celery.addAll(options.tasks / CELERY_PART) }),
      },
      (round, given) =>
        print(
          `  round ${round}: ${Object.entries(given)
            .map(([name, value]) => `${name} ${Math.round(value)}/s`)
            .join(', ')}`,
        ),
    );
    const waits = await alternate(
      2,
      { sluice: () => latency(sluice), bullmq: () => latency(bullmq) },
      (round, given) =>
        print(`  one at a time, ms: sluice ${given.sluice.toFixed(2)}, bullmq ${given.bullmq.toFixed(2)}`),
    );
    const ideal = (SLEEPERS / Number(CONCURRENCY)) * (SLEEP_MS / 1000);
    const slept = await sluice.sleepAll(SLEEPERS);
    print(
      `  ${SLEEPERS} tasks of ${SLEEP_MS} ms: ${slept.seconds.toFixed(2)} s, ideal ${ideal} s; worker ${slept.memoryMb} MB`,
    );
    return {
      details: { rounds, waits, slept },
      figures: [
        {
          what: 'add done/s / raw BullMQ',
          value: medianOf(rounds, (r) => r.sluice / r.bullmq),
          atLeast: 0.5,
        },
        {
          what: 'add done/s / graphile-worker',
          value: medianOf(rounds, (r) => r.sluice / r.graphile),
          atLeast: 0.7,
        },
        ...(celery === undefined
          ? []
          : [
              {
                what: 'add done/s / Celery',
                value: medianOf(rounds, (r) => r.sluice / r.celery),
                atLeast: 4,
              },
            ]),
        { what: 'one task, p50 / raw BullMQ', value: medianOf(waits, (r) => r.sluice / r.bullmq), atMost: 2 },
        { what: 'tasks that sleep: ideal / taken', value: ideal / slept.seconds, atLeast: 0.9 },
        { what: 'worker, MB', value: slept.memoryMb, atMost: 200 },
      ],
    };
  } finally {
    for (const contestant of contestants) await contestant.close();
  }
}

async function latency(contestant) {
  const times = [];
  for (let at = 0; at < LATENCIES; at++) {
    const began = performance.now();
    await contestant.addOne();
    times.push(performance.now() - began);
  }
  return median(times);
}

const perSecond = (count, began) => (count * 1000) / (performance.now() - began);

async function openSluice(servers) {
  const worker = await startNode([servers.cli, 'worker', '-c', CONCURRENCY], /worker ready/, {
    ...servers.env,
    SLUICE_LOG_LEVEL: 'info',
  });
  const client = new pg.Client(servers.databaseUrl);
  await client.connect();
  const next = createUuidV7(randomFillSync);
  const listener = new pg.Client(servers.databaseUrl);
  await listener.connect();
  const enqueue = (name, args) =>
    enqueueTasks(
      client,
      args.map((each) => ({ id: next(Date.now()), name, args: each })),
    );
  const left = async () =>
    (
      await client.query(
        `SELECT EXISTS (SELECT FROM sluice.tasks WHERE status = 'queued' AND due AND queue = 'default') OR EXISTS (SELECT FROM sluice.tasks WHERE status = 'running') AS left`,
      )
    ).rows[0].left;
  const allDone = async () => {
    while (await left()) await sleep(5);
  };
  return {
    async addAll(count) {
      const began = performance.now();
      for (let at = 0; at < count; at += BATCH)
        await enqueue(
          'add',
          Array.from({ length: BATCH }, (_, no) => ({ a: at, b: no })),
        );
      await allDone();
      return perSecond(count, began);
    },
    async addOne() {
      const [{ id }] = await enqueue('add', [{ a: 1, b: 2 }]);
      for (;;) {
        const { rows } = await client.query({
          name: 'status',
          text: 'SELECT status FROM sluice.tasks WHERE id = $1',
          values: [id],
        });
        if (rows[0].status === 'succeeded') return;
      }
    },
    async sleepAll(count) {
      const began = performance.now();
      await enqueue(
        'sleep',
        Array.from({ length: count }, () => ({ ms: SLEEP_MS })),
      );
      await allDone();
      const seconds = (performance.now() - began) / 1000;
      const rss = execFileSync('ps', ['-o', 'rss=', '-p', String(worker.child.pid)], { encoding: 'utf8' });
      return { seconds, memoryMb: Math.round(Number(rss) / 1024) };
    },
    async close() {
      await client.end();
      await listener.end();
      await stopProcess(worker);
    },
  };
}

async function openBullmq(servers) {
  const prefix = 'bench';
  const worker = await startNode([path.join(HOME, 'bullmq-worker.mjs')], /ready/, {
    ...servers.env,
    BENCH_PREFIX: prefix,
    BENCH_CONCURRENCY: CONCURRENCY,
  });
  const connection = new Redis(servers.env.REDIS_URL, { maxRetriesPerRequest: null });
  const queue = new Queue('add', { connection, prefix });
  const listening = connection.duplicate();
  const events = new QueueEvents('add', { connection: listening, prefix });
  await events.waitUntilReady();
  return {
    async addAll(count) {
      await queue.obliterate({ force: true });
      const began = performance.now();
      for (let at = 0; at < count; at += BATCH)
        await queue.addBulk(
          Array.from({ length: BATCH }, (_, no) => ({ name: 'add', data: { a: at, b: no } })),
        );
      while ((await queue.getCompletedCount()) < count) await sleep(5);
      return perSecond(count, began);
    },
    async addOne() {
      const job = await queue.add('add', { a: 1, b: 2 });
      await job.waitUntilFinished(events, 10_000);
    },
    async close() {
      await events.close();
      await queue.close();
      connection.disconnect();
      listening.disconnect();
      await stopProcess(worker);
    },
  };
}

async function openGraphile(servers) {
  const worker = await startNode([path.join(HOME, 'graphile-worker.mjs')], /ready/, {
    ...servers.env,
    BENCH_CONCURRENCY: CONCURRENCY,
  });
  const client = new pg.Client(servers.databaseUrl);
  await client.connect();
  return {
    async addAll(count) {
      const began = performance.now();
      for (let at = 0; at < count; at += BATCH)
        await client.query(
          `SELECT graphile_worker.add_jobs(ARRAY(SELECT row('add', json_build_object('a', $1::int, 'b', no), NULL, NULL, NULL, NULL, NULL, NULL)::graphile_worker.job_spec FROM generate_series(1, $2) no))`,
          [at, BATCH],
        );
      const left = 'SELECT EXISTS (SELECT FROM graphile_worker.jobs) AS left';
      while ((await client.query(left)).rows[0].left) await sleep(5);
      return perSecond(count, began);
    },
    async close() {
      await client.end();
      await stopProcess(worker);
    },
  };
}

/** Celery over Redis with its results kept, as Debian has it; undefined where it is not installed (apt-get install python3-celery python3-redis). */
async function openCelery(servers, print) {
  try {
    execFileSync(PYTHON, ['-c', 'import celery, redis'], { stdio: 'ignore' });
  } catch {
    print('Celery is not installed here; it is left out');
    return undefined;
  }
  const url = new URL(servers.env.REDIS_URL);
  url.pathname = '/5';
  const env = { ...process.env, BENCH_REDIS_URL: url.href };
  const spawnHere = (args, stdio) => spawn(PYTHON, args, { cwd: HOME, env, stdio });
  const worker = spawnHere(
    [
      '-m',
      'celery',
      '-A',
      'celery_worker',
      'worker',
      '-l',
      'error',
      '-c',
      '2',
      '--without-gossip',
      '--without-mingle',
    ],
    'ignore',
  );
  const sender = spawnHere(['celery_worker.py'], ['pipe', 'pipe', 'inherit']);
  const lines = createInterface({ input: sender.stdout })[Symbol.asyncIterator]();
  return {
    async addAll(count) {
      sender.stdin.write(`${count}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('Celery’s sender has ended.');
      return Number(value);
    },
    async close() {
      sender.kill();
      if (worker.exitCode !== null) return;
      const ended = once(worker, 'exit');
      worker.kill('SIGTERM');
      await ended;
    },
  };
}

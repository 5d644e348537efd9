// /metrics as Prometheus reads it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countEnded } from '../../src/db/queues/count-ended.ts';
import { beat } from '../../src/db/workers/workers.ts';
import { createApi, type TestApi } from '../support/api.ts';
import { waitFor } from '../support/wait-for.ts';
import { enqueue } from '../support/tasks.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text format (version 0.0.4) as Prometheus does, and refuses what it refuses. */
function parse(text: string): { samples: Sample[]; types: Map<string, string> } {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  const seen = new Set<string>();
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (comment !== null) {
      const [, kind, name = '', rest = ''] = comment;
      if (kind !== 'TYPE') continue;
      if (types.has(name)) throw new Error(`second TYPE of ${name}`);
      expect(['counter', 'gauge', 'histogram', 'summary', 'untyped']).toContain(rest);
      types.set(name, rest);
      continue;
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (sample === null) throw new Error(`not a line of Prometheus: ${line}`);
    const [, name = '', list = '', number = ''] = sample;
    const labels = Object.fromEntries(
      [...list.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:\\.|[^"\\])*)",?/g)].map(
        ([, key = '', value = '']) => [
          key,
          value.replaceAll(/\\(.)/g, (_all, each: string) => (each === 'n' ? '\n' : each)),
        ],
      ),
    );
    const value = number === '+Inf' ? Infinity : number === 'Nan' ? NaN : Number(number);
    if (Number.isNaN(value) && number !== 'Nan') throw new Error(`not a number: ${line}`);
    const series = `${name}{${list}}`;
    if (seen.has(series)) throw new Error(`second sample of ${series}`);
    seen.add(series);
    const family = name.replace(/_(bucket|sum|count)$/, '');
    if (!types.has(name) && !types.has(family)) throw new Error(`no TYPE of ${name}`);
    samples.push({ name, labels, value });
  }
  return { samples, types };
}

let api: TestApi;
let samples: Sample[];
let types: Map<string, string>;

beforeAll(async () => {
  api = await createApi();
  const { pool } = api.database;
  await pool.query(`
    INSERT INTO sluice.tasks (id, name, queue, status, run_at, claimed_at, finished_at)
    SELECT gen_random_uuid(), 'na"me', 'mails', 'succeeded', at - interval '3 seconds', at - interval '1 second', at
      FROM generate_series(1, 4) i, (SELECT now() - interval '20 seconds' AS at) t`);
  await pool.query("UPDATE sluice.task_counting SET counted_to = now() - interval '1 minute'");
  while (await countEnded(api.deps.database.db));
  while (await countEnded(api.deps.database.db));
  for (const options of [{}, {}, { delay: '1h' }])
    await enqueue(pool, 'add', {}, { queue: 'mails', ...options });
  await beat(api.deps.database.db, {
    id: '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10',
    name: 'w1',
    host: 'h',
    pid: 1,
    version: '1',
    queues: [],
    slots: 4,
    slotsBusy: 3,
    concurrency: 50,
    ioBusy: 2,
    running: ['a', 'b'],
    loopDelayMs: 12,
  });
  ({ samples, types } = parse((await api.app.inject({ url: '/metrics' })).body));
});
afterAll(() => api.close());

const value = (name: string, labels: Record<string, string> = {}) =>
  samples.find(
    (each) => each.name === name && Object.entries(labels).every(([key, text]) => each.labels[key] === text),
  )?.value;

describe('Prometheus reads', () => {
  it('tasks by queue, name and status, and by status', () => {
    expect(types.get('sluice_tasks_ended_total')).toBe('counter');
    expect(value('sluice_tasks_ended_total', { queue: 'mails', name: 'na"me', status: 'succeeded' })).toBe(4);
    expect(value('sluice_tasks', { status: 'queued' })).toBe(3);
    expect(value('sluice_tasks', { status: 'succeeded' })).toBe(4);
  });

  it('how long they waited and ran, as histograms', () => {
    for (const [name, seconds, below, up] of [
      ['sluice_task_wait_seconds', 8, '1', '2.5'],
      ['sluice_task_run_seconds', 4, '0.5', '1'],
    ] as const) {
      expect(types.get(name)).toBe('histogram');
      const its = { name: 'na"me' };
      expect(value(`${name}_count`, its)).toBe(4);
      expect(value(`${name}_sum`, its)).toBeCloseTo(seconds);
      expect(value(`${name}_bucket`, { ...its, le: below })).toBe(0);
      expect(value(`${name}_bucket`, { ...its, le: up })).toBe(4);
      expect(value(`${name}_bucket`, { ...its, le: '+Inf' })).toBe(4);
    }
  });

  it('queues: what waits, what is to come, how old the oldest is', () => {
    expect(value('sluice_queue_tasks', { queue: 'mails', state: 'due' })).toBe(2);
    expect(value('sluice_queue_tasks', { queue: 'mails', state: 'to_come' })).toBe(1);
    expect(value('sluice_queue_paused', { queue: 'mails' })).toBe(0);
    expect(value('sluice_oldest_waiting_seconds', { queue: 'mails' })).toBeGreaterThan(0);
  });

  it('workers and their places', () => {
    expect(value('sluice_worker_online', { worker: 'w1' })).toBe(1);
    expect(value('sluice_worker_slots', { worker: 'w1', state: 'busy' })).toBe(3);
    expect(value('sluice_worker_io_places', { worker: 'w1', state: 'all' })).toBe(50);
    expect(value('sluice_worker_loop_delay_seconds', { worker: 'w1' })).toBeCloseTo(0.012);
  });

  it('the same under the names that Flower gives them', () => {
    expect(value('flower_worker_online', { worker: 'w1' })).toBe(1);
    expect(value('flower_worker_number_of_currently_executing_tasks', { worker: 'w1' })).toBe(2);
    expect(value('flower_events_total', { task: 'na"me', type: 'task-succeeded' })).toBe(4);
    expect(value('flower_task_runtime_seconds_count', { task: 'na"me' })).toBe(4);
  });
});

it('what it asks of Postgres reads no table of tasks from end to end', async () => {
  const { pool } = api.database;
  await pool.query(`INSERT INTO sluice.tasks (id, name, queue, status, finished_at)
    SELECT gen_random_uuid(), 'old', 'mails', 'succeeded', now() - interval '1 day' FROM generate_series(1, 60000)`);
  await pool.query('VACUUM ANALYZE sluice.tasks');
  const scans = async () => {
    const { rows } = await pool.query<{ seq: string; idx: string }>(
      "SELECT seq_scan AS seq, idx_scan AS idx FROM pg_stat_user_tables WHERE schemaname = 'sluice' AND relname = 'tasks'",
    );
    return { seq: Number(rows[0]!.seq), idx: Number(rows[0]!.idx) };
  };
  const other = await createApi({ databaseUrl: async () => api.database.url });
  const before = await scans();
  await other.app.inject({ url: '/metrics' });
  await other.close();
  // A session tells of its scans when it ends.
  const after = await waitFor(async () => [await scans()].find(({ idx }) => idx > before.idx), {
    what: 'the scans to be told',
  });
  expect(after.seq).toBe(before.seq);
});

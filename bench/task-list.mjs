// GET /v1/tasks over a table of many tasks: how long a page takes, by filter. The rows are the same in each run: chance comes from a hash.
import { medianOf, quantile } from './rounds.mjs';
import { startSluice } from './processes.mjs';

export const title = 'GET /v1/tasks, p95 ms of a page';
const MOST_MS = 50;
const AT_ONCE = 500_000;
const ROUNDS = 40;

/** Of 100: which task a row is, and where it goes. */
const NAMES = [
  ['send-mail', 40, 'mail'],
  ['resize-image', 25, 'media'],
  ['sync-customer', 15, 'default'],
  ['add', 8, 'default'],
  ['nightly-report', 5, 'reports'],
  ['fetch-file', 4, 'default'],
  ['charge-card', 2, 'payments'],
  ['rebuild-index', 1, 'slow'],
];

/** Ids are as if tasks had come one a 100 ms; the newest 1 % have not ended. */
const GENERATE = `
  INSERT INTO sluice.tasks (id, name, args, status, queue, due, run_at, attempts, starts, worker_id, created_at, started_at, claimed_at, finished_at, error, tags, parent_id, result)
  SELECT id, name, jsonb_build_object('to', 'customer-' || n % 100000 || '@example.com', 'no', n, 'text', md5(n::text)),
         status, queue, true, at, ran, ran,
         CASE WHEN ran = 1 THEN ('00000000-0000-7000-8000-' || lpad((h % 20)::text, 12, '0'))::uuid END, at,
         CASE WHEN ran = 1 THEN at END, CASE WHEN ran = 1 THEN at END, CASE WHEN ended THEN at + interval '1 second' END,
         CASE WHEN status = 'failed' THEN jsonb_build_object('code', 'task-failed', 'message', 'connection ' || n % 1000 || ' refused') END,
         CASE WHEN h % 10 = 0 THEN ARRAY['vip'] WHEN h % 1000 = 1 THEN ARRAY['rare', 'batch-' || n % 50] END,
         CASE WHEN h % 20 = 0 THEN ('00000000-0000-7000-9000-' || lpad((n / 1000)::text, 12, '0'))::uuid END,
         CASE WHEN status = 'succeeded' THEN '{"ok": true}'::jsonb END
    FROM (SELECT *, CASE WHEN status = 'queued' THEN 0 ELSE 1 END AS ran, status IN ('succeeded', 'failed', 'cancelled') AS ended
            FROM (SELECT n, h, at, k.name, k.queue,
                         (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid AS id,
                         CASE WHEN n > $2::bigint * 99 / 100 THEN CASE WHEN h % 500 = 0 THEN 'running' ELSE 'queued' END
                              WHEN h % 1000 < 30 THEN 'failed' WHEN h % 1000 < 35 THEN 'cancelled' ELSE 'succeeded' END AS status
                    FROM (SELECT n, abs(hashint8(n * 7919)::bigint) AS h, timestamptz '2026-01-01' + n * interval '100 milliseconds' AS at
                            FROM generate_series($1::bigint, $1::bigint + $3::bigint - 1) n) r
                    JOIN LATERAL (SELECT name, queue FROM unnest($4::text[], $5::text[], $6::int[]) AS k (name, queue, upto)
                                   WHERE (h / 1000) % 100 < upto ORDER BY upto LIMIT 1) k ON true) s) t`;

/** Makes the rows. @param rows a multiple of half a million, or fewer */
export async function generateTasks(client, rows, print = () => {}) {
  let sum = 0;
  const upto = NAMES.map(([, share]) => (sum += share));
  for (let from = 1; from <= rows; from += AT_ONCE) {
    const count = Math.min(AT_ONCE, rows - from + 1);
    const values = [from, rows, count, NAMES.map(([name]) => name), NAMES.map(([, , queue]) => queue), upto];
    await client.query(GENERATE, values);
    print(`${from + count - 1} tasks`);
  }
  await client.query('VACUUM ANALYZE sluice.tasks');
}

/** Filters as people use them, common and rare ones, on the first page and far behind. */
const MIDDLE = '2026-01-06T18:00:00Z';
export const QUERIES = {
  all: '',
  'a name': 'name=send-mail',
  'a rare name': 'name=rebuild-index',
  failed: 'status=failed',
  'failed or cancelled': 'status=failed,cancelled',
  queued: 'status=queued',
  running: 'status=running',
  'a name that failed': 'name=rebuild-index&status=failed',
  'a name that is queued': 'name=rebuild-index&status=queued',
  'a queue': 'queue=payments',
  'a worker': 'worker=00000000-0000-7000-8000-000000000007',
  'a tag': 'tag=vip',
  'a rare tag': 'tag=batch-7',
  'a parent': 'parentId=00000000-0000-7000-9000-000000000700',
  'failed at a worker': 'status=failed&worker=00000000-0000-7000-8000-000000000007',
  'a name with a rare tag': 'name=send-mail&tag=batch-7',
  'from a time on': `createdAfter=${MIDDLE}`,
  'before a time': `createdBefore=${MIDDLE}`,
  'failed before a time': `status=failed&createdBefore=${MIDDLE}`,
  'text in arguments': 'q=customer-777@example.com',
  'text in errors': 'q=connection 77 refused&status=failed',
  'text nobody has': 'q=nobody has this',
};

export async function measure({ servers, options, print }) {
  await servers.client.query('TRUNCATE sluice.tasks CASCADE');
  await generateTasks(servers.client, options.listed, print);
  const sluice = await startSluice(servers, { workers: 0 });
  try {
    const told = {};
    for (const [name, query] of Object.entries(QUERIES)) told[name] = await measurePages(sluice, query);
    for (const [name, { p50, p95, found, short }] of Object.entries(told))
      print(
        `${name}: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, ${found} found${short ? ', short pages' : ''}`,
      );
    const slowest = medianOf([told], (given) => Math.max(...Object.values(given).map(({ p95 }) => p95)));
    return {
      figures: [{ what: `slowest filter at ${options.listed} tasks`, value: slowest, atMost: MOST_MS }],
      details: told,
    };
  } finally {
    await sluice.stop();
    await servers.client.query('TRUNCATE sluice.tasks CASCADE');
  }
}

/** A page after the other, from the newest on, and again when they end. */
export async function measurePages({ url, headers }, query) {
  const times = [];
  let found = 0;
  let short = false;
  let cursor = null;
  for (let round = 0; round < ROUNDS; round++) {
    const place = `${url}/v1/tasks?${query}${cursor === null ? '' : `&cursor=${cursor}`}`;
    const began = performance.now();
    const answer = await fetch(encodeURI(place), { headers });
    const { data, nextCursor, detail } = await answer.json();
    times.push(performance.now() - began);
    if (answer.status !== 200) throw new Error(`${query}: ${detail}`);
    found += data.length;
    short ||= nextCursor !== null && data.length < 50;
    cursor = nextCursor;
  }
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95), found, short };
}

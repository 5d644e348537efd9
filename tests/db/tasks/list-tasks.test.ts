// Lists of tasks against the same tasks looked through one by one.
import { randomFillSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TASK_STATUSES, type TaskStatus } from '../../../src/core/tasks/task-status.ts';
import { createUuidV7 } from '../../../src/core/uuid.ts';
import { listTaskIds, listTaskViews, type TaskFilter } from '../../../src/db/tasks/list-tasks.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

const WORKERS = [1, 2].map((n) => `00000000-0000-7000-8000-00000000000${n}`);
const PARENTS = [1, 2].map((n) => `00000000-0000-7000-9000-00000000000${n}`);
const FIRST = Date.parse('2026-03-01T00:00:00Z');
const COUNT = 600;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly status: TaskStatus;
  readonly queue: string;
  readonly worker: string | null;
  readonly tags: string[] | null;
  readonly parent: string | null;
  readonly createdMs: number;
  readonly args: { readonly to: string };
  readonly message: string | null;
}

let database: TestDatabase;
let rows: Row[];

beforeAll(async () => {
  database = await createDatabase();
  const nextId = createUuidV7((bytes) => randomFillSync(bytes));
  let seed = 12_345;
  const chance = <T>(values: readonly T[]): T => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return values[Math.floor((seed / 2 ** 31) * values.length)]!;
  };
  rows = Array.from({ length: COUNT }, (_, at) => {
    // Clocks that differ: created up to half an hour before or after what the id says.
    const ms = FIRST + at * 60_000;
    return {
      id: nextId(ms),
      name: chance(['add', 'mail', 'mail', 'mail', 'report']),
      status: chance([...TASK_STATUSES, 'succeeded', 'succeeded', 'succeeded']),
      queue: chance(['default', 'slow']),
      worker: chance([...WORKERS, null]),
      tags: chance([null, null, ['a'], ['a', 'b'], ['c']]),
      parent: chance([...PARENTS, null, null, null]),
      createdMs: ms + chance([-1_800_000, 0, 0, 1_800_000]),
      args: { to: chance(['Ann', 'Bob', 'Zoë "Z"', '100%']) },
      message: chance([null, null, 'Refused by host', 'timed out_']),
    };
  });
  for (const row of rows)
    await database.pool.query(
      `INSERT INTO sluice.tasks (id, name, status, queue, worker_id, tags, parent_id, created_at, args, error)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        row.id,
        row.name,
        row.status,
        row.queue,
        row.worker,
        row.tags,
        row.parent,
        new Date(row.createdMs),
        row.args,
        row.message === null ? null : { code: 'task-failed', message: row.message },
      ],
    );
});
afterAll(() => database.drop());

function fits(row: Row, filter: TaskFilter): boolean {
  const text = `${JSON.stringify(row.args)}|${row.message ?? ''}`.toLowerCase();
  return (
    (filter.name === undefined || row.name === filter.name) &&
    (filter.status === undefined || filter.status.includes(row.status)) &&
    (filter.queue === undefined || row.queue === filter.queue) &&
    (filter.worker === undefined || row.worker === filter.worker) &&
    (filter.tag === undefined || row.tags?.includes(filter.tag) === true) &&
    (filter.parentId === undefined || row.parent === filter.parentId) &&
    (filter.createdAfter === undefined || row.createdMs >= Date.parse(filter.createdAfter)) &&
    (filter.createdBefore === undefined || row.createdMs < Date.parse(filter.createdBefore)) &&
    (filter.q === undefined || text.includes(filter.q.toLowerCase()))
  );
}

const expected = (filter: TaskFilter): string[] =>
  rows
    .filter((row) => fits(row, filter))
    .map(({ id }) => id)
    .reverse();

async function walk(filter: TaskFilter, limit: number, scan?: number): Promise<string[]> {
  const found: string[] = [];
  let before: string | undefined;
  for (let pages = 0; pages < COUNT + 2; pages++) {
    const page = await listTaskIds(database.pool, filter, {
      limit,
      before,
      ...(scan === undefined ? {} : { scan }),
    });
    expect(page.ids.length).toBeLessThanOrEqual(limit);
    found.push(...page.ids);
    if (page.next === null) return found;
    before = page.next;
  }
  throw new Error('the list has no end');
}

const MIDDLE = new Date(FIRST + 300 * 60_000).toISOString();
const LATER = new Date(FIRST + 450 * 60_000).toISOString();
const FILTERS: readonly TaskFilter[] = [
  {},
  { name: 'mail' },
  { name: 'none' },
  { status: ['failed'] },
  { status: ['queued', 'running'] },
  { status: ['cancelling'] },
  { name: 'add', status: ['succeeded', 'failed'] },
  { name: 'report', status: ['running', 'cancelling'] },
  { queue: 'slow' },
  { worker: WORKERS[0]! },
  { tag: 'b' },
  { tag: 'nothing', status: ['failed'] },
  { parentId: PARENTS[1]! },
  { parentId: PARENTS[0]!, name: 'mail', status: ['succeeded'] },
  { createdAfter: MIDDLE },
  { createdBefore: MIDDLE },
  { createdAfter: MIDDLE, createdBefore: LATER, status: ['succeeded'] },
  { q: 'REFUSED' },
  { q: 'zoë' },
  { q: '100%', name: 'mail' },
  { q: 'out_', queue: 'default', tag: 'a', createdBefore: LATER },
];

describe('a list of tasks', () => {
  it.each(FILTERS)('has all that are %j, newest first, in pages', async (filter) => {
    const all = expected(filter);
    expect(await walk(filter, 7)).toEqual(all);
    expect(await walk(filter, 600)).toEqual(all);
  });

  it.each(FILTERS)('has them too when a page looks at few rows: %j', async (filter) => {
    expect(await walk(filter, 7, 11)).toEqual(expected(filter));
  });

  it('of a status among more names than are looked for one by one has all', async () => {
    const client = await database.pool.connect();
    await client.query('BEGIN');
    const more = Array.from({ length: 60 }, (_, n) => `other-${n}`);
    await client.query(
      `INSERT INTO sluice.tasks (id, name, status) SELECT sluice.uuid_v7(), name, 'failed' FROM unnest($1::text[]) name`,
      [more],
    );
    const { ids, next } = await listTaskIds(client, { status: ['failed'] }, { limit: 1000 });
    expect([ids.length, next]).toEqual([expected({ status: ['failed'] }).length + 60, null]);
    await client.query('ROLLBACK');
    client.release();
  });

  it('tells all of a task', async () => {
    const { views, next } = await listTaskViews(database.pool, { name: 'mail' }, { limit: 3 });
    expect(views.map(({ id }) => id)).toEqual(expected({ name: 'mail' }).slice(0, 3));
    expect(next).toBe(views[2]!.id);
  });
});

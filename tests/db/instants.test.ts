// Times of any year come back as they were written, by the type of all columns with times.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readInstant, writeInstant } from '../../src/db/instants.ts';
import { datasets } from '../../src/db/schema/datasets.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

it.each([
  '2026-01-31T09:00:00.123Z',
  '2026-01-31T09:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
  '0099-12-31T00:00:00.000Z',
  '0001-01-01T00:00:00.000Z',
  '0000-12-31T23:59:59.000Z',
  '-000043-03-15T12:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
  '+010000-01-01T00:00:00.500Z',
])('%s', async (text) => {
  const at = new Date(text);
  const { rows } = await database.db.execute<{ text: string; sum: string }>(
    sql`SELECT at::text AS text, extract(epoch FROM at)::text AS sum FROM (SELECT ${writeInstant(at)}::timestamptz(3) AS at) t`,
  );
  expect(Math.round(Number(rows[0]!.sum) * 1000)).toBe(at.getTime());
  expect(readInstant(rows[0]!.text)).toEqual(at);
  const [row] = await database.db
    .select({ at: sql`${sql.param(at, datasets.createdAt)}::timestamptz(3)`.mapWith(datasets.createdAt) })
    .from(sql`(SELECT 1) one`);
  expect(row).toEqual({ at });
});

it('a time that no Date has is the last or the first that one can have', () => {
  const [first, last] = [new Date(-8.64e15), new Date(8.64e15)];
  expect(readInstant('infinity')).toEqual(last);
  expect(readInstant('294276-12-31 23:59:59.999+00')).toEqual(last);
  expect(readInstant('-infinity')).toEqual(first);
  expect(() => readInstant('yesterday')).toThrow(/another form: yesterday/);
});

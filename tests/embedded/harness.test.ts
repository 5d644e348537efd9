import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { createDatabase } from '../support/database.ts';

test('each database is fresh and migrated', async () => {
  const [one, other] = await Promise.all([createDatabase(), createDatabase()]);
  await one.pool.query('CREATE TABLE only_here (id int)');
  const tables = await other.pool.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  expect(tables.rows.map((row) => row.name)).not.toContain('only_here');
  await Promise.all([one.drop(), other.drop()]);
  await expect(new pg.Client({ connectionString: one.url }).connect()).rejects.toThrow('does not exist');
});

test('Redis answers', async () => {
  const redis = new Redis(inject('redisUrl'));
  expect(await redis.ping()).toBe('PONG');
  redis.disconnect();
});

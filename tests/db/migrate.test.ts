import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { REPOSITORY } from '../support/processes.ts';

const MIGRATIONS = join(REPOSITORY, 'migrations');

it('brings an empty database up to date once, when 20 clients ask at the same time', async () => {
  const name = `migrate_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(inject('databaseUrl'));
  const server = new pg.Client({ connectionString: url.href });
  await server.connect();
  await server.query(`CREATE DATABASE ${name}`);
  url.pathname = `/${name}`;
  try {
    await Promise.all(Array.from({ length: 20 }, () => migrate(url.href)));
    await migrate(url.href);
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    const tables = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'sluice' ORDER BY 1`,
    );
    const applied = await client.query<{ count: string }>(
      'SELECT count(*), count(DISTINCT hash) FROM sluice.migrations',
    );
    await client.end();
    expect(tables.rows.map((row) => row.name)).toEqual([
      'api_keys',
      'audit_log',
      'bootstrap_admins',
      'dataset_versions',
      'datasets',
      'duty_turns',
      'existing_tables',
      'group_ends',
      'group_members',
      'groups',
      'idempotency_keys',
      'import_chunks',
      'import_matches',
      'import_row_errors',
      'imports',
      'inbox_files',
      'kept_rows',
      'key_turns',
      'mappings',
      'migrations',
      'queues',
      'record_exports',
      'record_reads',
      'record_requests',
      'resumable_uploads',
      'retried_rows',
      'schedule_runs',
      'schedules',
      'schema_info',
      'taken_back_rows',
      'task_attempts',
      'task_counting',
      'task_cursors',
      'task_definitions',
      'task_logs',
      'task_rates',
      'task_signals',
      'task_steps',
      'task_times',
      'task_totals',
      'task_waits',
      'tasks',
      'unique_keys',
      'upload_pieces',
      'uploads',
      'users',
      'webhook_attempts',
      'webhook_deliveries',
      'webhooks',
      'worker_commands',
      'worker_pool',
      'workers',
    ]);
    const all = (await readdir(MIGRATIONS)).filter((file) => file.endsWith('.sql'));
    expect(applied.rows[0]).toMatchObject({ count: String(all.length) });
  } finally {
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await server.end();
  }
});

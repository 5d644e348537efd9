// Brings Sluice's own tables up to date. Safe to run from many processes at once: one works, the others wait.
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as runMigrations } from 'drizzle-orm/node-postgres/migrator';
import { AppError } from '../errors.ts';
import { createClient } from './connection.ts';
import { readSchemaState } from './schema-version.ts';
import { packageFile } from '../package-files.ts';

/** Any number, the same in every version of Sluice. */
const MIGRATION_LOCK = 7_548_213;
const MIGRATIONS_FOLDER = packageFile('migrations');

/**
 * Applies what is missing, in order, in one transaction. Throws what Postgres says; nothing is half applied.
 * @param directUrl leads to a session of its own, which holds the lock @throws AppError CONFIG_INVALID when a newer Sluice has migrated the database, and this one cannot work with it
 */
export async function migrate(directUrl: string): Promise<void> {
  const client = createClient({ url: directUrl }, 'migrate');
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const { found, needed, problem } = await readSchemaState(client);
    if (found > needed && problem !== undefined)
      throw new AppError('CONFIG_INVALID', problem, { found, needed });
    await runMigrations(drizzle(client), {
      migrationsFolder: MIGRATIONS_FOLDER,
      migrationsSchema: 'sluice',
      migrationsTable: 'migrations',
    });
  } finally {
    await client.end();
  }
}

// Code and tables of different versions: refused, unless the newer tables say that older code can work with them.
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { readSchemaState, requireSchema } from '../../src/db/schema-version.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { spawnSluice } from '../support/processes.ts';
import { temporaryFolder } from '../support/temp-folder.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

const older = () =>
  database.pool.query('DELETE FROM sluice.migrations WHERE id = (SELECT max(id) FROM sluice.migrations)');
const newer = () =>
  database.pool.query(
    "INSERT INTO sluice.migrations (hash, created_at) VALUES ('of a newer Sluice', 9000000000000)",
  );
const start = (...command: string[]) =>
  spawnSluice(command, {
    env: {
      DATABASE_URL: database.url,
      REDIS_URL: inject('redisUrl'),
      SLUICE_HOME: temporaryFolder(),
      SLUICE_ADMIN_KEY: undefined,
      PORT: '0',
    },
  });

describe('the state of the schema', () => {
  it('is fine when code and tables are of one version', async () => {
    const state = await readSchemaState(database.pool);
    expect(state).toEqual({ found: state.needed, needed: state.needed, problem: undefined });
    expect(state.needed).toBeGreaterThan(9);
  });

  it('names both versions when the tables are older, and says to migrate', async () => {
    const { needed } = await readSchemaState(database.pool);
    await older();
    await expect(requireSchema(database.pool)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `The database has version ${needed - 1} of Sluice's tables, and this Sluice needs version ${needed}. Run "sluice migrate".`,
    });
  });

  it('names both versions when they are newer, and migrating refuses too', async () => {
    const { needed } = await readSchemaState(database.pool);
    await newer();
    const words = `The database has version ${needed + 1} of Sluice's tables, and this Sluice knows only version ${needed}.`;
    await expect(requireSchema(database.pool)).rejects.toThrow(words);
    await expect(migrate(database.url)).rejects.toThrow(words);
  });

  it('is fine when newer tables say that this code can work with them', async () => {
    const { needed } = await readSchemaState(database.pool);
    await newer();
    const say = (from: number) =>
      database.pool.query(
        'INSERT INTO sluice.schema_info VALUES ($1, $2) ON CONFLICT (version) DO UPDATE SET compatible_from = $2',
        [needed + 1, from],
      );
    await say(needed + 1);
    await expect(requireSchema(database.pool)).rejects.toThrow('knows only version');
    await say(needed);
    await requireSchema(database.pool);
    await migrate(database.url);
  });

  it('says that there are no tables', async () => {
    await database.pool.query('DROP SCHEMA sluice CASCADE');
    await expect(requireSchema(database.pool)).rejects.toThrow(
      'The database has no tables of Sluice yet. Run "sluice migrate".',
    );
  });
});

it.each(['api', 'worker'])('%s refuses to start on tables of another version', async (command) => {
  const refused = async (words: RegExp): Promise<void> => {
    const process = start(command);
    expect((await process.exited).code).toBe(1);
    expect(process.output()).toMatch(words);
  };
  await newer();
  await refused(/knows only version \d+/);
  await older();
  await older();
  await refused(/needs version \d+\. Run .*sluice migrate/);
});

it.each([
  [['keys', 'list']],
  [['keys', 'create', '--name', 'ci', '--role', 'viewer']],
  [['keys', 'revoke', 'slk_x']],
  [['datasets', 'apply']],
  [['datasets', 'apply', '--plan']],
])('%s is refused in one sentence on tables of another version', async (command) => {
  const refused = async (sentence: RegExp): Promise<void> => {
    const process = start(...command);
    expect((await process.exited).code).toBe(1);
    expect(process.output()).toMatch(sentence);
  };
  await newer();
  await refused(
    /^sluice: The database has version \d+ of Sluice's tables, and this Sluice knows only version [^\n]*\n$/,
  );
  await older();
  await older();
  await refused(/^sluice: The database has version \d+ [^\n]* Run "sluice migrate"\.\n$/);
  await database.pool.query('DROP SCHEMA sluice CASCADE');
  await refused(/^sluice: The database has no tables of Sluice yet\. Run "sluice migrate"\.\n$/);
});

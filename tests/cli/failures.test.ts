// What a wrong setting or a missing server comes to: one sentence, exit code 1, no stack.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { refuseUnfit, SINGLE } from '../../src/cli/redis-problems.ts';
import { refuseOldPostgres } from '../../src/db/check-postgres.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { createDatabase } from '../support/database.ts';
import { REPOSITORY, spawnSluice, waitFor } from '../support/processes.ts';
import { temporaryFolder } from '../support/temp-folder.ts';

const databaseUrl = (): URL => new URL(inject('databaseUrl'));
const redisUrl = (): URL => new URL(inject('redisUrl'));

interface Start {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** What a command that is expected to end says; of several lines the last one. */
async function failureOf({ args, env, cwd }: Start): Promise<string> {
  const process = spawnSluice(args, {
    env: { DATABASE_URL: '', REDIS_URL: '', SLUICE_HOME: join(temporaryFolder(), 'home'), PORT: '0', ...env },
    cwd: cwd ?? temporaryFolder(),
  });
  expect((await process.exited).code).toBe(1);
  expect(process.output()).not.toMatch(/^ +at /m);
  return process.output().trim().split('\n').at(-1)!;
}

it('a misspelt setting, in the environment or in .env', async () => {
  const sentence = 'sluice: There is no setting SLUICE_CONCURENCY. Did you mean SLUICE_CONCURRENCY?';
  expect(await failureOf({ args: ['worker'], env: { SLUICE_CONCURENCY: '2' } })).toBe(sentence);
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, '.env'), 'SLUICE_CONCURENCY=2\n');
  expect(await failureOf({ args: ['up'], cwd })).toBe(sentence);
});

it('a file .env that cannot be read', async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, '.env'));
  expect(await failureOf({ args: ['up'], cwd })).toMatch(
    /^sluice: The file \.env in this folder cannot be read: it is a folder/,
  );
});

it('a Postgres and a Redis that are away do not: a worker waits for them, and its health is good meanwhile', async () => {
  const port = await freePort();
  const worker = spawnSluice(['worker'], {
    env: {
      DATABASE_URL: 'postgres://sluice:x@127.0.0.1:1/sluice',
      REDIS_URL: 'redis://127.0.0.1:1',
      SLUICE_HOME: join(temporaryFolder(), 'home'),
      SLUICE_WORKER_HEALTH_PORT: String(port),
    },
  });
  onTestFinished(() => worker.kill('SIGKILL'));
  const health = await waitFor(() => fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined), {
    what: 'the health of the worker',
    timeoutMs: 20_000,
  });
  expect([health.status, await health.json()]).toEqual([200, { status: 'ok', quietMs: 0 }]);
  expect(worker.output()).toContain('Postgres cannot be reached; trying again until it can');
});

it('a folder that is a file, or is not there', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(await failureOf({ args: ['up'], env: { SLUICE_HOME: file } })).toBe(
    `sluice: SLUICE_HOME is ${file}, where no files can be written: a file of that name is there (EEXIST).`,
  );
  expect(await failureOf({ args: ['keys', 'list'], env: { SLUICE_HOME: file } })).toBe(
    `sluice: SLUICE_HOME is ${file}, which is not a folder.`,
  );
  expect(await failureOf({ args: ['up'], env: { SLUICE_STORAGE_DIR: join(file, 'x') } })).toMatch(
    /SLUICE_STORAGE_DIR is .* a part of the path is a file/,
  );
  for (const command of ['api', 'worker'])
    expect(
      await failureOf({
        args: [command],
        env: { DATABASE_URL: inject('databaseUrl'), REDIS_URL: inject('redisUrl'), SLUICE_STORAGE_DIR: file },
      }),
    ).toMatch(/^sluice: SLUICE_STORAGE_DIR is /);
  expect(await failureOf({ args: ['up'], env: { SLUICE_DATASETS_DIR: '/no/such/folder' } })).toBe(
    'sluice: SLUICE_DATASETS_DIR is /no/such/folder, and there is no such folder.',
  );
});

it('a Postgres that is absent, refuses the password, or lacks the database', async () => {
  const absent = `postgres://a:b@127.0.0.1:${await freePort()}/c`;
  for (const args of [['up'], ['migrate'], ['keys', 'list'], ['datasets', 'apply']])
    expect(await failureOf({ args, env: { DATABASE_URL: absent }, cwd: REPOSITORY })).toMatch(
      /^sluice: Postgres cannot be reached at DATABASE_URL: .*ECONNREFUSED.* Is it running, and is the address right\?$/,
    );
  const wrong = databaseUrl();
  wrong.password = 'hunter2';
  const refused = await failureOf({ args: ['up'], env: { DATABASE_URL: wrong.href } });
  expect(refused).toMatch(/^sluice: Postgres refuses the user or the password in DATABASE_URL: /);
  expect(refused).not.toContain('hunter2');
  for (const command of ['api', 'worker'])
    expect(
      await failureOf({ args: [command], env: { DATABASE_URL: wrong.href, REDIS_URL: inject('redisUrl') } }),
    ).toBe(refused);
  wrong.password = '';
  expect(await failureOf({ args: ['migrate'], env: { DATABASE_URL: wrong.href } })).toBe(
    'sluice: Postgres asks for a password, and DATABASE_URL has none.',
  );
  const other = databaseUrl();
  other.pathname = '/nowhere';
  expect(await failureOf({ args: ['migrate'], env: { DATABASE_URL: other.href } })).toBe(
    'sluice: Database "nowhere" does not exist in the Postgres of DATABASE_URL. Make it, or correct the name.',
  );
});

it('a Redis that is absent or refuses the password', async () => {
  const env = { DATABASE_URL: inject('databaseUrl') };
  const absent = `redis://127.0.0.1:${await freePort()}`;
  expect(await failureOf({ args: ['up'], env: { ...env, REDIS_URL: absent } })).toMatch(
    /^sluice: Redis cannot be reached at REDIS_URL: .*ECONNREFUSED/,
  );
  for (const password of ['hunter2', '']) {
    const wrong = redisUrl();
    wrong.password = password;
    for (const command of ['up', 'api', 'worker']) {
      const refused = await failureOf({ args: [command], env: { ...env, REDIS_URL: wrong.href } });
      expect(refused).toMatch(
        /^sluice: Redis refuses the user or the password in REDIS_URL: (WRONGPASS|NOAUTH)/,
      );
      expect(refused).not.toContain('hunter2');
    }
  }
});

it('but an API and a worker wait for servers that are away, and say so', async () => {
  const env = {
    DATABASE_URL: `postgres://a:hunter2@127.0.0.1:${await freePort()}/c`,
    REDIS_URL: `redis://:hunter2@127.0.0.1:${await freePort()}`,
    SLUICE_HOME: join(temporaryFolder(), 'home'),
    PORT: '0',
  };
  for (const command of ['api', 'worker']) {
    const waiting = spawnSluice([command], { env });
    await waiting.says(/Postgres cannot be reached; trying again until it can/);
    await waiting.says(/Redis cannot be reached; trying again until it can/);
    expect(waiting.output()).not.toContain('hunter2');
    waiting.kill('SIGKILL');
    expect((await waiting.exited).signal).toBe('SIGKILL');
  }
});

it('a server that is too old', () => {
  expect(() => refuseOldPostgres(130_012)).toThrow(
    'The Postgres of DATABASE_URL is version 13. Sluice needs 14 or later.',
  );
  expect(() => refuseOldPostgres(140_000)).not.toThrow();
  expect(() => refuseUnfit('# Server\r\nredis_version:6.0.16\r\n', SINGLE, 'standalone')).toThrow(
    'The Redis of REDIS_URL is version 6.0. Sluice needs 6.2 or later.',
  );
  for (const info of ['redis_version:6.2.0', 'redis_version:8.0.1', '# Server'])
    expect(() => refuseUnfit(info, SINGLE, 'standalone')).not.toThrow();
});

it('an address or a port that the API cannot listen on', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  const port = await waitFor(() => (other.address() as { port: number } | null)?.port, {
    what: 'the other server',
  });
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const env = { DATABASE_URL: database.url, REDIS_URL: inject('redisUrl') };
  expect(await failureOf({ args: ['api'], env: { ...env, PORT: String(port) } })).toBe(
    `sluice: Port ${port} on 127.0.0.1 is in use by another program. Stop that one, or set PORT to a free port.`,
  );
  // TEST-NET-1 of RFC 5737 is nobody's address.
  expect(await failureOf({ args: ['api'], env: { ...env, HOST: '192.0.2.1' } })).toBe(
    'sluice: HOST is 192.0.2.1, which is no address of this machine. Set it to one, or to 0.0.0.0 for all.',
  );
});

it('a command line that is wrong is exit code 2, with the usage in five lines', async () => {
  for (const [args, said] of [
    [['imprt'], 'Did you mean import?'],
    [['import'], "required option '-d, --dataset <name>'"],
    [['import', 'a.csv', '-d', 'x', '--mode', 'y'], 'It must be insert'],
    [['list', '--limit', '0'], 'It must be a whole number from 1.'],
    [['rerun'], 'give the id of an import, or --status'],
    [['keys', 'create', '--name', 'x', '--role', 'king'], 'viewer, operator, admin'],
  ] as const) {
    const process = spawnSluice(args);
    expect((await process.exited).code, args.join(' ')).toBe(2);
    expect(process.output()).toContain(said);
    expect(process.output()).toContain('Usage: sluice');
    expect(process.output().trim().split('\n').length).toBeLessThanOrEqual(5);
  }
});

it('help and version are exit code 0', async () => {
  const version = spawnSluice(['--version']);
  expect((await version.exited).code).toBe(0);
  expect(version.output()).toMatch(/^\d+\.\d+\.\d+\n$/);
  const help = spawnSluice(['help']);
  expect((await help.exited).code).toBe(0);
  expect(help.output()).toContain(
    '3  with --fail-on-rejects: the import succeeded, and records were rejected',
  );
});

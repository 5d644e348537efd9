import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/embedded/ports.ts';
import { startTimeOf } from '../../src/embedded/process-identity.ts';
import { REPOSITORY, spawnProcess, waitFor, type TestProcess } from '../support/processes.ts';
import { temporaryFolder } from '../support/temp-folder.ts';

const RUN_UP = join(dirname(fileURLToPath(import.meta.url)), 'run-up.mjs');
const API_LINE = /^ {4}API +(\S+)$/m;
const UP = /Ctrl-C stops everything/;

const SETTINGS_UNSET = {
  PORT: undefined,
  DATABASE_URL: undefined,
  REDIS_URL: undefined,
  SLUICE_ADMIN_KEY: undefined,
};

/** `up` with stand-ins for API and worker. */
function startUp(home: string, env: Record<string, string | undefined> = {}): TestProcess {
  return spawnProcess([process.execPath, RUN_UP], { env: { ...SETTINGS_UNSET, SLUICE_HOME: home, ...env } });
}

/** The servers of the test run instead of ones of its own, and a port that no other test takes. */
async function outside(): Promise<Record<string, string>> {
  return {
    DATABASE_URL: inject('databaseUrl'),
    REDIS_URL: inject('redisUrl'),
    PORT: String(await freePort()),
  };
}

/** A home that has the redis-server of the tests, so that none is fetched. */
function homeWithTools(): string {
  const home = join(temporaryFolder(), 'home');
  mkdirSync(home);
  symlinkSync(join(REPOSITORY, '.sluice', 'tools'), join(home, 'tools'));
  return home;
}

function pidsOf(part: 'api' | 'worker', up: TestProcess): number[] {
  return [...up.output().matchAll(new RegExp(`^${part} (\\d+)$`, 'gm'))].map(([, pid]) => Number(pid));
}

function pidIn(file: string): number {
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  expect(pid).toBeGreaterThan(1);
  return pid;
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(`${url}/readyz`)).ok;
}

test('runs everything, keeps it running, and stops all of it on SIGTERM', async () => {
  const home = homeWithTools();
  const up = startUp(home, { PORT: '0' });
  await up.says(UP);
  await up.says(/^worker \d+$/m);
  const url = API_LINE.exec(up.output())?.[1] ?? '';
  expect(await answers(url)).toBe(true);
  const key = readFileSync(join(home, 'admin.key'), 'utf8').trim();
  expect(key).toMatch(/^slk_[\w-]{43}$/);
  expect(statSync(join(home, 'admin.key')).mode & 0o777).toBe(0o600);
  expect(up.output()).toContain(`Authorization: Bearer ${key}`);

  const databaseUrl = /psql "(.+)"/.exec(up.output())?.[1] ?? '';
  const postgresPid = join(home, 'postgres', 'cluster', 'postmaster.pid');
  const redisPid = join(home, 'redis', 'pid');
  for (const [name, pids] of [
    ['Postgres', [pidIn(postgresPid)]],
    ['Redis', [pidIn(redisPid)]],
    ['The API', pidsOf('api', up)],
    ['The worker', pidsOf('worker', up)],
  ] as const) {
    expect(pids).toHaveLength(1);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await up.says(new RegExp(`${name} ended \\(signal SIGKILL\\)[^]*${name} runs again`));
  }
  // More often than it may end by itself.
  for (let kill = 2; kill <= 6; kill++) {
    await waitFor(() => pidsOf('worker', up).length === kill, { what: 'the next worker' });
    process.kill(pidsOf('worker', up).at(-1)!, 'SIGKILL');
  }
  await waitFor(() => pidsOf('worker', up).length === 7, { what: 'the last worker' });
  // At the addresses that are known: API and worker have been told them, and so have users.
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.end();
  expect(await answers(url)).toBe(true);

  const pids = [pidIn(postgresPid), pidIn(redisPid), ...pidsOf('api', up), ...pidsOf('worker', up)];
  up.kill('SIGTERM');
  expect(await up.exited).toEqual({ code: 0, signal: null });
  expect(pids.filter((pid) => startTimeOf(pid) !== undefined)).toEqual([]);

  const again = startUp(home, { PORT: '0' });
  await again.says(UP);
  expect(again.output()).toContain(`Authorization: Bearer ${key}`);
});

test.each(['000', '077'])('with a umask of %s, what it holds is for its owner alone', async (umask) => {
  const folder = temporaryFolder();
  const home = join(folder, 'home');
  mkdirSync(home, { mode: 0o755 });
  symlinkSync(join(REPOSITORY, '.sluice', 'tools'), join(home, 'tools'));
  // Left behind by an earlier version, or by hand.
  writeFileSync(join(home, 'running.json'), '{}', { mode: 0o644 });
  const up = spawnProcess(['sh', '-c', `umask ${umask}; exec "$0" "$1"`, process.execPath, RUN_UP], {
    env: { ...SETTINGS_UNSET, SLUICE_HOME: home, PORT: '0' },
  });
  await up.says(UP);
  const open = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('tools') && (statSync(join(home, name)).mode & 0o077) !== 0,
  );
  // Postgres, when it has to be another user, passes through its folder.
  expect(open).toEqual(['postgres']);
  expect(statSync(join(home, 'postgres')).mode & 0o777).toBe(0o711);
  up.kill('SIGTERM');
  expect((await up.exited).code).toBe(0);
});

test('a second one in the same home names the first, and ends well', async () => {
  const home = join(temporaryFolder(), 'home');
  const env = await outside();
  const first = startUp(home, env);
  await first.says(UP);
  const second = startUp(home, env);
  expect((await second.exited).code).toBe(0);
  expect(second.output()).toBe(
    `Sluice is already running here (pid ${first.pid}): http://127.0.0.1:${env['PORT']}\n`,
  );
});

test('when it is killed its parts end too, and the next one takes over', async () => {
  const home = homeWithTools();
  // Of the servers Redis is its own.
  const env = { DATABASE_URL: inject('databaseUrl'), PORT: '0' };
  const first = startUp(home, env);
  await first.says(UP);
  await first.says(/^worker \d+$/m);
  const pids = [pidIn(join(home, 'redis', 'pid')), ...pidsOf('api', first), ...pidsOf('worker', first)];
  first.kill('SIGKILL');
  const second = startUp(home, env);
  await second.says(UP);
  expect(pids).toHaveLength(3);
  await waitFor(() => pids.every((pid) => startTimeOf(pid) === undefined), {
    what: 'the parts of the first one to end',
  });
});

test('it starts also when its admin key was revoked', async () => {
  const up = startUp(join(temporaryFolder(), 'home'), { ...(await outside()), STAND_IN_API: 'closed' });
  await up.says(UP);
});

test('a part that cannot stay up makes it give up, with exit code 1', async () => {
  const up = startUp(join(temporaryFolder(), 'home'), { ...(await outside()), STAND_IN_WORKER: 'crashes' });
  expect((await up.exited).code).toBe(1);
  expect(up.output()).toContain('The worker ended (exit code 3), for the 5th time within 60 s. Giving up.');
  expect(pidsOf('worker', up)).toHaveLength(5);
  expect(pidsOf('api', up).filter((pid) => startTimeOf(pid) !== undefined)).toEqual([]);
});

test('a second Ctrl-C ends at once what does not want to stop', async () => {
  const up = startUp(join(temporaryFolder(), 'home'), { ...(await outside()), STAND_IN_WORKER: 'deaf' });
  await up.says(UP);
  await up.says(/^worker listens$/m);
  up.kill('SIGINT');
  await up.says(/worker heard/);
  // As long as the second signal may be the first one's echo (npm passes it on), it changes nothing.
  const ended = await waitFor(
    () => {
      up.kill('SIGINT');
      return startTimeOf(up.pid) === undefined && up.exited;
    },
    { what: 'up to end' },
  );
  expect(ended.code).toBe(130);
  await waitFor(() => pidsOf('worker', up).every((pid) => startTimeOf(pid) === undefined), {
    what: 'the worker to end',
  });
});

test('a port that was asked for and is in use is an error', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  const port = await waitFor(() => (other.address() as { port: number } | null)?.port, {
    what: 'the other server',
  });
  const refused = startUp(join(temporaryFolder(), 'home'), { ...(await outside()), PORT: String(port) });
  expect((await refused.exited).code).toBe(1);
  expect(refused.output()).toContain(`Port ${port} on 127.0.0.1 is in use.`);
});

test('two that start at once without a port get two', async () => {
  const env = { ...(await outside()), PORT: undefined };
  const both = [startUp(join(temporaryFolder(), 'one'), env), startUp(join(temporaryFolder(), 'two'), env)];
  await Promise.all(both.map((up) => up.says(UP)));
  const urls = both.map((up) => API_LINE.exec(up.output())?.[1] ?? '');
  expect(new Set(urls).size).toBe(2);
  expect(await Promise.all(urls.map(answers))).toEqual([true, true]);
});

// `npm start` as a user meets it: the real command, the printed curl line, a crash, Ctrl-C, and a second start.
import { execFileSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it } from 'vitest';
import { REPOSITORY, spawnProcess, spawnSluice, waitFor, type TestProcess } from '../support/processes.ts';
import { temporaryFolder } from '../support/temp-folder.ts';

const TIMEOUT_MS = 60_000;

it('runs, takes the curl line it prints, survives a killed worker, stops in order, and finds its data again', async () => {
  const home = join(temporaryFolder(), 'a home');
  reuseTools(home);
  const first = start(home);
  const [curl] = await first.says(/curl .*\/v1\/imports/, TIMEOUT_MS);
  const key = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  expect((await stat(join(home, 'admin.key'))).mode & 0o777).toBe(0o600);
  expect(curl).toContain(`Bearer ${key}`);

  const imp = JSON.parse(execFileSync('sh', ['-c', curl], { cwd: REPOSITORY, encoding: 'utf8' })) as {
    id: string;
  };
  const url = /http:\/\/[\d.:]+/.exec(curl)![0];
  const task = async (): Promise<{ status: string; result: unknown }> =>
    (await (
      await fetch(`${url}/v1/tasks/${imp.id}`, { headers: { authorization: `Bearer ${key}` } })
    ).json()) as { status: string; result: unknown };
  const ended = await waitFor(async () => [await task()].find((each) => each.status === 'succeeded'), {
    what: 'the import to succeed',
  });
  expect(ended.result).toMatchObject({ records: 1000, loaded: 1000 });
  expect(await countCustomers(first)).toBe(1000);

  // Other commands find what runs here.
  const keys = spawnSluice(['keys', 'list'], { env: { SLUICE_HOME: home } });
  expect((await keys.exited).code).toBe(0);
  expect(keys.output()).toContain(key.slice(0, 12));
  const more = spawnSluice(['import', 'examples/customers.csv', '-d', 'customers', '--watch'], {
    env: { SLUICE_HOME: home },
  });
  expect((await more.exited).code).toBe(0);

  // Killed from outside, it is started again; tests/embedded/up.test.ts does it more often than a worker may fail.
  process.kill(workerOf(first), 'SIGKILL');
  await first.says(/The worker ended \(signal SIGKILL\)\./, TIMEOUT_MS);
  await waitFor(() => first.output().split('worker ready').length > 2, {
    what: 'the next worker',
    timeoutMs: TIMEOUT_MS,
  });

  first.kill('SIGINT');
  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(first.output()).toContain('Sluice has stopped.');
  const late = spawnSluice(['keys', 'list'], { env: { SLUICE_HOME: home } });
  expect((await late.exited).code).toBe(1);
  expect(late.output()).toContain('DATABASE_URL is not set, and no "sluice up" runs here.');

  const second = start(home);
  await second.says(/Sluice is running/, TIMEOUT_MS);
  expect(await countCustomers(second)).toBe(2000);
  second.kill('SIGTERM');
  expect((await second.exited).code).toBe(0);
}, 180_000);

function start(home: string): TestProcess {
  return spawnProcess([process.execPath, 'scripts/start.mjs'], {
    env: { SLUICE_HOME: home, PORT: '0', DATABASE_URL: undefined, REDIS_URL: undefined },
  });
}

/** Without it, each new home fetches a Redis of its own. */
function reuseTools(home: string): void {
  const tools = join(REPOSITORY, '.sluice', 'tools');
  execFileSync('mkdir', ['-p', home]);
  if (existsSync(tools)) symlinkSync(tools, join(home, 'tools'));
}

async function countCustomers(up: TestProcess): Promise<number> {
  const url = /psql "(.+)"/.exec(up.output())![1]!;
  const client = new pg.Client(url);
  await client.connect();
  // What is made by hand through the printed line stands where datasets look for it.
  expect((await client.query('SELECT current_schema()')).rows).toEqual([{ current_schema: 'public' }]);
  const { rows } = await client.query<{ customers: number }>(
    'SELECT count(*)::int AS customers FROM customers JOIN addresses a ON a.id = address_id',
  );
  await client.end();
  return rows[0]!.customers;
}

/** The worker is a grandchild: of start.mjs, or of the process that it became. */
function workerOf(up: TestProcess): number {
  const processes = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, ppid, args]) => ({ pid: Number(pid), ppid: Number(ppid), args: args! }));
  const family = new Set([up.pid]);
  for (const { pid, ppid } of processes.toSorted((a, b) => a.pid - b.pid))
    if (family.has(ppid)) family.add(pid);
  return processes.find(({ pid, args }) => family.has(pid) && args.endsWith(' worker'))!.pid;
}

import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/embedded/ports.ts';
import { startRedis, type RedisOptions } from '../../src/embedded/redis.ts';
import { findRedis } from '../../src/embedded/redis-binary.ts';
import { startTimeOf } from '../../src/embedded/process-identity.ts';
import { REPOSITORY, spawnProcess, waitFor } from '../support/processes.ts';
import { temporaryFolder } from '../support/temp-folder.ts';
import { silent } from './silent-log.ts';
import { startInChild } from './start-in-child.ts';

const toolsDir = join(REPOSITORY, '.sluice', 'tools');

async function start(dataDir: string, extra: Partial<RedisOptions> = {}) {
  const redis = await startRedis({ dataDir, toolsDir, persistent: true, log: silent, ...extra });
  onTestFinished(redis.stop);
  return redis;
}

async function withClient<T>(url: string, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined);
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

test('keeps its data over a restart, in a folder with a space in its path', async () => {
  const dataDir = join(temporaryFolder(), 'home', 'redis');
  const first = await start(dataDir);
  await withClient(first.url, (client) => client.set('kept', '42'));
  await first.stop();
  await first.stop();
  expect(await first.exited).toEqual({ code: 0, signal: null });

  const second = await start(dataDir);
  expect(await withClient(second.url, (client) => client.get('kept'))).toBe('42');
});

test('never drops entries, and lets in only who has the password', async () => {
  const dataDir = join(temporaryFolder(), 'redis');
  const redis = await start(dataDir);
  expect(await withClient(redis.url, (client) => client.config('GET', 'maxmemory-policy'))).toEqual([
    'maxmemory-policy',
    'noeviction',
  ]);
  expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600);
  await expect(withClient(`redis://127.0.0.1:${redis.port}`, (client) => client.get('any'))).rejects.toThrow(
    'NOAUTH',
  );
});

test('one that is not persistent leaves nothing on disk', async () => {
  const dataDir = join(temporaryFolder(), 'redis');
  const redis = await start(dataDir, { persistent: false });
  await withClient(redis.url, (client) => client.set('gone', '1'));
  await redis.stop();
  expect(existsSync(join(dataDir, 'appendonlydir'))).toBe(false);
});

test('says which port is in use when it was told to take that one', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  const port = await waitFor(() => (other.address() as { port: number } | null)?.port, {
    what: 'the other server',
  });
  await expect(start(join(temporaryFolder(), 'redis'), { port })).rejects.toThrow(
    `cannot listen on port ${port}: it is in use`,
  );
});

test('two in one folder: the second says who has it, and can start when that one has stopped', async () => {
  const dataDir = join(temporaryFolder(), 'redis');
  const first = await start(dataDir);
  await expect(start(dataDir)).rejects.toThrow(`already run by process ${process.pid}`);
  await first.stop();
  await start(dataDir);
});

test('starts again, with what was written, after its supervisor was killed', async () => {
  const dataDir = join(temporaryFolder(), 'redis');
  const supervisor = startInChild('redis', dataDir, toolsDir);
  const [, pid = '', url = ''] = await supervisor.says(/^running (\d+) (\S+)$/m);
  await withClient(url, (client) => client.set('kept', '42'));
  supervisor.kill('SIGKILL');
  await supervisor.exited;

  const next = await start(dataDir);
  expect(startTimeOf(Number(pid))).toBeUndefined();
  expect(await withClient(next.url, (client) => client.get('kept'))).toBe('42');
});

test('stops a server that outlived its supervisor, before it starts its own', async () => {
  const dataDir = join(temporaryFolder(), 'redis');
  await (await start(dataDir)).stop();
  const binary = await findRedis(toolsDir, silent);
  const orphan = spawnProcess(
    [binary.path, '--port', String(await freePort()), '--dir', dataDir, '--pidfile', join(dataDir, 'pid')],
    { env: binary.env },
  );
  await waitFor(() => existsSync(join(dataDir, 'pid')), { what: 'the pid file of the orphan' });
  await start(dataDir);
  expect(startTimeOf(orphan.pid)).toBeUndefined();
});

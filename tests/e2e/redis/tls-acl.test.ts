// Redis with TLS, a private authority, a certificate of the client, and a user who has just the rights that docs/redis.md gives.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificates, type Certificates } from '../../support/certificates.ts';
import { REPOSITORY, spawnSluice } from '../../support/processes.ts';
import { startRedisServer, type RedisServer } from '../../support/redis-servers.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { someFile, steadyWork, type SteadyWork } from '../../support/steady-work.ts';
import { folderForFile } from '../../support/temp-folder.ts';
import { waitFor } from '../../support/wait-for.ts';

const PREFIX = 'those-of:sluice';

let certificates: Certificates;
let server: RedisServer;
let work: SteadyWork;
let sluice: Sluice;

/** The rights as the page says. */
function documented(): string {
  const page = readFileSync(join(REPOSITORY, 'docs/redis.md'), 'utf8');
  const rights = /^ACL SETUSER sluice on >PASSWORD (.+)$/m.exec(page)![1]!;
  return rights.replace('~sluice:*', `~${PREFIX}:*`);
}

beforeAll(async () => {
  const folder = folderForFile();
  certificates = await makeCertificates(folder);
  const { caFile, certFile, keyFile } = certificates;
  server = await startRedisServer(folder, {
    tls: certificates,
    config: [
      'user default off',
      'user root on >root-secret ~* &* +@all',
      `user sluice on >p@ss/word ${documented()}`,
    ],
    client: { username: 'root', password: 'root-secret' },
  });
  await waitFor(() => server.redis.ping(), { what: 'Redis' });
  work = await steadyWork();
  sluice = await startSluice({
    datasets: ['bench/people.json'],
    env: {
      ...work.env,
      REDIS_URL: `rediss://sluice:p%40ss%2Fword@127.0.0.1:${server.port}`,
      REDIS_TLS_CA: caFile,
      REDIS_TLS_CERT: certFile,
      REDIS_TLS_KEY: keyFile,
      SLUICE_QUEUE_PREFIX: PREFIX,
    },
  });
  await work.begin(sluice);
});
afterAll(async () => {
  await sluice.stop();
  await work.remove();
  await server.kill();
});

it('says what is wrong with a certificate, the protocol or the rights', async () => {
  const refusal = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const refused = spawnSluice(['up'], { env: { ...sluice.env, ...env } });
    expect((await refused.exited).code).toBe(1);
    return refused.output();
  };
  expect(await refusal({ REDIS_TLS_CA: '' })).toMatch(
    /The certificate of Redis is not trusted: .* Set REDIS_TLS_CA to a file/,
  );
  expect(await refusal({ REDIS_TLS_CERT: '', REDIS_TLS_KEY: '' })).toMatch(
    /wants a certificate of its clients.* set REDIS_TLS_CERT and REDIS_TLS_KEY/i,
  );
  expect(await refusal({ REDIS_URL: sluice.env['REDIS_URL']!.replace('127.0.0.1', 'localhost') })).toMatch(
    /The certificate of Redis is for another name than the one it was reached by/,
  );
  await server.redis.call('acl', 'setuser', 'poor', 'on', '>poor', '~*', '+ping');
  expect(await refusal({ REDIS_URL: sluice.env['REDIS_URL']!.replace(/sluice:[^@]+/, 'poor:poor') })).toMatch(
    /The user of REDIS_URL may not do what Sluice needs: NOPERM .*docs\/redis\.md has the rights/,
  );
  await server.redis.call('acl', 'log', 'reset');
});

it('does all that it does with the rights of docs/redis.md, on its own keys alone', async () => {
  const worker = await sluice.startWorker();
  await work.sendImport(sluice.url, someFile());
  await work.putTasks(20, 5);
  await work.expectExact();
  const asked = await sluice.fetch('/v1/tasks', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'note', args: { ms: 1 } }),
  });
  expect(asked.status).toBe(202);
  const { id } = (await asked.json()) as { id: string };
  work.tasks.push(id);
  expect((await sluice.fetch(`/v1/tasks/${id}?wait=10`)).status).toBe(200);
  // One that is cancelled, so that its bell is taken back.
  worker.kill('SIGTERM');
  await worker.exited;
  const cancelled = (await (await sluice.send('people', someFile().text)).json()) as { id: string };
  expect((await sluice.fetch(`/v1/tasks/${cancelled.id}`, { method: 'DELETE' })).status).toBe(202);
  await work.expectExact();

  for (const path of [
    '/dashboard/api/queues?activeQueue=imports&status=completed&page=1&jobsPerPage=10',
    '/metrics',
  ])
    expect([path, (await sluice.fetch(path)).status]).toEqual([path, 200]);
  expect(await server.redis.call('acl', 'log')).toEqual([]);
  const others = (await server.redis.keys('*')).filter((key) => !key.startsWith(`${PREFIX}:`));
  expect(others).toEqual([]);
});

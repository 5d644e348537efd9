// A Cluster, the death of the master that has Sluice's keys, and a user with just the rights that docs/redis.md gives.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { makeCertificates, type Certificates } from '../../support/certificates.ts';
import { startRedisCluster, type RedisCluster } from '../../support/redis-servers.ts';
import { REPOSITORY, spawnSluice } from '../../support/processes.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { someFile, steadyWork, type SteadyWork } from '../../support/steady-work.ts';
import { folderForFile } from '../../support/temp-folder.ts';
import { waitFor } from '../../support/wait-for.ts';

const PREFIX = 'clustered';

let certificates: Certificates;
let redis: RedisCluster;
let work: SteadyWork;
let sluice: Sluice;

beforeAll(async () => {
  const folder = folderForFile();
  certificates = await makeCertificates(folder);
  const page = readFileSync(join(REPOSITORY, 'docs/redis.md'), 'utf8');
  const rights = /^ACL SETUSER sluice on >PASSWORD (.+)$/m.exec(page)![1]!;
  const inCluster = /In a Cluster add `([^`]+)`/.exec(page)![1]!;
  redis = await startRedisCluster(folder, certificates, [
    `user sluice on >cluster-secret ${rights.replace('~sluice:*', `~{${PREFIX}}:*`)} ${inCluster}`,
  ]);
  const { caFile, certFile, keyFile } = certificates;
  work = await steadyWork();
  sluice = await startSluice({
    datasets: ['bench/people.json'],
    env: {
      ...work.env,
      REDIS_URL: redis.url.replace('://', '://sluice:cluster-secret@'),
      SLUICE_QUEUE_PREFIX: PREFIX,
      REDIS_TLS_CA: caFile,
      REDIS_TLS_CERT: certFile,
      REDIS_TLS_KEY: keyFile,
    },
  });
  await work.begin(sluice);
});
afterAll(async () => {
  await sluice.stop();
  await work.remove();
  await redis.stop();
});

async function refusal(env: Readonly<Record<string, string>>): Promise<string> {
  const refused = spawnSluice(['up'], { env: { ...sluice.env, ...env } });
  expect((await refused.exited).code).toBe(1);
  return refused.output();
}

it('says what is wrong with the form of the URL, or an address that cannot be reached', async () => {
  const [node] = redis.servers;
  expect(await refusal({ REDIS_URL: `rediss://127.0.0.1:${node!.port}` })).toContain(
    'is a node of a Cluster. Begin REDIS_URL with redis+cluster://',
  );
  expect(await refusal({ REDIS_NAT_MAP: `127.0.0.1:${node!.port}=127.0.0.1:1` })).toMatch(
    new RegExp(
      `Redis cannot be reached at REDIS_URL \\(127.0.0.1:${node!.port}, a node of the Cluster\\): .*ECONNREFUSED.* set REDIS_NAT_MAP`,
    ),
  );
  const { host, password } = new URL(inject('redisUrl'));
  const noTls = { REDIS_TLS_CA: '', REDIS_TLS_CERT: '', REDIS_TLS_KEY: '' };
  expect(await refusal({ REDIS_URL: `redis+cluster://:${password}@${host}`, ...noTls })).toMatch(
    /Redis is no Cluster .*cluster support disabled/,
  );
});

it('goes on when the master of its keys dies and a replica takes its slots, exact', async () => {
  const workers = [await sluice.startWorker(), await sluice.startWorker()];
  const file = someFile();
  for (let no = 0; no < 3; no++) await work.sendImport(sluice.url, file);
  await work.putTasks(60, 100);
  await work.chunksDone(10);

  const key = `{${PREFIX}}:imports`;
  const old = await redis.masterOf(key);
  await old.kill();
  await work.sendImport(sluice.url, file);
  await work.putTasks(20, 10);
  await waitFor(async () => (await redis.masterOf(key)) !== old, { what: 'a replica to take the slots' });
  await work.expectExact();

  // A bell that is rung now is heard: no sweep has to find the import.
  const id = await work.sendImport(sluice.url, someFile(200));
  await work.expectExact();
  const { ca, cert, key: ownKey } = certificates;
  const connection = new Cluster(
    redis.servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    { redisOptions: { tls: { ca, cert, key: ownKey } } },
  );
  const queue = new Queue('imports', { connection, prefix: `{${PREFIX}}` });
  await expect.poll(() => queue.getJobState(id)).toBe('completed');
  await queue.close();
  connection.disconnect();
  for (const worker of workers) expect(worker.output()).not.toMatch(new RegExp(`Redis had lost[^\n]*${id}`));
  const metrics = await (await sluice.fetch('/metrics')).text();
  expect(metrics).toContain('sluice_up{part="redis"} 1');
  for (const server of redis.servers.filter((each) => each !== old))
    expect(await server.redis.call('acl', 'log')).toEqual([]);
});

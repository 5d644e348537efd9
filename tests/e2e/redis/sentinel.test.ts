// A master that Sentinels watch dies while imports and tasks run: its replica takes over, and nothing is lost or done twice.
import { Queue } from 'bullmq';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWatchedRedis, type WatchedRedis } from '../../support/redis-servers.ts';
import { spawnSluice } from '../../support/processes.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { someFile, steadyWork, type SteadyWork } from '../../support/steady-work.ts';
import { folderForFile } from '../../support/temp-folder.ts';
import { waitFor } from '../../support/wait-for.ts';

let redis: WatchedRedis;
let work: SteadyWork;
let sluice: Sluice;

beforeAll(async () => {
  redis = await startWatchedRedis(folderForFile());
  work = await steadyWork();
  sluice = await startSluice({
    datasets: ['bench/people.json'],
    env: { ...work.env, REDIS_URL: redis.url },
  });
  await work.begin(sluice);
});
afterAll(async () => {
  await sluice.stop();
  await work.remove();
  await redis.stop();
});

async function refusal(redisUrl: string): Promise<string> {
  const refused = spawnSluice(['worker'], { env: { ...sluice.env, REDIS_URL: redisUrl } });
  expect((await refused.exited).code).toBe(1);
  return refused.output();
}

it('says what is wrong with the name of the master, the password, or the server that was named', async () => {
  expect(await refusal(redis.url.replace('/main', '/master'))).toMatch(
    /knows no master "master" \(the name after the hosts in REDIS_URL\)\. It watches: main\./,
  );
  expect(await refusal(redis.url.replace('secret-of-the-data', 'hunter2'))).toMatch(
    /refuses the user or the password in REDIS_URL \(127.0.0.1:\d+, which the Sentinels call the master "main"\): WRONGPASS/,
  );
  const [master, replica] = redis.servers;
  expect(await refusal(`redis://:secret-of-the-data@127.0.0.1:${replica!.port}`)).toContain(
    `is a replica of 127.0.0.1:${master!.port} and takes no writes`,
  );
  expect(await refusal(`redis://127.0.0.1:${redis.sentinels[0]!.port}`)).toMatch(
    /is a Sentinel\. Write REDIS_URL as redis\+sentinel:/,
  );
  expect(await refusal(`redis+sentinel://127.0.0.1:${master!.port}/main`)).toMatch(/NOAUTH/);
});

it('goes on over a fail-over, exact', async () => {
  const workers = [await sluice.startWorker(), await sluice.startWorker()];
  const file = someFile();
  for (let no = 0; no < 3; no++) await work.sendImport(sluice.url, file);
  await work.putTasks(60, 100);
  await work.chunksDone(10);

  const old = await redis.master();
  old.process.kill('SIGKILL');
  await old.process.exited;
  // Uploads are taken meanwhile.
  await work.sendImport(sluice.url, file);
  await work.putTasks(20, 10);
  const next = await waitFor(async () => [await redis.master()].find((server) => server !== old), {
    what: 'the Sentinels to name another master',
  });
  await waitFor(async () => /role:master/.test(await next.redis.info('replication')), {
    what: 'the replica to be master',
  });
  const failedOver = performance.now();
  await waitFor(
    async () => ((await (await fetch(`${sluice.url}/readyz`)).json()) as { redis: string }).redis === 'ok',
    { what: 'the API to have found the new master' },
  );
  expect(performance.now() - failedOver).toBeLessThan(10_000);
  await work.expectExact();

  // A bell that is rung now is heard: no sweep has to find the import.
  const id = await work.sendImport(sluice.url, someFile(200));
  await work.expectExact();
  // On a busy machine the Sentinels may have failed over once more.
  const ended = async (): Promise<boolean> => {
    const { redis: connection } = await redis.master();
    const queue = new Queue('imports', { connection, prefix: sluice.queuePrefix });
    try {
      return (await queue.getJobState(id)) === 'completed';
    } finally {
      await queue.close();
    }
  };
  await waitFor(ended, { what: 'the job of the import to be done' });
  for (const worker of workers) expect(worker.output()).not.toMatch(new RegExp(`Redis had lost[^\n]*${id}`));
});

it('follows a fail-over that an operator asks for, where the old master stays as a replica', async () => {
  const worker = await sluice.startWorker();
  const old = await redis.master();
  await work.sendImport(sluice.url, someFile());
  await work.putTasks(20, 20);
  await waitFor(() => redis.sentinels[0]!.redis.call('sentinel', 'failover', 'main'), {
    what: 'the Sentinels to begin',
  });
  await waitFor(async () => (await redis.master()) !== old, { what: 'another master' });
  await work.sendImport(sluice.url, someFile());
  await work.expectExact();
  expect(worker.output()).not.toMatch(/"level":(50|60)/);
});

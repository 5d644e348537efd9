// Sentinels and the servers that they watch, all with TLS and client certificates, and users with just the rights that docs/redis.md gives.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificates } from '../../support/certificates.ts';
import { REPOSITORY } from '../../support/processes.ts';
import { startWatchedRedis, type WatchedRedis } from '../../support/redis-servers.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { someFile, steadyWork, type SteadyWork } from '../../support/steady-work.ts';
import { folderForFile } from '../../support/temp-folder.ts';
import { waitFor } from '../../support/wait-for.ts';

const PREFIX = 'those-of:sluice';

let redis: WatchedRedis;
let work: SteadyWork;
let sluice: Sluice;

beforeAll(async () => {
  const folder = folderForFile();
  const certificates = await makeCertificates(folder);
  const page = readFileSync(join(REPOSITORY, 'docs/redis.md'), 'utf8');
  const ofData = /^ACL SETUSER sluice on >PASSWORD (.+)$/m.exec(page)![1]!;
  const ofSentinels = /theirs needs\s+`([^`]+)`/.exec(page)![1]!;
  redis = await startWatchedRedis(folder, {
    tls: certificates,
    serverConfig: [`user sluice on >data-secret ${ofData.replace('~sluice:*', `~${PREFIX}:*`)}`],
    sentinelConfig: [`user watcher on >watch-secret nocommands ${ofSentinels}`],
  });
  work = await steadyWork();
  sluice = await startSluice({
    datasets: ['bench/people.json'],
    env: {
      ...work.env,
      REDIS_URL: `${redis.url.replace(/:\/\/:[^@]+@/, '://sluice:data-secret@')}?sentinelUsername=watcher&sentinelPassword=watch-secret`,
      REDIS_TLS_CA: certificates.caFile,
      REDIS_TLS_CERT: certificates.certFile,
      REDIS_TLS_KEY: certificates.keyFile,
      SLUICE_QUEUE_PREFIX: PREFIX,
    },
  });
  await work.begin(sluice);
});
afterAll(async () => {
  await sluice.stop();
  await work.remove();
  await redis.stop();
});

it('goes on when the master dies, exact, and needs no other right', async () => {
  expect(redis.url).toMatch(/^rediss\+sentinel:/);
  await sluice.startWorker();
  await work.sendImport(sluice.url, someFile());
  await work.putTasks(20, 20);
  await work.chunksDone(2);
  const old = await redis.master();
  await old.kill();
  await work.sendImport(sluice.url, someFile());
  await waitFor(async () => (await redis.master()) !== old, { what: 'another master' });
  await waitFor(
    async () => ((await (await fetch(`${sluice.url}/readyz`)).json()) as { redis: string }).redis === 'ok',
    { what: 'the API to have found the new master' },
  );
  await work.expectExact();
  const living = [...redis.servers, ...redis.sentinels].filter((server) => server !== old);
  for (const { redis: server } of living) expect(await server.call('acl', 'log')).toEqual([]);
});

// Several hosts: two APIs and three workers, each in a network of its own, that share Postgres, Redis and S3.
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { HOST_PORT, mayMakeHosts, openSite, type Host, type Site } from '../support/hosts.ts';
import type { TestProcess } from '../support/processes.ts';
import { startS3, type TestS3 } from '../support/s3.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { someFile, steadyWork, type SteadyWork } from '../support/steady-work.ts';
import { folderForFile } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';

/** Longer than a worker is waited for (SLUICE_WORKER_LOST_MS in startSluice). */
const CUT_MS = process.env['SLUICE_TEST_SLOW'] === '1' ? 60_000 : 8000;

let s3: TestS3;
let work: SteadyWork;
let sluice: Sluice;
let site: Site;
const apis: Host[] = [];
const workers: { readonly host: Host; readonly process: TestProcess }[] = [];

beforeAll(async () => {
  if (!mayMakeHosts) return;
  s3 = await startS3();
  work = await steadyWork();
  sluice = await startSluice({
    datasets: ['bench/people.json'],
    // A transaction of the host that is cut off ends after so long, and gives its rows free.
    env: { ...work.env, ...s3.env, SLUICE_STUCK_MS: '5000' },
  });
  await work.begin(sluice);
  site = await openSite(folderForFile(), [
    inject('databaseUrl'),
    sluice.env['DATABASE_URL']!,
    inject('redisUrl'),
    s3.env['SLUICE_S3_ENDPOINT']!,
  ]);
  for (let no = 0; no < 2; no++) {
    const host = await site.startHost();
    await sluice.startApi({ on: host.enter, env: { PORT: String(HOST_PORT) } });
    apis.push(host);
  }
  for (let no = 0; no < 3; no++) {
    const host = await site.startHost();
    const process = await sluice.startWorker({ SLUICE_WORKER_NAME: `host-${no}` }, host.enter);
    workers.push({ host, process });
  }
});
afterAll(async () => {
  if (!mayMakeHosts) return;
  await sluice.stop();
  await site.stop();
  await work.remove();
  await s3.stop();
});

/** Since it was last heard. */
async function silentMs(worker: string): Promise<number> {
  const { rows } = await sluice.database.pool.query<{ ms: number }>(
    'SELECT (extract(epoch FROM now() - beat_at) * 1000)::float8 AS ms FROM sluice.workers WHERE name = $1',
    [worker],
  );
  return rows[0]!.ms;
}

const headers = () => ({ authorization: `Bearer ${sluice.key}`, 'content-type': 'text/csv' });

// Namespaces are root's: whoever runs the tests as another user does without this file.
it.skipIf(!mayMakeHosts)('what is sent to one host is polled at another', async () => {
  const file = someFile(200);
  const sent = await apis[0]!.ask('POST', '/v1/imports?dataset=people', headers(), file.text);
  expect(sent.status).toBe(202);
  const { id } = sent.json as { id: string };
  work.imports.push({ id, file });
  const status = await waitFor(
    async () => {
      const { json } = await apis[1]!.ask('GET', `/v1/tasks/${id}`, headers());
      const { status: now } = json as { status: string };
      return now === 'succeeded' || now === 'failed' ? now : undefined;
    },
    { what: 'the import to end' },
  );
  expect(status).toBe('succeeded');
});

it.skipIf(!mayMakeHosts)(
  'imports and tasks are exact when a host is cut off in their midst, and it works again when it is back',
  // A minute of it is cut off.
  { timeout: 300_000 },
  async () => {
    const file = someFile();
    for (let no = 0; no < 3; no++) await work.sendImport(sluice.url, file);
    await work.putTasks(60, 200);
    await work.chunksDone(10);
    const [cut, ...others] = workers;
    await cut!.host.cutOff();
    // Sent while it is away.
    await work.sendImport(sluice.url, file);
    await work.putTasks(20, 50);
    await work.expectExact();
    await waitFor(async () => (await silentMs('host-0')) >= CUT_MS, {
      what: 'the host to have been silent for long',
      timeoutMs: 2 * CUT_MS,
    });
    await cut!.host.reconnect();

    // Nobody else is left to do the next one.
    for (const { process } of others) process.kill('SIGKILL');
    await Promise.all(others.map(({ process }) => process.exited));
    await work.sendImport(sluice.url, file);
    await work.putTasks(5, 10);
    await work.expectExact();
  },
);

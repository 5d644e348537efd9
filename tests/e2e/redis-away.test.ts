// Redis only rings the bell: without it uploads are taken, and nothing of them is lost.
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { peopleFile } from '../support/people.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { openTcpGate, type TcpGate } from '../support/tcp-gate.ts';
import { waitFor } from '../support/wait-for.ts';

const NO_SWEEP = { SLUICE_SWEEP_INTERVAL_MS: '600000' };

let gate: TcpGate;
let sluice: Sluice;

beforeEach(async () => {
  gate = await openTcpGate(inject('redisUrl'));
  await gate.shut();
  sluice = await startSluice({ datasets: ['bench/people.json'], env: { REDIS_URL: gate.url } });
});
afterEach(async () => {
  await sluice.stop();
  await gate.shut();
});

async function send(): Promise<string> {
  const response = await sluice.send('people', peopleFile(10).text);
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

async function redisIsReady(): Promise<boolean> {
  const ready = (await (await fetch(`${sluice.url}/readyz`)).json()) as { redis: string };
  return ready.redis === 'ok';
}

it('takes uploads when the API has never seen Redis; the sweeper of a worker rings for them', async () => {
  const id = await send();
  expect(await sluice.task(id)).toMatchObject({ status: 'queued' });
  await gate.open();
  await sluice.startWorker();
  expect(await sluice.ended(id)).toMatchObject({ status: 'succeeded', result: { loaded: 10 } });
});

it('rings by itself again once Redis is there', async () => {
  await send();
  await gate.open();
  await waitFor(redisIsReady, { what: 'the API to see Redis' });
  await sluice.startWorker(NO_SWEEP);
  const id = await send();
  expect(await sluice.ended(id)).toMatchObject({ status: 'succeeded' });
});

it('takes an undo, too; the sweeper rings for it', async () => {
  await gate.open();
  await waitFor(redisIsReady, { what: 'the API to see Redis' });
  const worker = await sluice.startWorker();
  const id = await send();
  await sluice.ended(id);
  worker.kill('SIGKILL');
  await worker.exited;
  await gate.shut();
  await waitFor(async () => !(await redisIsReady()), { what: 'the API to miss Redis' });
  const asked = await sluice.fetch(`/v1/imports/${id}/undo`, { method: 'POST' });
  expect(asked.status).toBe(202);
  const { id: undo } = (await asked.json()) as { id: string };
  await gate.open();
  await sluice.startWorker();
  expect(await sluice.ended(undo)).toMatchObject({ status: 'succeeded', result: { deleted: 10 } });
});

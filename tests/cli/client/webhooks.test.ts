// `sluice webhooks …`, over a real API, a worker and a receiver.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { spawnSluice } from '../../support/processes.ts';
import { openReceiver, type Receiver } from '../../support/receiver.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';

let sluice: Sluice;
let receiver: Receiver;

beforeAll(async () => {
  sluice = await startSluice({ datasets: [], env: { SLUICE_WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' } });
  receiver = await openReceiver();
  await sluice.startWorker();
});
afterAll(async () => {
  await sluice.stop();
  await receiver.close();
});

async function run(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawnSluice(['webhooks', ...args], {
    env: { SLUICE_URL: sluice.url, SLUICE_API_KEY: sluice.key, npm_command: undefined },
  });
  return { code: (await child.exited).code, said: child.output() };
}

it('a webhook is made, tried, listed, looked at, sent to again and deleted', async () => {
  expect(await run('list')).toEqual({ code: 0, said: 'There is no webhook.\n' });
  const made = (await run('create', receiver.url, '--events', 'import.*,task.failed')).said;
  const [, id] = /^Webhook ([0-9a-f-]{36})\nIts secret, which is shown only now: whsec_/.exec(made)!;
  const test = await run('test', id!);
  expect(test.code, test.said).toBe(0);
  expect(test.said).toMatch(/It has arrived: 204, in \d+ ms\./);
  expect((await run('list')).said).toMatch(/ import\.\*,task\.failed +enabled/);
  const listed = (await run('deliveries', id!, '--status', 'delivered')).said;
  const [, delivery] = /\n([0-9a-f-]{36}) +webhook\.test +delivered +1 +204 /.exec(listed)!;
  expect((await run('redeliver', id!, delivery!)).said).toMatch(/^It is sent again, as delivery /);
  expect((await run('redeliver', id!, '--since', '2020-01-01T00:00:00Z')).said).toBe('Sent again: 0.\n');
  expect((await run('redeliver', id!)).said).toMatch(/give a delivery, or --since/);
  expect((await run('rotate-secret', id!, '--previous-for', '60')).said).toMatch(/whsec_/);
  expect((await run('disable', id!)).said).toBe('It is disabled.\n');
  expect((await run('list')).said).toMatch(/disabled \(request\)/);
  expect((await run('enable', id!)).said).toBe('It is enabled; what waits is sent.\n');
  expect(await run('delete', id!)).toEqual({ code: 0, said: 'It is deleted.\n' });
});

it('a test that does not arrive ends with 1, and says why', async () => {
  receiver.answers((_request, response) => response.writeHead(500).end());
  const made = (await run('create', receiver.url)).said;
  const [, id] = /^Webhook ([0-9a-f-]{36})/.exec(made)!;
  const test = await run('test', id!);
  expect(test).toMatchObject({ code: 1, said: expect.stringContaining('answered 500') as string });
});

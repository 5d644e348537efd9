// The example of docs/schedules.md, as it is in examples/tasks: by a schedule, from a server that has a good file and a bad one.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REPOSITORY } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { ended } from '../support/tasks.ts';
import { PEOPLE } from '../support/uploads.ts';

let sluice: Sluice;
let files: Server;
let filesUrl: string;

beforeAll(async () => {
  files = createServer((request, answer) => {
    answer.writeHead(200, { 'content-type': 'text/csv' });
    answer.end(request.url === '/good.csv' ? 'name,age\nAnn,41\nBob,42\n' : 'name,age\nAnn,old\n');
  });
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  filesUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
  sluice = await startSluice({
    datasets: [PEOPLE],
    env: { SLUICE_TASKS: join(REPOSITORY, 'examples/tasks') },
  });
  await sluice.startWorker({ SLUICE_URL: sluice.url, SLUICE_API_KEY: sluice.key });
});
afterAll(async () => {
  await sluice.stop();
  files.close();
});

/** Makes a schedule for each night, and runs it now. */
async function runNow(name: string, path: string) {
  const made = await sluice.fetch(`/v1/schedules/${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      cron: '30 2 * * *',
      timeZone: 'Europe/Berlin',
      task: { name: 'nightly-import', args: { url: `${filesUrl}${path}`, dataset: 'people' } },
    }),
  });
  expect([200, 201], await made.text()).toContain(made.status);
  const run = await sluice.fetch(`/v1/schedules/${name}/run`, { method: 'POST' });
  const { taskId } = (await run.json()) as { taskId: string };
  return ended(sluice.database.pool, taskId, 60_000);
}

it('lands a good file once, and of a bad one nothing', async () => {
  expect(await runNow('bad', '/bad.csv')).toMatchObject({
    status: 'failed',
    attempts: 1,
    error: { message: expect.stringContaining('1 records are wrong') as string },
  });
  expect(await runNow('good', '/good.csv')).toMatchObject({ result: { imported: true, loaded: 2 } });
  expect(await runNow('good', '/good.csv')).toMatchObject({ result: { imported: false } });
  const { rows } = await sluice.database.pool.query('SELECT name, age FROM people ORDER BY name');
  expect(rows).toEqual([
    { name: 'Ann', age: '41' },
    { name: 'Bob', age: '42' },
  ]);
});

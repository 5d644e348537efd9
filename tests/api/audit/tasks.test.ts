// Who cancelled, repeated and scheduled what.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveDefinitions } from '../../../src/db/tasks/definitions.ts';
import { add } from '../../../src/tasks/shipped/add.ts';
import { createApi, type TestApi } from '../../support/api.ts';
import { enqueue } from '../../support/tasks.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createApi();
  await saveDefinitions(api.deps.database.pool, [add.document]);
});
afterAll(() => api.close());

const audit = async () => {
  const { data } = (await api.call({ url: '/v1/audit' })).json<{
    data: { action: string; by: { name: string }; subjectId: string | null; details: object }[];
  }>();
  return data.map(({ action, by, subjectId, details }) => [action, by.name, subjectId, details]);
};

it('is in the audit log, once for each change that was made', async () => {
  const { pool } = api.deps.database;
  const id = await enqueue(pool, 'add', { a: 1, b: 2 }, { tags: ['t'] });
  expect((await api.call({ method: 'DELETE', url: `/v1/tasks/${id}` })).statusCode).toBe(202);
  // It has ended: nothing is changed, so nothing is told.
  expect((await api.call({ method: 'DELETE', url: `/v1/tasks/${id}` })).statusCode).toBe(409);
  const retry = (await api.call({ method: 'POST', url: `/v1/tasks/${id}/retry` })).json<{ id: string }>();
  const many = { tag: 't', status: ['queued'], expect: 1 };
  expect((await api.call({ method: 'POST', url: '/v1/tasks/cancel', payload: many })).statusCode).toBe(202);
  const schedule = (
    await api.call({
      method: 'POST',
      url: '/v1/schedules',
      payload: {
        name: 'nightly',
        cron: '0 3 * * *',
        timeZone: 'UTC',
        task: { name: 'add', args: { a: 1, b: 1 } },
      },
    })
  ).json<{ id: string }>();
  const patch = (enabled: boolean) =>
    api.call({ method: 'PATCH', url: `/v1/schedules/${schedule.id}`, payload: { enabled } });
  await patch(false);
  await patch(false);
  await api.call({ method: 'DELETE', url: `/v1/schedules/${schedule.id}` });
  expect(await audit()).toEqual([
    ['schedule.delete', 'admin', schedule.id, { name: 'nightly' }],
    ['schedule.change', 'admin', schedule.id, { changed: ['enabled'] }],
    ['schedule.create', 'admin', schedule.id, { name: 'nightly', task: 'add' }],
    ['tasks.cancel', 'admin', null, expect.objectContaining({ cancelled: 1 })],
    ['task.retry', 'admin', id, { retry: retry.id }],
    ['task.cancel', 'admin', id, { name: 'add' }],
  ]);
});

// DELETE /v1/imports/{id}
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/logger.ts';
import { removeFiles } from '../../../src/worker/upkeep/remove-files.ts';
import { removeStaging } from '../../../src/worker/upkeep/remove-staging.ts';
import { bearer, type TestApi } from '../../support/api.ts';
import { openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { kept, listeningApi, upload } from '../../support/uploads.ts';

let api: TestApi;
let slot: TestSlot;

beforeAll(async () => {
  api = await listeningApi({ env: { SLUICE_SMALL_FILE_BYTES: '0' } });
  slot = await openSlot(api.database.url, api.deps.config.storageDir);
});
afterAll(async () => {
  await slot.close();
  await api.close();
});

const query = async (text: string, values: unknown[] = []) =>
  (await api.database.pool.query<Record<string, unknown>>(text, values)).rows;
const erase = (id: string, key = api.adminKey) =>
  api.call({ method: 'DELETE', url: `/v1/imports/${id}`, headers: bearer(key) });
const get = (path: string) => api.call({ url: `/v1/imports/${path}` });

async function imported(): Promise<string> {
  const body = `name,age\nSecretOne,1\nSecretTwo,not-a-number-${randomUUID()}\n`;
  const answer = await upload(api, { query: '?dataset=people&fileName=secret-name.csv', body });
  const id = answer.json().id as string;
  await runImport(slot, id);
  return id;
}

describe('an erasure', () => {
  it('takes file, rejects, names and values; counts, codes and rows stay', async () => {
    const id = await imported();
    await query(
      `UPDATE sluice.tasks SET error = '{"code":"chunk-failed","message":"SecretTwo"}' WHERE id = $1`,
      [id],
    );
    const before = (await get(id)).json<Record<string, unknown>>();
    expect((await kept(api)).filter((what) => what.includes(`imports/${id}/`))).not.toEqual([]);
    const answer = await erase(id);
    expect(answer.statusCode).toBe(200);
    const after = answer.json<Record<string, unknown>>();
    expect(after).toMatchObject({
      fileName: null,
      erasedAt: expect.any(String),
      counts: before['counts'],
      error: { code: 'chunk-failed', message: 'Erased.' },
    });
    expect((await kept(api)).filter((what) => what.includes(`imports/${id}`))).toEqual([]);
    const errors = (await get(`${id}/errors`)).json<{ data: object[] }>().data;
    expect(errors).toEqual([
      expect.objectContaining({ code: 'type-error', row: 2, value: null, message: 'Erased.' }),
    ]);
    const left = await query(
      `SELECT i::text || t::text || coalesce((SELECT string_agg(e::text, '') FROM sluice.import_row_errors e WHERE e.import_id = i.id), '') AS all
         FROM sluice.imports i JOIN sluice.tasks t ON t.id = i.id WHERE i.id = $1`,
      [id],
    );
    expect(left[0]!['all']).not.toMatch(/secret|not-a-number/i);
    expect(await query(`SELECT FROM people WHERE import_id = $1`, [id])).toHaveLength(1);
    for (const file of ['rejects.csv', 'unprocessed.csv', 'accepted.csv'])
      expect((await get(`${id}/${file}`)).json()).toMatchObject({
        status: 410,
        code: 'FILE_GONE',
        detail: expect.stringContaining('erased'),
      });
    const again = await erase(id);
    expect([again.statusCode, again.json<Record<string, unknown>>()['erasedAt']]).toEqual([
      200,
      after['erasedAt'],
    ]);
  });

  it('takes a small file out of its row', async () => {
    const id = await imported();
    await query(`UPDATE sluice.imports SET content = 'SecretOne' WHERE id = $1`, [id]);
    await erase(id);
    expect(await query('SELECT content FROM sluice.imports WHERE id = $1', [id])).toEqual([
      { content: null },
    ]);
  });

  it('takes the name of the file out of what webhooks were told, and what they have answered', async () => {
    const id = await imported();
    await query(`UPDATE sluice.tasks SET status = 'succeeded' WHERE id = $1`, [id]);
    await query(
      `INSERT INTO sluice.webhook_deliveries (id, webhook_id, event_id, type, payload)
       VALUES (sluice.uuid_v7(), sluice.uuid_v7(), $1 || '-created', 'import.created',
               json_build_object('type', 'import.created', 'data', json_build_object('id', $1, 'fileName', 'secret-name.csv')))`,
      [id],
    );
    const [delivery] = await query(
      `INSERT INTO sluice.webhook_deliveries (id, webhook_id, event_id, type, payload)
       VALUES (sluice.uuid_v7(), sluice.uuid_v7(), $1 || '-succeeded', 'import.succeeded',
               json_build_object('type', 'import.succeeded', 'data', json_build_object('id', $1, 'fileName', 'secret-name.csv')))
       RETURNING id`,
      [id],
    );
    await query(
      `INSERT INTO sluice.webhook_attempts (delivery_id, no, at, duration_ms, status, answer)
       VALUES ($1, 1, now(), 1, 200, 'thanks for secret-name.csv')`,
      [delivery!['id']],
    );
    expect((await erase(id)).statusCode).toBe(200);
    expect(
      await query(
        `SELECT payload, a.status, a.answer FROM sluice.webhook_deliveries d JOIN sluice.webhook_attempts a ON a.delivery_id = d.id
          WHERE event_id = $1 || '-succeeded'`,
        [id],
      ),
    ).toEqual([
      { payload: { type: 'import.succeeded', data: { id, fileName: null } }, status: 200, answer: null },
    ]);
    expect(
      await query(`SELECT payload FROM sluice.webhook_deliveries WHERE event_id = $1 || '-created'`, [id]),
    ).toEqual([{ payload: { type: 'import.created', data: { id, fileName: null } } }]);
  });

  it('of a dry run takes what it has staged, and it cannot be committed', async () => {
    const body = 'name,age\nSecretOne,1\nSecretTwo,2\n';
    const id = (await upload(api, { query: '?dataset=people&dryRun=true', body })).json().id as string;
    await runImport(slot, id);
    const staged = () =>
      query(`SELECT relname FROM pg_class WHERE relkind = 'r' AND starts_with(relname, $1)`, [
        id.replaceAll('-', ''),
      ]);
    const sweep = removeStaging(
      { db: slot.db, logger: createLogger(api.deps.config, 'worker') },
      { sweepIntervalMs: 1000, dryRunHours: 24 },
    );
    await sweep.run();
    expect(await staged()).not.toEqual([]);
    expect((await erase(id)).statusCode).toBe(200);
    await sweep.run();
    expect(await staged()).toEqual([]);
    const commit = await api.call({ method: 'POST', url: `/v1/imports/${id}/commit` });
    expect(commit.json()).toMatchObject({ status: 410, code: 'FILE_GONE' });
  });

  it('that could not remove the files is finished by the sweep', async () => {
    const id = await imported();
    await erase(id);
    await query('UPDATE sluice.imports SET files_removed_at = NULL WHERE id = $1', [id]);
    const logger = createLogger(api.deps.config, 'worker');
    await removeFiles({ db: slot.db, logger, storage: api.deps.storage }, { fileRetentionDays: 1000 }).run();
    expect(
      (await query('SELECT files_removed_at AS at FROM sluice.imports WHERE id = $1', [id]))[0]!['at'],
    ).not.toBeNull();
  });

  it('waits for the end of the import, of its undo and of its retries', async () => {
    const id = await imported();
    await query(`UPDATE sluice.tasks SET status = 'running' WHERE id = $1`, [id]);
    expect((await erase(id)).json()).toMatchObject({ status: 409, taskStatus: 'running' });
    await query(`UPDATE sluice.tasks SET status = 'succeeded' WHERE id = $1`, [id]);
    const undo = (await api.call({ method: 'POST', url: `/v1/imports/${id}/undo` })).json<{ id: string }>();
    expect((await erase(id)).json()).toMatchObject({ status: 409, taskId: undo.id });
    await query(`UPDATE sluice.tasks SET status = 'failed' WHERE id = $1`, [undo.id]);
    const retry = await upload(api, {
      path: `/v1/imports/${id}/retries`,
      body: '_row,name,age\n2,SecretTwo,3\n',
    });
    expect((await erase(id)).json()).toMatchObject({ status: 409, importId: retry.json().id });
    await query(`UPDATE sluice.tasks SET status = 'failed' WHERE id = $1`, [retry.json().id]);
    expect((await erase(id)).statusCode).toBe(200);
    const late = await upload(api, {
      path: `/v1/imports/${id}/retries`,
      body: '_row,name,age\n2,SecretTwo,3\n',
    });
    expect(late.json()).toMatchObject({ status: 410, code: 'FILE_GONE' });
  });

  it('is for admins, of an import that is there', async () => {
    const id = await imported();
    expect((await erase(id, await api.keyOf('operator'))).statusCode).toBe(403);
    expect((await erase(randomUUID())).statusCode).toBe(404);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeOldAudit } from '../../../src/db/audit/audit-log.ts';
import { recordAudit } from '../../../src/db/audit/record-audit.ts';
import { inTransaction } from '../../../src/db/transaction.ts';
import { bearer, createApi, type TestApi } from '../../support/api.ts';

interface Entry {
  readonly id: string;
  readonly action: string;
  readonly by: { readonly name: string } | null;
  readonly subjectId: string;
  readonly details: Record<string, unknown>;
}
interface PageOfEntries {
  readonly data: Entry[];
  readonly nextCursor: string | null;
}

let api: TestApi;
beforeAll(async () => (api = await createApi()));
afterAll(() => api.close());

const audit = async (query = ''): Promise<PageOfEntries> =>
  (await api.call({ url: `/v1/audit?${query}` })).json<PageOfEntries>();

describe('the audit log', () => {
  it('says who made, changed and removed users and keys, without the text of a key', async () => {
    const email = 'one@example.com';
    const user = (
      await api.call({ method: 'POST', url: '/v1/users', payload: { name: 'One', email, role: 'viewer' } })
    ).json<{ id: string }>();
    const made = (
      await api.call({ method: 'POST', url: '/v1/keys', payload: { name: 'k', userId: user.id } })
    ).json<{ id: string; key: string }>();
    await api.call({ method: 'PATCH', url: `/v1/users/${user.id}`, payload: { role: 'operator' } });
    await api.call({ method: 'DELETE', url: `/v1/keys/${made.id}` });
    await api.call({ method: 'DELETE', url: `/v1/users/${user.id}` });
    const { data } = await audit();
    expect(data.map(({ action, by, subjectId }) => [action, by?.name, subjectId])).toEqual([
      ['user.delete', 'admin', user.id],
      ['key.revoke', 'admin', made.id],
      ['user.change', 'admin', user.id],
      ['key.create', 'admin', made.id],
      ['user.create', 'admin', user.id],
    ]);
    expect(data[2]!.details).toEqual({ role: 'operator' });
    expect(JSON.stringify(data)).not.toContain(made.key);
  });

  it('has no entry of a change that was rolled back', async () => {
    const { db } = api.deps.database;
    await expect(
      inTransaction(db, async (tx) => {
        await recordAudit(tx, {
          by: null,
          via: 'cli',
          action: 'queue.pause',
          subject: { type: 'queue', id: 'q' },
        });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect((await audit('action=queue.pause')).data).toEqual([]);
  });

  it('is filtered and paged, newest first', async () => {
    const { db } = api.deps.database;
    for (const id of ['a', 'b', 'a', 'c', 'a'])
      await recordAudit(db, { by: null, action: 'queue.resume', subject: { type: 'queue', id } });
    const first = await audit('subjectType=queue&subjectId=a&limit=2');
    const second = await audit(`subjectType=queue&subjectId=a&limit=2&cursor=${first.nextCursor}`);
    expect([first.data.length, second.data.length, second.nextCursor]).toEqual([2, 1, null]);
    expect(new Set([...first.data, ...second.data].map(({ id }) => id)).size).toBe(3);
    expect((await audit('to=2000-01-01T00:00:00Z')).data).toEqual([]);
    expect((await audit('from=2000-01-01T00:00:00Z&action=queue.resume')).data).toHaveLength(5);
    expect((await api.call({ url: '/v1/audit?action=nothing' })).statusCode).toBe(400);
  });

  it('is for admins', async () => {
    const answer = await api.app.inject({ url: '/v1/audit', headers: bearer(await api.keyOf('operator')) });
    expect(answer.statusCode).toBe(403);
  });

  it('forgets what is older than it is kept', async () => {
    const { db } = api.deps.database;
    await api.database.pool.query(
      "UPDATE sluice.audit_log SET at = now() - interval '10 days' WHERE subject_id = 'a'",
    );
    expect(await removeOldAudit(db, 9)).toBe(false);
    expect((await audit('subjectId=a')).data).toEqual([]);
    expect((await audit('subjectId=b')).data).toHaveLength(1);
  });
});

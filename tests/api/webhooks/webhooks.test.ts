import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, createApi, type TestApi } from '../../support/api.ts';
import { addDataset, PEOPLE } from '../../support/uploads.ts';

interface WebhookJson {
  readonly id: string;
  readonly url: string;
  readonly events: string[];
  readonly enabled: boolean;
  readonly secret?: string;
  readonly previousSecretUntil: string | null;
}

let api: TestApi;
beforeAll(async () => {
  api = await createApi({ env: { SLUICE_MAX_WEBHOOKS: '30', SLUICE_WEBHOOK_PRIVATE_HOSTS: '10.1.2.3' } });
  await addDataset(api.database.pool, PEOPLE);
});
afterAll(() => api.close());

const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path = '', payload?: object) =>
  api.call({ method, url: `/v1/webhooks${path}`, ...(payload === undefined ? {} : { payload }) });

const NEW = { url: 'https://example.com/hooks', events: ['import.*'] };

async function make(extra: object = {}): Promise<WebhookJson> {
  const answer = await call('POST', '', { ...NEW, ...extra });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json<WebhookJson>();
}

const audited = async (id: string) => {
  const answer = await api.call({ method: 'GET', url: `/v1/audit?subjectType=webhook&subjectId=${id}` });
  return answer.json<{ data: { action: string; details: unknown }[] }>().data;
};

describe('a webhook', () => {
  it('is made with a secret that only this answer has, changed and deleted, and the audit log says so', async () => {
    const made = await make({ datasets: ['people'], tasks: ['add'], description: 'the shop' });
    expect(made).toMatchObject({
      ...NEW,
      datasets: ['people'],
      tasks: ['add'],
      description: 'the shop',
      enabled: true,
      disabledAt: null,
      createdBy: { name: 'admin' },
    });
    expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const shown = await call('GET', `/${made.id}`);
    expect(shown.body).not.toContain('whsec_');
    const listed = await call('GET');
    expect(listed.json<{ data: WebhookJson[] }>().data.map(({ id }) => id)).toContain(made.id);
    expect(listed.body).not.toContain('whsec_');

    const changed = await call('PATCH', `/${made.id}`, { events: ['*'], enabled: false, datasets: null });
    expect(changed.json()).toMatchObject({
      events: ['*'],
      enabled: false,
      disabledReason: 'request',
      datasets: null,
      tasks: ['add'],
    });
    const enabled = await call('PATCH', `/${made.id}`, { enabled: true });
    expect(enabled.json()).toMatchObject({ enabled: true, disabledReason: null, disabledAt: null });

    expect((await call('DELETE', `/${made.id}`)).statusCode).toBe(204);
    expect((await call('GET', `/${made.id}`)).statusCode).toBe(404);
    const entries = await audited(made.id);
    expect(entries.map(({ action }) => action)).toEqual([
      'webhook.delete',
      'webhook.change',
      'webhook.change',
      'webhook.create',
    ]);
    expect(JSON.stringify(entries)).not.toContain('whsec_');
  });

  it('gets another secret, and keeps the one before for as long as is asked', async () => {
    const made = await make();
    const rotated = await call('POST', `/${made.id}/rotate-secret`, { previousForSeconds: 3600 });
    expect(rotated.statusCode, rotated.body).toBe(200);
    const now = rotated.json<WebhookJson>();
    expect(now.secret).not.toBe(made.secret);
    expect(Date.parse(now.previousSecretUntil!)).toBeGreaterThan(Date.now() + 3_500_000);
    const at = await call('POST', `/${made.id}/rotate-secret`, { previousForSeconds: 0 });
    expect(at.json<WebhookJson>().previousSecretUntil).toBeNull();
  });

  it.each([
    [{ url: 'ftp://example.com/' }, /http or https/],
    [{ url: 'nonsense' }, /http or https/],
    [{ url: 'https://user:pw@example.com/' }, /user or a password/],
    [{ url: 'http://localhost:9/' }, /not public/],
    [{ url: 'http://127.0.0.1/' }, /not public/],
    [{ url: 'http://[::1]/' }, /not public/],
    [{ url: 'http://[::ffff:10.0.0.1]/' }, /not public/],
    [{ url: 'http://169.254.169.254/latest' }, /not public.*SLUICE_WEBHOOK_PRIVATE_HOSTS/],
    [{ url: 'http://2130706433/' }, /not public/],
    [{ events: [] }, /./],
    [{ events: ['import.done'] }, /./],
    [{ hook: 1 }, /./],
  ])('refuses %j', async (extra, detail) => {
    const answer = await call('POST', '', { ...NEW, ...extra });
    expect(answer.statusCode, answer.body).toBe(400);
    expect(answer.json<{ errors: { detail: string }[] }>().errors[0]!.detail).toMatch(detail);
  });

  it('may be inside where the operator allows it', async () => {
    expect((await make({ url: 'http://10.1.2.3:8080/x#part' })).url).toBe('http://10.1.2.3:8080/x');
  });

  it('is for admins with a key that is not limited', async () => {
    for (const role of ['viewer', 'operator'] as const) {
      const headers = bearer(await api.keyOf(role));
      expect((await api.call({ method: 'GET', url: '/v1/webhooks', headers })).statusCode).toBe(403);
    }
    const key = await api.call({
      method: 'POST',
      url: '/v1/keys',
      payload: { name: 'people', datasets: ['people'] },
    });
    const headers = bearer(key.json<{ key: string }>().key);
    expect((await api.call({ method: 'POST', url: '/v1/webhooks', headers, payload: NEW })).statusCode).toBe(
      403,
    );
  });

  it('is one of as many as the setting allows', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => call('POST', '', NEW)));
    const { rows } = await api.database.pool.query<{ held: number }>(
      'SELECT count(*)::int AS held FROM sluice.webhooks',
    );
    expect(rows[0]!.held).toBe(30);
    const refused = answers.find(({ statusCode }) => statusCode === 409)!;
    expect(refused.json<{ detail: string }>().detail).toMatch(/SLUICE_MAX_WEBHOOKS/);
    await api.database.pool.query('DELETE FROM sluice.webhooks');
  });
});

describe('deliveries', () => {
  it('are listed by status, shown with what is sent, and repeated with the same id', async () => {
    const { id } = await make();
    const test = await call('POST', `/${id}/test`);
    expect(test.statusCode, test.body).toBe(202);
    const delivery = test.json<{ id: string; eventId: string }>();
    expect(test.headers['location']).toBe(`/v1/webhooks/${id}/deliveries/${delivery.id}`);
    const shown = await api.call({ method: 'GET', url: test.headers['location']! });
    expect(shown.json()).toMatchObject({
      type: 'webhook.test',
      status: 'waiting',
      attempts: 0,
      payload: { type: 'webhook.test', data: { webhookId: id } },
      log: [],
    });
    const again = await call('POST', `/${id}/deliveries/${delivery.id}/redeliver`);
    expect(again.json()).toMatchObject({ eventId: delivery.eventId, redeliveryOf: delivery.id });
    const waiting = await call('GET', `/${id}/deliveries?status=waiting&limit=1`);
    const page = waiting.json<{ data: { id: string }[]; nextCursor: string }>();
    expect(page.data[0]!.id).toBe(again.json<{ id: string }>().id);
    const next = await call('GET', `/${id}/deliveries?limit=1&cursor=${page.nextCursor}`);
    expect(next.json<{ data: { id: string }[] }>().data[0]!.id).toBe(delivery.id);
    expect((await call('GET', `/${id}/deliveries?status=failed`)).json()).toMatchObject({ data: [] });
  });

  it('that have failed are sent again at once, each event once', async () => {
    const { id } = await make();
    await api.database.pool.query(
      `INSERT INTO sluice.webhook_deliveries (id, webhook_id, event_id, type, payload, status)
       SELECT sluice.uuid_v7(), $1, 'e' || no, 'task.failed', '{"no": 1}', 'failed' FROM generate_series(1, 3) no`,
      [id],
    );
    const ask = (since: string) => call('POST', `/${id}/redeliver`, { since });
    expect((await ask('2999-01-01T00:00:00Z')).json()).toEqual({ redelivered: 0 });
    expect((await ask('2020-01-01T00:00:00Z')).json()).toEqual({ redelivered: 3 });
    expect((await ask('2020-01-01T00:00:00Z')).json()).toEqual({ redelivered: 0 });
    const { rows } = await api.database.pool.query(
      `SELECT event_id, payload::text FROM sluice.webhook_deliveries WHERE webhook_id = $1 AND status = 'waiting' ORDER BY 1`,
      [id],
    );
    expect(rows).toEqual(['e1', 'e2', 'e3'].map((event_id) => ({ event_id, payload: '{"no": 1}' })));
  });

  it('of no webhook, of another one or of a disabled one are refused', async () => {
    const [one, other] = [await make(), await make({ enabled: false })];
    const delivery = (await call('POST', `/${one.id}/test`)).json<{ id: string }>();
    expect((await call('GET', `/${other.id}/deliveries/${delivery.id}`)).statusCode).toBe(404);
    expect((await call('POST', `/${one.id}/deliveries/${randomUUID()}/redeliver`)).statusCode).toBe(404);
    expect((await call('GET', `/${randomUUID()}/deliveries`)).statusCode).toBe(404);
    const disabled = await call('POST', `/${other.id}/test`);
    expect(disabled.statusCode).toBe(409);
    expect(disabled.json<{ detail: string }>().detail).toMatch(/Enable it first/);
  });
});

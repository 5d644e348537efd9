// What the log of a running API says, and what it never says.
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiKeyText } from '../../src/core/access/api-key.ts';
import { databaseOn } from '../../src/db/transaction.ts';
import { errorForLog } from '../../src/logger.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait-for.ts';

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({ env: { SLUICE_LOG_LEVEL: 'debug' } });
});
afterAll(() => sluice.stop());

const lines = (): Record<string, unknown>[] =>
  sluice.api
    .output()
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []));
const line = (msg: string) =>
  waitFor(() => lines().findLast((each) => each['msg'] === msg), { what: `the line "${msg}"` });

it('a key that opens nothing is logged with its address, and without the key', async () => {
  const key = apiKeyText(randomBytes(32));
  expect((await sluice.fetch('/v1/me', { headers: { authorization: `Bearer ${key}` } })).status).toBe(401);
  expect(await line('a key that opens nothing was refused')).toMatchObject({
    address: '127.0.0.1',
    method: 'GET',
    url: '/v1/me',
  });
  expect(sluice.api.output()).not.toContain(key.slice(0, 12));
});

it('keys and users that are made, changed and removed are logged: who, which, never the key', async () => {
  const me = (await (await sluice.fetch('/v1/me')).json()) as { id: string };
  const json = async (method: string, path: string, body?: object) => {
    const answer = await sluice.fetch(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
    });
    return (answer.status === 204 ? {} : await answer.json()) as { id: string; key: string };
  };
  const user = await json('POST', '/v1/users', { name: 'Ken', email: 'ken@example.com', role: 'viewer' });
  expect(await line('a user was added')).toMatchObject({ user: user.id, role: 'viewer', by: me.id });
  const key = await json('POST', '/v1/keys', { name: 'his', userId: user.id });
  expect(await line('an API key was made')).toMatchObject({ keyId: key.id, forUser: user.id, by: me.id });
  await json('PATCH', `/v1/users/${user.id}`, { role: 'operator' });
  expect(await line('a user was changed')).toMatchObject({ user: user.id, role: 'operator', by: me.id });
  await json('DELETE', `/v1/keys/${key.id}`);
  expect(await line('an API key was revoked')).toMatchObject({ keyId: key.id, by: me.id });
  await json('DELETE', `/v1/users/${user.id}`);
  expect(await line('a user was removed, with all their keys')).toMatchObject({ user: user.id, by: me.id });
  expect(sluice.api.output()).not.toContain(key.key.slice(0, 12));
});

it('keys in addresses do not reach the log, and what looks like one of ours no answer', async () => {
  const key = apiKeyText(randomBytes(32));
  const outside = `another-kind-of-key-${randomBytes(8).toString('hex')}`;
  const paths = [
    `/v1/imports?dataset=customers&api_key=${key}`,
    `/v1/imports?key=${outside}&limit=5`,
    `/v1/imports?limit=${key}`,
    `/v1/imports?${outside}`,
    `/v1/me?Authorization=Bearer%20${key}`,
    `/v1/nothing/${key}?token=${outside}`,
    `/v1/imports/${key}`,
    `/v1/datasets/${key}`,
    `/dashboard/nothing?token=${outside}`,
  ];
  for (const path of paths) {
    const answer = await (await sluice.fetch(path)).text();
    expect(answer).not.toContain(key);
  }
  // As a proxy sends it: the whole address, with a user in it.
  const sent = request({
    ...portAndHost(),
    path: `http://${outside}@sluice.example/v1/nowhere`,
    method: 'GET',
  });
  await new Promise((resolve) =>
    sent.once('response', (answer) => answer.resume().once('end', resolve)).end(),
  );
  await waitFor(() => sluice.api.output().includes('/v1/nowhere'), { what: 'the last request in the log' });
  expect(sluice.api.output()).not.toContain(key);
  expect(sluice.api.output()).not.toContain(outside);
  const urls = lines().map((each) => each['url']);
  expect(urls).toContain('/v1/imports?dataset=customers&…');
  expect(urls).toContain('/v1/imports?…&limit=5');
});

it('names of files and what is looked for do not reach the log', async () => {
  await sluice.fetch('/v1/imports?dataset=customers&fileName=Mustermann.csv', { method: 'POST', body: 'x' });
  await sluice.fetch('/v1/tasks?q=Mustermann&limit=7');
  await waitFor(() => sluice.api.output().includes('limit=7'), { what: 'the last request in the log' });
  expect(sluice.api.output()).not.toContain('Mustermann');
  const urls = lines().map((each) => each['url']);
  expect(urls).toContain('/v1/imports?dataset=customers&fileName=…');
  expect(urls).toContain('/v1/tasks?q=…&limit=7');
});

describe('an error of Postgres', () => {
  const PERSON = 'ann@example.com';
  const pool = () => sluice.database.pool;
  const failureOf = async (query: Promise<unknown>): Promise<Error> =>
    query.then(
      () => expect.unreachable('the query has gone well'),
      (error: Error) => error,
    );

  it.each([
    [
      'that refuses a row',
      () => pool().query(`INSERT INTO one_mail VALUES ('${PERSON}'), ('${PERSON}')`),
      /duplicate key value/,
    ],
    ['that refuses a value', () => pool().query('SELECT $1::int', [PERSON]), /type integer: \\"…\\"/],
    [
      'with a detail',
      () => pool().query(`DO $$ BEGIN RAISE EXCEPTION 'refused' USING DETAIL = '${PERSON}'; END $$`),
      /refused/,
    ],
    ['of a query by Drizzle', () => databaseOn(pool()).execute(sql`SELECT ${PERSON}::text, 1/0`), /zero/],
  ])('%s is logged without the value', async (_what, query, says) => {
    await pool().query('CREATE TABLE IF NOT EXISTS one_mail (mail text UNIQUE)');
    const error = await failureOf(query());
    const logged = JSON.stringify(errorForLog(error));
    expect(JSON.stringify({ ...error, text: String(error) })).toContain(PERSON);
    expect(logged).not.toContain(PERSON);
    expect(logged).toMatch(says);
    expect(JSON.parse(logged)).toMatchObject({ stack: expect.stringContaining('log.test.ts') as unknown });
  });
});

function portAndHost() {
  const { hostname, port } = new URL(sluice.url);
  return { host: hostname, port };
}

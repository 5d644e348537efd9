// Keys that open nothing count against a limit by address, before Postgres is asked.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiKeyText } from '../../src/core/access/api-key.ts';
import { bearer, createApi, type TestApi } from '../support/api.ts';

const LIMIT = 5;
const OTHER = { 'x-forwarded-for': '203.0.113.9' };

let api: TestApi;
let viewer: string;

beforeAll(async () => {
  api = await createApi({
    env: { SLUICE_BAD_KEYS_PER_MINUTE: String(LIMIT), SLUICE_TRUST_PROXY: 'loopback' },
  });
  viewer = await api.keyOf('viewer');
});
afterAll(() => api.close());

const send = (key: string, headers: Record<string, string>) =>
  api.app.inject({ url: '/v1/me', headers: { ...bearer(key), ...headers } });
const badKey = () => apiKeyText(randomBytes(32));

describe('an address that sends keys that open nothing', () => {
  const address = { 'x-forwarded-for': '203.0.113.1' };

  it('gets 429 after so many, and Postgres is not asked any more', async () => {
    expect((await send(viewer, address)).statusCode).toBe(200);
    for (let at = 0; at < LIMIT; at++) expect((await send(badKey(), address)).statusCode).toBe(401);
    let looks = 0;
    const look = (): void => void looks++;
    api.deps.database.pool.on('acquire', look);
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(badKey(), address)));
    api.deps.database.pool.off('acquire', look);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 429));
    expect(answers[0]!.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    expect(Number(answers[0]!.headers['retry-after'])).toBeGreaterThan(0);
    expect(looks).toBe(0);
  });

  it('does not shut out a key that was good there, nor other addresses', async () => {
    expect((await send(viewer, address)).statusCode).toBe(200);
    expect((await send(api.adminKey, OTHER)).statusCode).toBe(200);
    expect((await send(badKey(), OTHER)).statusCode).toBe(401);
  });

  it('cannot send many at once before the first is counted', async () => {
    const crowd = { 'x-forwarded-for': '203.0.113.2' };
    const answers = await Promise.all(Array.from({ length: 30 }, () => send(badKey(), crowd)));
    expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(LIMIT);
  });

  it('is its network under IPv6', async () => {
    for (let at = 0; at < LIMIT; at++) await send(badKey(), { 'x-forwarded-for': `2001:db8::${at + 1}` });
    expect((await send(badKey(), { 'x-forwarded-for': '2001:db8:0:0:ffff::1' })).statusCode).toBe(429);
    expect((await send(badKey(), { 'x-forwarded-for': '2001:db8:0:1::1' })).statusCode).toBe(401);
  });

  it('is stopped on the dashboard too', async () => {
    const headers = {
      ...address,
      authorization: `Basic ${Buffer.from(`x:${badKey()}`).toString('base64')}`,
    };
    expect((await api.app.inject({ url: '/dashboard', headers })).statusCode).toBe(429);
  });
});

it.each(['203.0.113.77:PORT', '[2001:db8:7::1]:PORT'])(
  'is the same whatever port a proxy writes behind it: %s',
  async (form) => {
    const from = (port: number) => ({ 'x-forwarded-for': form.replace('PORT', String(port)) });
    for (let at = 0; at < LIMIT; at++) expect((await send(badKey(), from(5000 + at))).statusCode).toBe(401);
    expect((await send(badKey(), from(6000))).statusCode).toBe(429);
  },
);

it('a request without a key counts nothing', async () => {
  const headers = { 'x-forwarded-for': '203.0.113.3' };
  for (let at = 0; at < 2 * LIMIT; at++)
    expect((await api.app.inject({ url: '/v1/me', headers })).statusCode).toBe(401);
  expect((await send(viewer, headers)).statusCode).toBe(200);
});

it('without a trusted proxy every request comes from the address that has connected', async () => {
  const direct = await createApi({ env: { SLUICE_BAD_KEYS_PER_MINUTE: '1' } });
  try {
    const ask = (address: string) =>
      direct.app.inject({ url: '/v1/me', headers: { ...bearer(badKey()), 'x-forwarded-for': address } });
    expect((await ask('203.0.113.1')).statusCode).toBe(401);
    expect((await ask('203.0.113.2')).statusCode).toBe(429);
  } finally {
    await direct.close();
  }
});

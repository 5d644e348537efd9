import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { RETRY_WAITS_MS, retryWaitMs } from '../../../src/core/webhooks/delivery.ts';
import { SECRET_BYTES, secretText, signedHeaders } from '../../../src/core/webhooks/signature.ts';

const newSecret = () => secretText(randomBytes(SECRET_BYTES));
const message = (body: string) => ({
  id: '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10-succeeded',
  timestamp: Math.floor(Date.now() / 1000),
  body,
});

describe('a signature', () => {
  it('is one that the library of Standard Webhooks accepts, and refuses for another body or id', () => {
    const secret = newSecret();
    const body = '{"type" : "import.succeeded", "data" : {"fileName" : "年齢.csv"}}';
    const headers = signedHeaders(message(body), [secret]);
    const receiver = new Webhook(secret);
    expect(receiver.verify(body, headers)).toMatchObject({ type: 'import.succeeded' });
    expect(() => receiver.verify(`${body} `, headers)).toThrow(/No matching signature/);
    expect(() => receiver.verify(body, { ...headers, 'webhook-id': 'other' })).toThrow(
      /No matching signature/,
    );
    expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow(/No matching signature/);
  });

  it('with two secrets fits either', () => {
    const [newer, older] = [newSecret(), newSecret()];
    const headers = signedHeaders(message('{}'), [newer, older]);
    for (const secret of [newer, older]) expect(new Webhook(secret).verify('{}', headers)).toEqual({});
    expect(() => new Webhook(newSecret()).verify('{}', headers)).toThrow(/No matching signature/);
  });
});

describe('the wait between attempts', () => {
  it('is about a day in all, and chance moves each by a fifth at most', () => {
    const sum = RETRY_WAITS_MS.reduce((all, wait) => all + wait, 0);
    expect(sum / 3_600_000).toBeGreaterThan(20);
    expect(sum / 3_600_000).toBeLessThan(28);
    for (const [at, wait] of RETRY_WAITS_MS.entries()) {
      expect(retryWaitMs(at + 1, 0)).toBe(Math.round(wait * 0.8));
      expect(retryWaitMs(at + 1, 0.5)).toBe(wait);
      expect(retryWaitMs(at + 1, 0.999_999)).toBeLessThanOrEqual(wait * 1.2);
    }
    expect(retryWaitMs(RETRY_WAITS_MS.length + 1, 0.5)).toBeUndefined();
  });

  it('is what the receiver asks for when that is longer, up to half a day', () => {
    expect(retryWaitMs(1, 0.5, 60_000)).toBe(60_000);
    expect(retryWaitMs(5, 0.5, 60_000)).toBe(RETRY_WAITS_MS[4]);
    expect(retryWaitMs(1, 0.5, 1e12)).toBe(12 * 3_600_000);
  });
});

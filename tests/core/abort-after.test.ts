import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { abortAfter } from '../../src/core/abort-after.ts';
import { collectGarbage } from '../support/collect-garbage.ts';

const late = () => new Error('late');

/** Hears the abort of a signal that nothing else refers to. */
function heard(ms: number, source: AbortController): { reason?: unknown } {
  const found: { reason?: unknown } = {};
  const { signal } = abortAfter(ms, source.signal, late);
  signal.addEventListener('abort', () => (found.reason = signal.reason));
  return found;
}

describe('abortAfter', () => {
  it('aborts in time when garbage is collected before', async () => {
    const found = heard(50, new AbortController());
    await delay(10);
    collectGarbage();
    await delay(100);
    expect(found.reason).toEqual(late());
  });

  it('aborts with its source, and for the same reason', () => {
    const source = new AbortController();
    const found = heard(60_000, source);
    source.abort('gone');
    expect(found.reason).toBe('gone');
    expect(abortAfter(60_000, source.signal, late).signal.reason).toBe('gone');
  });

  it('aborts no more when it is cleared', async () => {
    const source = new AbortController();
    const { signal, clear } = abortAfter(10, source.signal, late);
    clear();
    await delay(50);
    source.abort();
    expect(signal.aborted).toBe(false);
  });
});

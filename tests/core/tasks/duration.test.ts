import { expect, it } from 'vitest';
import { backoffMs } from '../../../src/core/tasks/backoff.ts';
import { durationMs } from '../../../src/core/tasks/duration.ts';
import { parseExact, stringifyExact } from '../../../src/core/tasks/exact-json.ts';

it.each([
  [0, 0],
  [1500, 1500],
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5s', 1500],
  ['15m', 900_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
])('the duration %s has %d ms', (duration, ms) => expect(durationMs(duration)).toBe(ms));

it.each(['', '5', '5 s', '-1s', '1w', 'PT5S', -1, NaN, Infinity])('%s is no duration', (duration) =>
  expect(() => durationMs(duration)).toThrow('is no duration. Give milliseconds, or a text such as "500ms"'),
);

it('a backoff doubles up to its longest wait, and chance takes off at most its jitter', () => {
  const waits = (backoff: object, chance: number) =>
    [1, 2, 3, 10].map((failed) => backoffMs(backoff, failed, chance));
  expect(waits({ delayMs: 100, maxMs: 1000, jitter: 0 }, 0.5)).toEqual([100, 200, 400, 1000]);
  expect(waits({ type: 'fixed', delayMs: 100, jitter: 0 }, 0.5)).toEqual([100, 100, 100, 100]);
  expect(waits({ delayMs: 100, maxMs: 1000, jitter: 0.5 }, 1)).toEqual([50, 100, 200, 500]);
  // Also after a thousand attempts.
  expect(backoffMs({}, 1000, 0)).toBe(3_600_000);
});

it('numbers of any size come through JSON as they are', () => {
  const text =
    '{"big":9007199254740993,"small":12,"part":0.1,"list":[-123456789012345678901234567890,"9007199254740993"]}';
  const value = parseExact(text) as { big: bigint; list: unknown[] };
  expect(value).toEqual({
    big: 9007199254740993n,
    small: 12,
    part: 0.1,
    list: [-123456789012345678901234567890n, '9007199254740993'],
  });
  expect(stringifyExact(value)).toBe(text);
  expect(stringifyExact({ at: new Date(0), big: 2n ** 70n })).toBe(
    '{"at":"1970-01-01T00:00:00.000Z","big":1180591620717411303424}',
  );
  expect(stringifyExact(undefined)).toBe('null');
});

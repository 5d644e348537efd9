import { randomFillSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createUuidV7, isUuid, uuidV7Block } from '../../src/core/uuid.ts';

const NOW_MS = Date.UTC(2024, 3, 1, 12);
const text = (id: Uint8Array): string => Buffer.from(id).toString();
const random = (bytes: Uint8Array): void => void randomFillSync(bytes);

describe('createUuidV7', () => {
  test('makes version 7, variant 10, with the time in front', () => {
    const id = createUuidV7(random)(NOW_MS);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(isUuid(id)).toBe(true);
    expect(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toBe(NOW_MS);
  });

  test('ids ascend within a millisecond, over blocks of randomness and counter digits', () => {
    const next = uuidV7Block(NOW_MS, random);
    const ids = Array.from({ length: 50_000 }, () => text(next()));
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('ids ascend when the clock steps back', () => {
    const next = createUuidV7(random);
    const [first, second, third] = [next(NOW_MS), next(NOW_MS - 5000), next(NOW_MS + 1)];
    expect([third, second, first].sort()).toEqual([first, second, third]);
  });

  test('moves its time ahead when the counter runs over', () => {
    // All bits set: the counter starts in the middle of its range, 2^25 ids before its end.
    const next = uuidV7Block(NOW_MS, (bytes) => bytes.fill(0xff));
    const first = text(next());
    for (let i = 0; i < 2 ** 25; i++) next();
    const last = text(next());
    expect(last.slice(0, 13) > first.slice(0, 13)).toBe(true);
  });

  test('two generators do not meet', () => {
    const [a, b] = [uuidV7Block(NOW_MS, random), uuidV7Block(NOW_MS, random)];
    const ids = Array.from({ length: 2000 }, () => [text(a()), text(b())]).flat();
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test.each([
  '',
  'x',
  '0190a6c2-7b1e-7c3d-9f00-1234567890a',
  '{0190a6c2-7b1e-7c3d-9f00-1234567890ab}',
  '0190a6c27b1e7c3d9f001234567890ab',
])('%j is no UUID in the form we write', (text) => expect(isUuid(text)).toBe(false));

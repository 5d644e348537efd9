// A file that is read range by range comes with few requests; whatever the order, each range is the right one.
import { afterAll, beforeAll, expect, it } from 'vitest';
import fc from 'fast-check';
import { Readable } from 'node:stream';
import { openStorage } from '../../src/storage/open-storage.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { startS3, type TestS3 } from '../support/s3.ts';

const KEYS = ['imports/a/upload.csv', 'imports/b/upload.csv'];
const LENGTH = 400_000;

let s3: TestS3;
let storage: Storage;
const files = KEYS.map((_, no) =>
  Buffer.from(Uint8Array.from({ length: LENGTH }, (_byte, at) => (at * 7 + (at >> 8) + no) & 255)),
);

beforeAll(async () => {
  s3 = await startS3();
  storage = openStorage(s3.settings());
  for (const [no, key] of KEYS.entries()) await storage.write(key, Readable.from([files[no]!]));
});
afterAll(() => s3.stop());

async function sameBytes(no: number, startByte: number, endByte: number): Promise<void> {
  const bytes = await storage.readBytes(KEYS[no]!, { startByte, endByte });
  expect(bytes.equals(files[no]!.subarray(startByte, endByte))).toBe(true);
}

it('asks once for many ranges that follow each other', async () => {
  const before = s3.requests.length;
  for (let at = 0; at < LENGTH; at += 40_000)
    await storage.readBytes(KEYS[0]!, { startByte: at, endByte: at + 40_000 });
  // The first range alone, the rest in one.
  expect(s3.requests.length - before).toBe(2);
});

it('gives the right bytes for ranges in any order, some at the same time, with cuts', async () => {
  const range = fc.record({
    no: fc.nat({ max: 1 }),
    /** From where the last one has ended. */
    follows: fc.boolean(),
    from: fc.nat({ max: LENGTH - 1 }),
    length: fc.integer({ min: 1, max: 60_000 }),
    beside: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(range, { maxLength: 12 }), fc.nat({ max: 5 }), async (ranges, cuts) => {
      let left = cuts;
      s3.fault(() => (left-- > 0 ? { kind: 'cut', afterBytes: 10_000 } : undefined));
      let last = 0;
      const reads: Promise<void>[] = [];
      for (const { no, follows, from, length, beside } of ranges) {
        const startByte = follows ? last : from;
        const endByte = Math.min(startByte + length, LENGTH);
        last = endByte === LENGTH ? 0 : endByte;
        const read = sameBytes(no, startByte, endByte);
        reads.push(read);
        if (!beside) await read;
      }
      await Promise.all(reads);
    }),
    { numRuns: 30 },
  );
});

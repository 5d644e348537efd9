// Plans made while a file comes in, in the real thread, are those that a worker makes of the stored file.
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { evenChunkBytes } from '../../../src/core/csv/chunks/even-chunks.ts';
import { planFile, type BeginningOfRecords } from '../../../src/core/csv/chunks/scan-chunks.ts';
import type { FilePlan } from '../../../src/core/csv/types.ts';
import { openPlanner, type Planner } from '../../../src/intake/plan/planner.ts';

const SETTINGS = { ...readConfig({}), chunkBytes: 64 * 1024, plansAhead: 3 };
const HEAD = 'a,b,c\n';
const FILE: BeginningOfRecords = {
  dialect: { delimiter: ',' },
  columns: [{ header: 'a' }, { header: 'b' }, { header: 'c' }],
  dataStart: HEAD.length,
  dataLine: 2,
};
/** More than what is on its way to the thread at once. */
const LARGE_BYTES = 6 * 1024 * 1024;

let planner: Planner;
beforeAll(() => {
  // However busy the machine is.
  planner = openPlanner(SETTINGS, pino({ level: 'silent' }), 60_000);
});
afterAll(() => planner.close());

/** What a worker makes of it. */
function planOfWorker(text: Buffer, chunkBytes: number): Promise<FilePlan> {
  const file = { ...FILE, dataEnd: text.length };
  const read = ({ startByte, endByte }: { startByte: number; endByte: number }) =>
    Promise.resolve(Buffer.from(text.subarray(startByte, endByte)));
  return planFile(file, read, { ...SETTINGS, chunkBytes }, Infinity);
}

function* cut(text: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, no = 0; at < text.length; no++) {
    const size = sizes[no % sizes.length]!;
    yield text.subarray(at, (at += size));
  }
}

const records = fc
  .array(
    fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom('1,b,c\n', '22,"b, b","c ""c"""\n', '3,"b\nb",c\n') },
      { weight: 1, arbitrary: fc.constantFrom('4,"b,c\n', '5,b"\n', 'a,b,c\n', '6,"b"x,c\n', '\n') },
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((lines) => lines.join(''));

describe('a plan made while the file comes in', () => {
  it('is the one of a worker, however the bytes come', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(records, sizes, fc.boolean(), async (some, pieces, isExpected) => {
        const text = Buffer.from(HEAD + some.repeat(Math.ceil(LARGE_BYTES / some.length)));
        const expected = isExpected ? text.length : undefined;
        const ahead = planner.begin(FILE, expected)!;
        for (const piece of cut(text, pieces)) await ahead.push(piece);
        const chunkBytes = evenChunkBytes((expected ?? 0) - FILE.dataStart, SETTINGS.chunkBytes);
        expect(await ahead.end()).toEqual(await planOfWorker(text, chunkBytes));
      }),
      { numRuns: 5, seed: 20_261_129 },
    );
  });

  it('leaves the bytes as they were', async () => {
    const text = Buffer.from(`${HEAD}${'1,"b ""b""",c\n'.repeat(1000)}`);
    const before = Buffer.from(text);
    const ahead = planner.begin(FILE, text.length)!;
    await ahead.push(text);
    expect(await ahead.end()).toMatchObject({ records: 1000 });
    expect(text.equals(before)).toBe(true);
  });
});

describe('how many', () => {
  it('are made at the same time is bounded, and one that is given up frees its place', async () => {
    const plans = [1, 2, 3].map(() => planner.begin(FILE, undefined)!);
    expect(planner.begin(FILE, undefined)).toBeUndefined();
    await plans[0]!.push(Buffer.from(`${HEAD}1,b,c\n`));
    plans[0]!.drop();
    await expect.poll(() => planner.begin(FILE, undefined)).toBeDefined();
    for (const plan of plans) plan.drop();
  });

  it('0 makes none', () => {
    const none = openPlanner({ ...SETTINGS, plansAhead: 0 }, pino({ level: 'silent' }));
    expect(none.begin(FILE, undefined)).toBeUndefined();
  });
});

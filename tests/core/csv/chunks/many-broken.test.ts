// A chunk of many broken records has a plan of one size, whatever is in it, and what is found again is what was found first.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStretches } from '../../../../src/core/csv/records/records.ts';
import { scanChunks } from '../../../../src/core/csv/chunks/scan-chunks.ts';
import { createChunkScanner } from '../../../../src/core/csv/chunks/scanner.ts';
import type { BrokenRecord, ByteRange, ChunkPlan, Stretch } from '../../../../src/core/csv/types.ts';
import { listed, plan, scannerOptions } from '../reading.ts';
import { expectEqual } from '../../../support/expect-equal.ts';
import { runs } from '../../../support/random.ts';

const RECORDS = 9000;
const LIMITS = { chunkBytes: 30_000, chunkCells: 1_000_000, maxRecordBytes: 15_000 };

const FILES: [string, string[]][] = [
  ['text after a quote', ['"a"b\n']],
  ['text after a quote, sound widths', ['"a"b,c\n']],
  ['text after a quote in several widths', ['"a"b\n', 'x,"y"z\n', '"q"r,s,t,u\n']],
  ['sound and broken lines in turn', ['ab,cd\n', '"a"b,c\n']],
  ['sound lines and open quotes in turn', ['ab,cd\n', 'ab,"c\n']],
  ['the header on every line', ['h1,h2\n']],
  ['quotes that close nothing', ['1,Dear\n', 'as I\n', 'yours",2\n']],
  ['quotes that open nothing', ['a"b, c\n', 'd"\n']],
  ['stray quotes far apart', ['1,"a\n', '2,b\n', '2,b\n', '2,b\n', '2,b\n', '2,b\n', '3",c\n']],
  ['CRLF and characters of several bytes', ['"名"前,é\r\n', '"\n"x,y\r\n']],
];

interface File {
  readonly dialect: { readonly delimiter: string; readonly lineEnd: 'lf' };
  readonly columns: readonly { readonly header: string }[];
  readonly dataStart: number;
  readonly dataLine: number;
  readonly dataEnd: number;
}

function fileOf(bytes: Buffer): File {
  const columns = [{ header: 'h1' }, { header: 'h2' }];
  return {
    dialect: { delimiter: ',', lineEnd: 'lf' },
    columns,
    dataStart: 0,
    dataLine: 2,
    dataEnd: bytes.length,
  };
}

/** Reads into the same memory each time, as a slot does. */
function reader(bytes: Buffer): { read: (range: ByteRange) => Promise<Buffer>; asked: ByteRange[] } {
  const memory = Buffer.alloc(bytes.length);
  const asked: ByteRange[] = [];
  const read = async (range: ByteRange): Promise<Buffer> => {
    asked.push(range);
    memory.fill(0);
    return memory.subarray(0, bytes.copy(memory, 0, range.startByte, range.endByte));
  };
  return { read, asked };
}

async function planOf(bytes: Buffer, limits: typeof LIMITS): Promise<ChunkPlan[]> {
  const chunks: ChunkPlan[] = [];
  for await (const chunk of scanChunks(fileOf(bytes), reader(bytes).read, limits)) chunks.push(chunk);
  return chunks;
}

interface Found {
  readonly broken: [BrokenRecord, string][];
  readonly stretches: [Stretch, string][];
}

/** What the chunks hand out; stretches that lie side by side are one. */
async function readAll(bytes: Buffer, chunks: readonly ChunkPlan[]): Promise<Found & { asked: ByteRange[] }> {
  const { read, asked } = reader(bytes);
  const broken: [BrokenRecord, string][] = [];
  const stretches: [Stretch, string][] = [];
  for (const chunk of chunks)
    await readStretches(fileOf(bytes), chunk, read, {
      stretch: (own, stretch) => {
        const [before, text] = stretches.at(-1) ?? [];
        if (before?.endByte === stretch.startByte)
          stretches[stretches.length - 1] = [
            { ...before, endByte: stretch.endByte, records: before.records + stretch.records },
            text + own.toString(),
          ];
        else stretches.push([{ ...stretch }, own.toString()]);
      },
      broken: (record, text) => broken.push([record, text]),
    });
  return { broken, stretches, asked };
}

/** The same chunks, each with its list. */
function withLists(bytes: Buffer, limits: typeof LIMITS): ChunkPlan[] {
  const scanner = createChunkScanner({
    ...scannerOptions({ ...fileOf(bytes), columns: 2, header: ['h1', 'h2'], startLine: 2, ...limits }),
    parts: { broken: Infinity, endByte: Infinity },
  });
  return listed([...scanner.push(bytes), ...scanner.end()]);
}

describe('a file of many broken records', () => {
  it.each(FILES)(
    '%s: its plan is small, and its records are those of a plan that lists them',
    async (_name, lines) => {
      const bytes = Buffer.from(lines.join('').repeat(RECORDS / lines.length));
      const chunks = await planOf(bytes, LIMITS);
      expect(chunks).toHaveLength(Math.ceil(bytes.length / LIMITS.chunkBytes));
      expect(JSON.stringify(chunks).length).toBeLessThan(chunks.length * 250);
      const { asked, ...found } = await readAll(bytes, chunks);
      const { asked: _, ...expected } = await readAll(bytes, withLists(bytes, LIMITS));
      expect(found.broken.length).toBeGreaterThan(RECORDS / 4);
      expectEqual(found, expected);
      // Twice for scanning, once for reading each part; a broken record has no read of its own.
      expect(asked.length).toBeLessThan(chunks.length * 8);
    },
  );

  it('finds them again by what the records above the chunk are like', async () => {
    const block = `${'1234,"to you\nlate, red\nSol,Ann\n1234,a\n'.repeat(220)}${'1234,a\n'.repeat(150)}`;
    const bytes = Buffer.from(block.repeat(3));
    const limits = { ...LIMITS, chunkBytes: block.length - 100 };
    const chunks = await planOf(bytes, limits);
    expect(chunks[1]!.broken).toMatchObject({ likeness: '10' });
    const { asked: _asked, ...found } = await readAll(bytes, chunks);
    const { asked: _, ...expected } = await readAll(bytes, withLists(bytes, limits));
    expectEqual(found, expected);
  });

  it('lists a hundred in a chunk, and not one more', async () => {
    const [few] = await planOf(Buffer.from('"a"b\n'.repeat(100)), LIMITS);
    const [many] = await planOf(Buffer.from('"a"b\n'.repeat(101)), LIMITS);
    expect(few!.broken).toHaveLength(100);
    expect(many!.broken).toEqual({ maxRecordBytes: 15_000, headerLines: 0, tableEnded: false });
  });

  it('ends a chunk at forty thousand, whose rejects are held together', async () => {
    const chunks = await planOf(Buffer.from('"a"b\n'.repeat(40_010)), { ...LIMITS, chunkBytes: 1e6 });
    expect(chunks.map(({ records }) => records)).toEqual([40_000, 10]);
  });

  it('tells where another table begins once, also when the header comes again in every chunk', async () => {
    const bytes = Buffer.from(`a,b\n${'h1,h2\n'.repeat(300)}`);
    const limits = { ...LIMITS, chunkBytes: 1000 };
    const { broken } = await readAll(bytes, await planOf(bytes, limits));
    expect(broken.map(([{ row, reason }]) => [row, reason])).toEqual([[2, 'header-again']]);
    const below = Buffer.from(`${'h1,h2\n'.repeat(400)}a,b\n`);
    const found = await readAll(below, await planOf(below, limits));
    expect(found.broken).toHaveLength(400);
    expect(found.stretches.map(([, text]) => text)).toEqual(['a,b\n']);
  });

  it('is read with the record limit that it was planned with', async () => {
    const bytes = Buffer.from(`${'"a"b\n'.repeat(200)}${'x'.repeat(60)},y\n`);
    const chunks = await planOf(bytes, { ...LIMITS, maxRecordBytes: 50 });
    expect((await readAll(bytes, chunks)).broken.at(-1)![0]).toMatchObject({
      row: 201,
      reason: 'record-too-long',
    });
  });

  it('throws when it no longer holds what its plan says', async () => {
    const bytes = Buffer.from('"a"b\n'.repeat(200));
    const [chunk] = await planOf(bytes, LIMITS);
    await expect(readAll(bytes, [{ ...chunk!, records: 199 }])).rejects.toThrow(
      'Scanned again, bytes 0 to 1000 (line 2) hold 200 records; the plan says 199 up to byte 1000',
    );
    const [other] = await planOf(Buffer.from('"abcdef"ghij\n'.repeat(200)), { ...LIMITS, chunkBytes: 1501 });
    await expect(readAll(bytes, [{ ...other!, endByte: 998 }])).rejects.toThrow('Scanned again');
  });

  it('is found again whatever is in it and wherever its chunks end', async () => {
    const lines = fc.constantFrom(
      '"a"b\n',
      '"a"b\n',
      'a,b\n',
      'a,"b\n',
      '"x\n',
      'h1,h2\n',
      '\n',
      'c"d,e\r\n',
      '",\r',
      '"""q,r\n',
      'd"e, f\n',
      'g\n',
      'h",i\n',
      'j,k"\n',
      '1,2\r\n',
      'u,v\n',
      '3,4\n',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(lines, { maxLength: 40 }),
        fc.array(lines, { maxLength: 40 }),
        fc.constantFrom(7, 800, 1500),
        fc.constantFrom(6, 40, 5000),
        async (before, behind, chunkBytes, maxRecordBytes) => {
          const many = '"a"b\n'.repeat(150);
          const bytes = Buffer.from(`${before.join('')}${many}${behind.join('')}${many}${before.join('')}`);
          const limits = { ...LIMITS, chunkBytes, maxRecordBytes };
          const { asked: _asked, ...found } = await readAll(bytes, await planOf(bytes, limits));
          const { asked: _, ...expected } = await readAll(bytes, withLists(bytes, limits));
          expectEqual(found, expected);
        },
      ),
      { numRuns: runs(100) },
    );
  });
});

describe('a plan from before', () => {
  it('lists a thousand broken records, which are read as they stand there', async () => {
    const bytes = Buffer.from('"a"b\nc,d\n'.repeat(1000));
    const chunks = plan(bytes, { columns: 2, startLine: 2 });
    expect(chunks[0]!.broken).toHaveLength(1000);
    const { broken, asked } = await readAll(bytes, chunks);
    expect(broken).toHaveLength(1000);
    expect(asked).toHaveLength(chunks.length);
  });
});

// The header that a report repeats on each page, where the sender says that it is left out: it is no record, and no other table begins.
import { describe, expect, it } from 'vitest';
import { createChunkScanner } from '../../../../src/core/csv/chunks/scanner.ts';
import type { ChunkPlan, FileDialect } from '../../../../src/core/csv/types.ts';
import { landText } from '../landed.ts';
import { scannerOptions } from '../reading.ts';

const SKIPS: FileDialect = { delimiter: ',', lineEnd: 'lf', repeatedHeader: 'skip' };

const land = (data: string, header: readonly string[], chunkBytes = 1_000_000, dialect = SKIPS) =>
  landText(data, header, chunkBytes, dialect);

describe('the header repeated on each page', () => {
  const PAGES =
    'Ann,1\nname,age\nBob,2\n\nname,age\nCy,3\n"Name", AGE \nname,age\n\ufeffname,age\nDan,4\nname,age';

  it('is left out, and the rows go on', async () => {
    for (const chunkBytes of [1, 8, 20, 1000])
      expect(await land(PAGES, ['name', 'age'], chunkBytes)).toMatchObject({
        records: [
          [1, 2, 'Ann', '1'],
          [2, 4, 'Bob', '2'],
          [3, 7, 'Cy', '3'],
          [4, 11, 'Dan', '4'],
        ],
        broken: [],
        learnt: { repeatedHeaders: 6 },
      });
  });

  it('is left out wherever the bytes are cut', () => {
    const planOf = (step: number): ChunkPlan[] => {
      const options = { columns: 2, header: ['name', 'age'], chunkBytes: 20, startLine: 2, dialect: SKIPS };
      const scanner = createChunkScanner(scannerOptions(options));
      const bytes = Buffer.from(PAGES);
      const chunks = [];
      for (let at = 0; at < bytes.length; at += step)
        chunks.push(...scanner.push(bytes.subarray(at, at + step)));
      return [...chunks, ...scanner.end()];
    };
    const whole = planOf(PAGES.length * 2);
    for (let step = 1; step < PAGES.length; step++) expect(planOf(step)).toEqual(whole);
  });

  it('is the start of another table where nobody has said so', async () => {
    const landed = await land(PAGES, ['name', 'age'], 1000, { delimiter: ',', lineEnd: 'lf' });
    expect(landed.broken).toEqual(['header-again']);
    expect(landed.learnt).toEqual({ tableEnd: { row: 2, line: 3 } });
  });

  it.each([
    ['right below itself', 'name,age\nAnn,1\n', ['name', 'age']],
    ['of one column', 'name\nAnn\nname\n', ['name']],
    ['whose first column has no name', ',age\nAnn,1\n,age\n', ['', 'age']],
    ['whose last column has no name', 'name,\nAnn,1\nname,\n', ['name', '']],
  ])('%s is left out too', async (_name, data, header) => {
    const { records, broken } = await land(data, header);
    expect(records.map(([row, , first]) => [row, first])).toEqual([[1, 'Ann']]);
    expect(broken).toEqual([]);
  });

  it('does not hide a table of other names', async () => {
    const { broken, learnt } = await land('Ann,1\nname,age\nBob,2\n\ncity,people\nRome,3\nOslo,4\n', [
      'name',
      'age',
    ]);
    expect(broken).toEqual(['other-table']);
    expect(learnt).toEqual({ tableEnd: { row: 3, line: 6 }, repeatedHeaders: 1 });
  });

  it('makes no plan of a long report long: what is left out is found again', async () => {
    const pages = 20_000;
    const data = Array.from({ length: pages }, (_, page) => `Ann,${page}\nname,age\n"x"y,1\n`).join('');
    const { records, broken, chunks, learnt } = await land(data, ['name', 'age'], 100_000);
    expect(JSON.stringify(chunks).length).toBeLessThan(300 * chunks.length);
    expect(records.map(([row, line, , age]) => [row, line, age])).toEqual(
      Array.from({ length: pages }, (_, page) => [2 * page + 1, 3 * page + 2, String(page)]),
    );
    expect([broken.length, learnt.repeatedHeaders]).toEqual([pages, pages]);
  });
});

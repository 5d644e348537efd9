// Records without a value are left out as blank lines are, wherever chunks end.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileDialect } from '../../../../src/core/csv/types.ts';
import { runs } from '../../../support/random.ts';
import { landText } from '../landed.ts';

const HEADER = ['name', 'city', 'age'];
const SKIPS: FileDialect = { delimiter: ',', lineEnd: 'lf', emptyRecords: 'skip' };
const BLANK: FileDialect = { delimiter: ',', lineEnd: 'lf' };

describe('records without a value', () => {
  it('are left out and counted, and rows are numbered without them', async () => {
    const data = ',,\nAnn,Rome,1\n,,\n,\n,,,,\nBob,"Oslo\n,,\n",2\n"",,\n , ,\n\ufeff,,\nCy,Bern,3\n,,';
    for (const chunkBytes of [1, 8, 20, 1000])
      expect(await landText(data, HEADER, chunkBytes, SKIPS)).toMatchObject({
        records: [
          [1, 3, 'Ann', 'Rome', '1'],
          [2, 7, 'Bob', 'Oslo\n,,\n', '2'],
          [3, 10, '', '', ''],
          [4, 11, ' ', ' ', ''],
          [5, 13, 'Cy', 'Bern', '3'],
        ],
        broken: [],
        learnt: { emptyRecordsWithin: 6 },
      });
  });

  it('are records where nobody has said that they are left out', async () => {
    const { records, learnt } = await landText('Ann,Rome,1\n,,\n', HEADER, 100, BLANK);
    expect([records.length, learnt]).toEqual([2, {}]);
  });

  it('begin another table below them, as blank lines do', async () => {
    for (const chunkBytes of [1000, 8]) {
      const data = 'Ann,Rome,1\nBob,Oslo,2\n,,\n,,\nItem,Color,Price\nPen,Red,2\nCup,Blue,3\n';
      const landed = await landText(data, HEADER, chunkBytes, SKIPS);
      expect(landed.broken).toEqual(['other-table']);
      expect(landed.learnt).toEqual({ emptyRecordsWithin: 2, tableEnd: { row: 3, line: 6 } });
    }
  });

  it('between all records say nothing', async () => {
    const data = 'Ann,Rome,1\n,,\nItem,Color,Price\n,,\nBob,Oslo,2\n,,\nCy,Bern,3\n';
    expect((await landText(data, HEADER, 1000, SKIPS)).broken).toEqual([]);
  });

  it('make no plan long, and no chunk', async () => {
    const data = `Ann,Rome,1\n${',,\n'.repeat(60_000)}Bob,Oslo,2\n`;
    const { records, chunks, learnt } = await landText(data, HEADER, 15_000, SKIPS);
    expect(records.map(([row, line]) => [row, line])).toEqual([
      [1, 2],
      [2, 60_003],
    ]);
    expect(learnt).toEqual({ emptyRecordsWithin: 60_000 });
    expect(chunks.length).toBeGreaterThan(10);
    expect(JSON.stringify(chunks).length).toBeLessThan(300 * chunks.length);
  });

  it('change no other record: they are what blank lines are', async () => {
    const cell = fc.constantFrom(
      'a',
      '12',
      '',
      '"b, c"',
      '"d\n,,\ne"',
      '5" x',
      '"f""g"',
      '""',
      '"open',
      '"h"i',
    );
    const line = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(cell, cell, cell).map((cells) => cells.join(',')) },
      { weight: 2, arbitrary: fc.constant('\0') },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 20 }),
        fc.constantFrom(1, 16, 1000),
        async (lines, chunkBytes) => {
          // A record of cells that are empty without quotes is one of those that are meant.
          const records = lines.map((each) => (/^,,$/.test(each) ? '\0' : each)).join('\n');
          const [empty, blank] = [',,', ''].map((none) => records.replaceAll('\0', none));
          const found = await landText(empty!, HEADER, chunkBytes, SKIPS);
          const expected = await landText(blank!, HEADER, chunkBytes, BLANK);
          // What is broken may look at lines of both kinds differently.
          const isSound =
            found.broken.length === 0 && expected.broken.length === 0 && !records.includes('5"');
          expect(isSound ? found.records : []).toEqual(isSound ? expected.records : []);
          expect(found.records.filter(([, , ...cells]) => cells.join('') === '').length).toBeLessThanOrEqual(
            (empty!.match(/""/g) ?? []).length,
          );
        },
      ),
      { numRuns: runs(300) },
    );
  });
});

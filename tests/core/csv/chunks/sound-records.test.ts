// The loop over sound records must be a short cut and nothing else: files are planned as by the loop that knows all of the grammar. A
// declared comment sign that the file does not have leaves all of it to that one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AboveChunk } from '../../../../src/core/csv/chunks/above-chunk.ts';
import { oddEndsOf } from '../../../../src/core/csv/chunks/line-ends.ts';
import { Reading } from '../../../../src/core/csv/chunks/reading.ts';
import { SoundRecords } from '../../../../src/core/csv/chunks/sound-records.ts';
import { HeaderAgain } from '../../../../src/core/csv/dialect/header-again.ts';
import { Totals } from '../../../../src/core/csv/dialect/totals.ts';
import { grammarOf } from '../../../../src/core/csv/grammar.ts';
import type { FileDialect } from '../../../../src/core/csv/types.ts';
import { pollutedFile } from '../polluted-files.ts';
import { planPieces, type ReadOptions } from '../reading.ts';
import { expectEqual } from '../../../support/expect-equal.ts';
import { runs } from '../../../support/random.ts';

const UNUSED = '~';
const HEADER = ['key', 'value'];

const piece = fc.constantFrom(
  'a',
  'b,c',
  '"a"',
  '"a',
  'b"',
  '""',
  ',',
  ',',
  '"b,c"',
  '"x\ny"',
  '\n',
  '\n',
  '\r\n',
  '\r',
  '\n\n',
  ' ',
  'é',
  '\ufeff',
  '\t',
  '\u0000',
  '\u000b',
  'key,value\n',
  ' "Key" ,VALUE\r\n',
  '1,2\n',
  '1,2\n3,4\n5,6\n',
  '1,2\r\n3,4\r\n',
  'item,price\n',
  'Total,2\n',
  ',"合計"\n',
  'Tom,x\n',
  '"1","2"\n'.repeat(3),
  'a longer cell without anything in it, and another one\n',
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
const options = fc.record({
  chunkBytes: fc.constantFrom(1, 7, 30, 1_000_000),
  maxRecordBytes: fc.constantFrom(4, 20, 1_000_000),
});
const anyDialect: fc.Arbitrary<FileDialect> = fc.record(
  {
    delimiter: fc.constant(','),
    lineEnd: fc.constantFrom('lf', 'crlf', 'cr', 'mixed'),
    repeatedHeader: fc.constant('skip'),
  },
  { requiredKeys: ['delimiter'] },
);
/** Without one, no record is the header again. */
const headers = fc.constantFrom(HEADER, []);
const steps = fc.integer({ min: 1, max: 40 });

function both(
  source: string,
  step: number,
  dialect: FileDialect,
  read: Omit<ReadOptions, 'dialect'>,
): unknown[] {
  const bytes = Buffer.from(source);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += step) pieces.push(bytes.subarray(at, at + step));
  const dialects: readonly FileDialect[] = [dialect, { ...dialect, comment: UNUSED }];
  return dialects.map((each) => planPieces(pieces, { ...read, dialect: each }));
}

describe('the loop over sound records', () => {
  it('is not taken where a comment sign is declared', () => {
    const taken = (dialect: FileDialect): boolean => {
      const grammar = grammarOf(dialect);
      const start = {
        startByte: 0,
        startLine: 1,
        records: 0,
        maxRecordBytes: 9,
        oddEnds: oddEndsOf('lf'),
        fewLines: 4,
      };
      return (
        SoundRecords.of(
          new Reading(start, grammar, new AboveChunk(Buffer.alloc(0), HEADER.length, grammar)),
          new HeaderAgain(HEADER, grammar),
          new Totals(grammar),
          true,
        ) !== undefined
      );
    };
    expect([taken({ delimiter: ',' }), taken({ delimiter: ',', comment: UNUSED })]).toEqual([true, false]);
  });

  it('plans random files as the other loop does, however the bytes come in', () => {
    fc.assert(
      fc.property(text, anyDialect, headers, options, steps, (source, dialect, header, limits, step) => {
        const [fast, full] = both(source, step, dialect, { columns: 2, header, startLine: 2, ...limits });
        expectEqual(fast, full);
      }),
      { numRuns: runs(3000) },
    );
  });

  it.each([1, 3, 5, 40, 100])('plans two stray quotes %i records apart as the other loop does', (apart) => {
    const records = Array.from({ length: 150 }, (_, row) => `${row},text ${row}`);
    records[10] = '10,"text';
    records[10 + apart] = `${10 + apart},text"`;
    const [fast, full] = both(`${records.join('\n')}\n`, 64, { delimiter: ',' }, { columns: 2 });
    expect(fast).toEqual(full);
  });

  it('plans polluted files as the other loop does', () => {
    for (let seed = 1; seed <= runs(500); seed++) {
      const file = pollutedFile(seed);
      const read = {
        columns: file.header.length,
        header: file.header,
        chunkBytes: seed % 2 === 0 ? 100 : 1_000_000,
      };
      const [fast, full] = both(file.text, 1 + (seed % 97), { delimiter: file.delimiter }, read);
      expectEqual(fast, full, `seed ${seed}`);
    }
  });
});

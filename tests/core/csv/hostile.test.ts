// Texts made to be slow: every failure makes the scanner look around. A search that began anew for each of them would take many minutes here;
// that each ends within the test's time is the proof that it does not.
import { describe, expect, it } from 'vitest';
import { readPlaces } from '../../../src/core/csv/records/read-places.ts';
import { wellFormedStretches } from '../../../src/core/csv/records/records.ts';
import { planPieces } from './reading.ts';

const BYTES = 200_000;
const COMMA = { delimiter: ',' };

const repeat = (text: string): Buffer => Buffer.from(text.repeat(Math.ceil(BYTES / text.length)));

const TEXTS: [string, Buffer][] = [
  ['a quote opened on each line', repeat('a,"b\n')],
  ['a quote opened at each line end', repeat('a,"\nx,y\n')],
  ['nothing but a quote on each line', repeat('"\n')],
  ['three quotes on each line', repeat('a,"""b\n')],
  ['four quotes on each line', repeat('"""",\n')],
  ['text after a quote on each line', repeat('"a"b,c\n')],
  ['a quote opened on every second line', repeat('a,"b\nc","d\n')],
  ['alternating sound and open lines', repeat('x,"1"\n"y,2\n')],
  ['text after an empty quoted cell on each line', repeat('a,""b\n')],
  ['stray quotes in each cell', repeat('a"b,c"d\n')],
  ['one record of stray quotes', Buffer.concat([repeat('a"b,'), Buffer.from('\n')])],
  ['one record of stray quotes side by side', Buffer.concat([repeat('a"""b,c""d,'), Buffer.from('\n')])],
  ['quotes alone', Buffer.alloc(BYTES, '"')],
  ['a letter and quotes', Buffer.concat([Buffer.from('a'), Buffer.alloc(BYTES, '"'), Buffer.from('\n')])],
  ['carriage returns alone', Buffer.alloc(BYTES, '\r')],
  ['delimiters alone', Buffer.alloc(BYTES, ',')],
  ['an open quote above sound lines', Buffer.concat([Buffer.from('a,"b\n'), repeat('c,d\n')])],
];

describe('hostile texts', () => {
  it.each(TEXTS)('%s: every byte is read once', (_name, bytes) => {
    for (const columns of [1, 2, 5]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, at) =>
        bytes.subarray(at * 65_536, (at + 1) * 65_536),
      );
      const chunks = planPieces(pieces, { columns, chunkBytes: 100_000, maxRecordBytes: 50_000 });
      let at = 0;
      let records = 0;
      for (const chunk of chunks) {
        expect(chunk).toMatchObject({ startByte: at, firstRow: records + 1 });
        at = chunk.endByte;
        records += chunk.records;
      }
      expect(at).toBe(bytes.length);
      for (const stretch of chunks.flatMap(wellFormedStretches))
        readPlaces(bytes.subarray(stretch.startByte, stretch.endByte), stretch, COMMA, () => {
          records--;
        });
      expect(records).toBe(chunks.reduce((sum, { broken }) => sum + broken.length, 0));
    }
  });

  it('20 MB of lines that end in CR are as many records', () => {
    const block = Buffer.from('ab,cd,1234\r'.repeat(95_325));
    const pieces = Array.from({ length: 20 }, () => block);
    const chunks = planPieces(pieces, { columns: 3, chunkBytes: 4_000_000 });
    expect(chunks.reduce((sum, chunk) => sum + chunk.records, 0)).toBe(1_906_500);
    expect(chunks.flatMap(({ broken }) => broken)).toEqual([]);
  });

  it('10,000 columns and 100,000 quotes are cells like others', () => {
    const wide = Array.from({ length: 10_000 }, (_, at) => `"${at} ""x"", y"`).join(',');
    const bytes = Buffer.from(`${wide}\n${wide}\n`);
    const [chunk] = planPieces([bytes], { columns: 10_000 });
    const counts: number[] = [];
    readPlaces(bytes, wellFormedStretches(chunk!)[0]!, COMMA, (cells) => counts.push(cells.count));
    expect(counts).toEqual([10_000, 10_000]);
  });
});

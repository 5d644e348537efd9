// Lines of a damaged cell that have the header's width by chance: none lands, and the records around the damaged one do.
import { describe, expect, it } from 'vitest';
import { outline, type ReadOptions } from '../reading.ts';

interface Case {
  readonly name: string;
  readonly data: string;
  readonly options: ReadOptions;
  /** The first cell of each record that lands, and what is rejected. */
  readonly expected: readonly string[];
}

const NUMBERED = Array.from({ length: 6 }, (_, at) => `${at + 1},x,y\n`).join('');
const TEXT = 'Dear Sir, hello\nthere are reasons, too\n';

const CASES: readonly Case[] = [
  {
    name: 'the last line, of which only records above show what it is',
    data: `${NUMBERED}7,"${TEXT}as I said,"late",red\n`,
    options: { columns: 3 },
    expected: ['1', '2', '3', '4', '5', '6', 'text-after-quote 7..9'],
  },
  {
    name: 'the last line of the first cell, without any numbers',
    data: `a,b,c\n"${TEXT}forty,"late",red\nd,e,f\ng,h,i\nj,k,l\n`,
    options: { columns: 3 },
    expected: ['a', 'text-after-quote 2..4', 'd', 'g', 'j'],
  },
  {
    name: 'LF in a file of CRLF, below a lost opening quote',
    data: '1,x\r\n2,Dear Sir\nas I said,late\nthere are,reasons\nyours,Ann"\r\n3,z\r\n',
    options: { columns: 2, dialect: { delimiter: ',', lineEnd: 'crlf' } },
    expected: ['1', 'stray-line-end 2..5', '3'],
  },
  {
    name: '… where its second line has another width',
    data: '1,x\r\n2,Dear Sir\nas I said\nthere are,reasons\nyours,Ann"\r\n3,z\r\n',
    options: { columns: 2, dialect: { delimiter: ',', lineEnd: 'crlf' } },
    expected: ['1', 'stray-line-end 2..5', '3'],
  },
];

describe('lines of a damaged cell', () => {
  it.each(CASES)('$name', async ({ data, options, expected }) => {
    const read = await outline(data, options);
    expect(read.map((record) => (typeof record === 'string' ? record : record[0]))).toEqual(expected);
  });

  it('two stray quotes are found where the second record has a cell of several lines too', async () => {
    const records = Array.from({ length: 5 }, (_, at) => `${at + 2};x`).join('\n');
    const below = Array.from({ length: 9 }, (_, at) => `${at + 8};z`).join('\n');
    const read = await outline(`"1;w\n${records}\n7";"two\nlines"\n${below}\n`, {
      columns: 2,
      delimiter: ';',
    });
    expect(read.slice(0, 8)).toEqual([
      'unclosed-quote 1..1',
      ...['2', '3', '4', '5', '6'].map((first) => [first, 'x']),
      'lost-quote 7..8',
      ['8', 'z'],
    ]);
  });

  it('records that mix line ends are records, also where one has a quote as text', async () => {
    const options: ReadOptions = { columns: 2, dialect: { delimiter: ',', lineEnd: 'crlf' } };
    const data = '1,a\r\n2,b\n3,"c"\n4,5" pipe and 6" pipe\n5,d\r\n6,e\r\n';
    expect((await outline(data, options)).map(([first]) => first)).toEqual(['1', '2', '3', '4', '5', '6']);
  });
});

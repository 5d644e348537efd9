// What the scanner and the reader make of odd and broken files, one by one; each is also cut at every byte.
import { describe, expect, it } from 'vitest';
import { createChunkScanner } from '../../../../src/core/csv/chunks/scanner.ts';
import { outline, plan, planPieces, readAll, scannerOptions, type ReadOptions } from '../reading.ts';

interface Case {
  readonly name: string;
  readonly text: string;
  readonly columns: number;
  readonly records: (string[] | string)[];
  readonly options?: Partial<ReadOptions>;
}

const CASES: readonly Case[] = [
  // line ends
  {
    name: 'CRLF, LF and lone CR in one file each end a record, and no CR lands in a cell',
    text: 'a,b\r\nc,d\ne,f\rg,h',
    columns: 2,
    records: [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
      ['g', 'h'],
    ],
  },
  {
    name: 'the same with quotes: line ends inside quotes are data, byte for byte',
    text: '"a\r\nx",b\r\nc,"d\ry\nz"\ne,f\r',
    columns: 2,
    records: [
      ['a\r\nx', 'b'],
      ['c', 'd\ry\nz'],
      ['e', 'f'],
    ],
  },
  {
    name: 'CR alone as the line end of the whole file',
    text: 'a,b\rc,"d"\r',
    columns: 2,
    records: [
      ['a', 'b'],
      ['c', 'd'],
    ],
  },
  { name: 'a file without a last line end', text: 'a,"b"', columns: 2, records: [['a', 'b']] },
  // blank lines
  {
    name: 'blank lines are skipped',
    text: '\n\na,b\n\r\n\rc,d\n\n',
    columns: 2,
    records: [
      ['a', 'b'],
      ['c', 'd'],
    ],
  },
  {
    name: 'blank lines among quoted records are skipped',
    text: '\n"a",b\n\n\n"c",d\n\n',
    columns: 2,
    records: [
      ['a', 'b'],
      ['c', 'd'],
    ],
  },
  {
    name: 'a quoted empty cell in one column is a record, a blank line is not',
    text: '""\n\na\n""',
    columns: 1,
    records: [[''], ['a'], ['']],
  },
  {
    name: 'a line of delimiters and a line of spaces are records',
    text: ',,\n  \n',
    columns: 3,
    records: [['', '', ''], ['  ']],
  },
  // ragged and odd, but readable
  {
    name: 'ragged records are read as they are',
    text: 'a\na,b,c\n',
    columns: 2,
    records: [['a'], ['a', 'b', 'c']],
  },
  {
    name: 'a line \\. is data',
    text: 'a,b\n\\.\nc,d\n',
    columns: 2,
    records: [['a', 'b'], ['\\.'], ['c', 'd']],
  },
  {
    name: 'a quote inside an unquoted cell is kept literally',
    text: '5" pipe,x\ny",z ""\n',
    columns: 2,
    records: [
      ['5" pipe', 'x'],
      ['y"', 'z ""'],
    ],
  },
  {
    name: 'a doubled quote is a quote',
    text: '"say ""hi""",""""\n',
    columns: 2,
    records: [['say "hi"', '"']],
  },
  {
    name: 'a U+FEFF or U+FFFD in the data stays',
    text: 'a\ufeff,\ufffd\n"\ufeffb",c\n',
    columns: 2,
    records: [
      ['a\ufeff', '\ufffd'],
      ['\ufeffb', 'c'],
    ],
  },
  {
    name: 'text stays text: formulas, leading zeros, NA, null, empty quoted or not, numbers beyond a double',
    text: '=cmd(),+1,-1,@x\n007,NA,null,"=1"\n"",,9007199254740993,1e400\n',
    columns: 4,
    records: [
      ['=cmd()', '+1', '-1', '@x'],
      ['007', 'NA', 'null', '=1'],
      ['', '', '9007199254740993', '1e400'],
    ],
  },
  {
    name: 'the other delimiters are data',
    text: 'a,b;"c,d"\n"e;f";g\n',
    columns: 2,
    options: { delimiter: ';' },
    records: [
      ['a,b', 'c,d'],
      ['e;f', 'g'],
    ],
  },
  {
    name: 'tabs beside quotes',
    text: '"a"\t\t"b"\n',
    columns: 3,
    options: { delimiter: '\t' },
    records: [['a', '', 'b']],
  },
  {
    name: 'ten thousand columns',
    text: `${'x,'.repeat(9_999)}x\n`,
    columns: 10_000,
    records: [Array.from({ length: 10_000 }, () => 'x')],
  },
  // text after a closing quote
  {
    name: 'text after a closing quote breaks its record alone',
    text: 'a,b\n"c"x,d\ne,f\n',
    columns: 2,
    records: [['a', 'b'], 'text-after-quote 2..2', ['e', 'f']],
  },
  {
    name: 'text after a closing quote in one column breaks its record alone',
    text: '"c"x\nd\n"e"\n',
    columns: 1,
    records: ['text-after-quote 1..1', ['d'], ['e']],
  },
  {
    name: 'a space after a closing quote is text after it',
    text: '"a" ,b\n"c" ,d\n"e",f\n',
    columns: 2,
    records: ['text-after-quote 1..1', 'text-after-quote 2..2', ['e', 'f']],
  },
  {
    name: 'unescaped quotes around a word break their record alone',
    text: '"say "hi" there",1\nx,2\n',
    columns: 2,
    records: ['text-after-quote 1..1', ['x', '2']],
  },
  {
    name: 'a broken record at the end of the file, with and without its line end',
    text: 'a,b\n"c"x,d',
    columns: 2,
    records: [['a', 'b'], 'text-after-quote 2..2'],
  },
  {
    name: 'an unescaped quote in a cell of several lines takes the whole cell, and no line of it lands',
    text: '1,"say "hi\nx,y\nthere"\n2,b\n',
    columns: 2,
    records: ['text-after-quote 1..3', ['2', 'b']],
  },
  {
    name: 'the same in one column',
    text: '"5" pipe\nlong"\nb\n',
    columns: 1,
    records: ['text-after-quote 1..2', ['b']],
  },
  // unclosed quotes
  {
    name: 'an unclosed quote costs its own record: the lines below read as records',
    text: '1,a\n2,"b\n3,c\n4,d\n',
    columns: 2,
    records: [['1', 'a'], 'unclosed-quote 2..2', ['3', 'c'], ['4', 'd']],
  },
  {
    name: 'an unclosed quote above quoted records costs its own record',
    text: '1,"a\n2,"b"\n"3",c\n4,d\n',
    columns: 2,
    records: ['unclosed-quote 1..1', ['2', 'b'], ['3', 'c'], ['4', 'd']],
  },
  {
    name: 'unclosed quotes in two lines running cost these two lines',
    text: '1,"a\n2,"b\n3,c\n4,d\n5,e\n6,f\n',
    columns: 2,
    records: ['text-after-quote 1..2', ['3', 'c'], ['4', 'd'], ['5', 'e'], ['6', 'f']],
  },
  {
    name: 'unclosed quotes in every other line cost their own records',
    text: 'a,1\n"b,2\nc,3\n"d,4\ne,5\n"f,6\ng,7\n',
    columns: 2,
    records: [
      ['a', '1'],
      'unclosed-quote 2..2',
      ['c', '3'],
      'unclosed-quote 4..4',
      ['e', '5'],
      'unclosed-quote 6..6',
      ['g', '7'],
    ],
  },
  {
    name: 'an unclosed quote with delimiters in its cell costs its own record when enough records follow',
    text: '1,"a, b, c\n2,x\n3,y\n4,z\n5,w\n',
    columns: 2,
    records: ['unclosed-quote 1..1', ['2', 'x'], ['3', 'y'], ['4', 'z'], ['5', 'w']],
  },
  {
    name: 'one record is enough whose number follows that of the broken one',
    text: '8,"a, b, c\n9,x\n',
    columns: 2,
    records: ['unclosed-quote 1..1', ['9', 'x']],
  },
  {
    name: 'one with another number is not',
    text: '8,"a, b, c\n10,x\n',
    columns: 2,
    records: ['unclosed-quote 1..2'],
  },
  {
    name: 'of wide records fewer are enough',
    text: '1,"a, b, c,d,e,f\n2,x,1,2,3\n',
    columns: 5,
    records: ['unclosed-quote 1..1', ['2', 'x', '1', '2', '3']],
  },
  {
    name: 'an unclosed quote among records with literal quotes costs its own record when enough stand between',
    text: '1,"a\n2,b\n3,c\n4,d\n5,e\n6,5" pipe\n7,f\n',
    columns: 2,
    records: [
      'unclosed-quote 1..1',
      ['2', 'b'],
      ['3', 'c'],
      ['4', 'd'],
      ['5', 'e'],
      ['6', '5" pipe'],
      ['7', 'f'],
    ],
  },
  {
    name: 'a cell of several lines with text after its closing quote is one reject, though its lines look like records',
    text: '0,"y\nw,v\nq,r"x\n1,a\n2,b\n3,c\n4,d\n',
    columns: 2,
    records: ['text-after-quote 1..3', ['1', 'a'], ['2', 'b'], ['3', 'c'], ['4', 'd']],
  },
  {
    name: 'a cell of several lines that does not close is one reject, though its last line has the header’s width',
    text: '1,"Dear Sir\nI write\nas I did,soon,b,c,d\n2,e,f,g,h\n3,i,j,k,l\n',
    columns: 5,
    records: ['unclosed-quote 1..3', ['2', 'e', 'f', 'g', 'h'], ['3', 'i', 'j', 'k', 'l']],
  },
  {
    name: 'an unclosed quote on the last line',
    text: '1,a\n2,"b\n',
    columns: 2,
    records: [['1', 'a'], 'unclosed-quote 2..2'],
  },
  {
    name: 'a cell cut off with the file is one reject that names its lines: text below does not land',
    text: '1,"Dear Sir,\nI write, to you,\nas I did\nbefore\n',
    columns: 2,
    records: ['unclosed-quote 1..4'],
  },
  {
    name: 'prose with the right number of commas does not land',
    text: '1,"Dear Sir\nI write, to you\nas I did, before\nin May, June\nJuly\n',
    columns: 2,
    records: ['unclosed-quote 1..5'],
  },
  {
    name: 'an unclosed quote in a file of one column takes the rest: nothing tells records from text',
    text: 'a\n"b\nc\nd\n',
    columns: 1,
    records: [['a'], 'unclosed-quote 2..4'],
  },
  // line ends in cells without quotes
  {
    name: 'a lone CR in a cell of a CRLF file: both halves are one reject',
    text: 'a,1\r\nx\ry,1\r\nz,1\r\n',
    columns: 2,
    options: { dialect: { delimiter: ',', lineEnd: 'crlf' } },
    records: [['a', '1'], 'stray-line-end 2..3', ['z', '1']],
  },
  {
    name: '… in the last cell, where the first half has the width of a record',
    text: 'a,1\r\nx,y\rz\r\nb,1',
    columns: 2,
    options: { dialect: { delimiter: ',', lineEnd: 'crlf' } },
    records: [['a', '1'], 'stray-line-end 2..3', ['b', '1']],
  },
  {
    name: '… twice in a record, and at the end of the file',
    text: 'a,1,2\r\nx\ry\rz,1,2',
    columns: 3,
    options: { dialect: { delimiter: ',', lineEnd: 'crlf' } },
    records: [['a', '1', '2'], 'stray-line-end 2..4'],
  },
  {
    name: 'a lone LF in a cell of a CRLF file, and a CRLF in one of an LF file',
    text: 'a,1\r\nx\ny,1\r\nz,1\r\n',
    columns: 2,
    options: { dialect: { delimiter: ',', lineEnd: 'crlf' } },
    records: [['a', '1'], 'stray-line-end 2..3', ['z', '1']],
  },
  {
    name: 'a lone CR in a cell of an LF file, and a CRLF',
    text: 'a,1\nx\ry,1\nz,1\nq,v\r\nw\n',
    columns: 2,
    options: { dialect: { delimiter: ',', lineEnd: 'lf' } },
    records: [['a', '1'], 'stray-line-end 2..3', ['z', '1'], 'stray-line-end 5..6'],
  },
  {
    name: 'in one column the line ends of the rest decide',
    text: 'a\r\nx\ry\r\nb\r\n',
    columns: 1,
    options: { dialect: { delimiter: ',', lineEnd: 'crlf' } },
    records: [['a'], 'stray-line-end 2..3', ['b']],
  },
  {
    name: 'records that are whole end with any line end, and so do blank lines',
    text: 'a,1\r\nb,2\nc,3\n\nd,4\re,5\r\r\nf,6\r\n',
    columns: 2,
    options: { dialect: { delimiter: ',', lineEnd: 'crlf' } },
    records: [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', '4'],
      ['e', '5'],
      ['f', '6'],
    ],
  },
  // cells of several lines that lost a quote or a delimiter
  {
    name: 'a delimiter lost before a quoted cell that goes on',
    text: '6,Ann,x\n7,Smith"1 Main St, Springfield\nUSA, Earth, Sol"\n8,Bob,y\n',
    columns: 3,
    records: [['6', 'Ann', 'x'], 'lost-quote 2..3', ['8', 'Bob', 'y']],
  },
  {
    name: 'a quote too many before a cell of many lines takes all of them',
    text: `8,""There are reasons\n${'some text\n'.repeat(30)}one, two\nand the end"\n9,b\n`,
    columns: 2,
    records: ['text-after-quote 1..33', ['9', 'b']],
  },
  {
    name: 'an opening quote that was lost: its lines are one reject, up to where its cell began',
    text: '1,a,b\n2,Dear Sir\nas I did,soon,z\nyours",c\n3,d,e\n4,f,g\n5,h,i\n',
    columns: 3,
    records: [['1', 'a', 'b'], 'lost-quote 2..4', ['3', 'd', 'e'], ['4', 'f', 'g'], ['5', 'h', 'i']],
  },
  {
    name: '… of the last cell: the line where it began has the width of a record',
    text: '1,a\n2,Dear Sir\nI write\nyours"\n3,d\n4,f\n5,h\n',
    columns: 2,
    records: [['1', 'a'], 'lost-quote 2..4', ['3', 'd'], ['4', 'f'], ['5', 'h']],
  },
  {
    name: 'inches at the end of cells are text',
    text: '1,6",a\n2,7",b\n3,8" pipe,c\n4,9",d\n',
    columns: 3,
    records: [
      ['1', '6"', 'a'],
      ['2', '7"', 'b'],
      ['3', '8" pipe', 'c'],
      ['4', '9"', 'd'],
    ],
  },
  {
    name: 'two stray quotes far apart cost their own records',
    text: `1,"a,b\n${'2,x,y\n'.repeat(500)}3,c",d\n4,e,f\n`,
    columns: 3,
    records: [
      'unclosed-quote 1..1',
      ...Array.from({ length: 500 }, () => ['2', 'x', 'y']),
      'lost-quote 502..502',
      ['4', 'e', 'f'],
    ],
  },
  {
    name: '… a few records apart, where the records are alike',
    text: '1,"a,b\n2,x,y\n3,x,y\n4,x,y\n5,c",d\n6,e,f\n7,e,f\n8,e,f\n',
    columns: 3,
    records: [
      'unclosed-quote 1..1',
      ...['2', '3', '4'].map((no) => [no, 'x', 'y']),
      'lost-quote 5..5',
      ...['6', '7', '8'].map((no) => [no, 'e', 'f']),
    ],
  },
  {
    name: 'a quoted cell that holds a table of its own stays a cell',
    text: `1,"key,value\n${'k,v\n'.repeat(20)}x,y"\n2,a\n3,b\n4,c\n`,
    columns: 2,
    records: [
      ['1', `key,value\n${'k,v\n'.repeat(20)}x,y`],
      ['2', 'a'],
      ['3', 'b'],
      ['4', 'c'],
    ],
  },
  {
    name: 'a record that was cut within a quoted cell costs itself',
    text: '1,"a","b, c"\n2,"d\n3,"e","f"\n4,"g","h"\n',
    columns: 3,
    records: [['1', 'a', 'b, c'], 'unclosed-quote 2..2', ['3', 'e', 'f'], ['4', 'g', 'h']],
  },
  // size
  {
    name: 'a record over the limit costs itself, also when it is one line without end',
    text: `a,b\n${'x'.repeat(90)},c\nd,e\n`,
    columns: 2,
    options: { maxRecordBytes: 20 },
    records: [['a', 'b'], 'record-too-long 2..2', ['d', 'e']],
  },
  {
    name: 'a record of exactly the limit is read',
    text: `${'x'.repeat(18)},c\r\n${'x'.repeat(19)},c\r\n`,
    columns: 2,
    options: { maxRecordBytes: 20 },
    records: [['x'.repeat(18), 'c'], 'record-too-long 2..2'],
  },
  {
    name: 'an unclosed quote over the limit costs its own record when the lines below read as records',
    text: `1,"a\n${'2,b\n'.repeat(30)}`,
    columns: 2,
    options: { maxRecordBytes: 20 },
    records: ['unclosed-quote 1..1', ...Array.from({ length: 30 }, () => ['2', 'b'])],
  },
  {
    name: 'a quoted cell over the limit is one reject to its very end, and too long: its quote does close',
    text: `1,"${'some text\n'.repeat(20)}",b\n2,c\n`,
    columns: 3,
    options: { maxRecordBytes: 30 },
    records: ['record-too-long 1..21', ['2', 'c']],
  },
  {
    name: 'a record over the limit is too long, whatever follows the quote that closed there',
    text: '"aaa","bbb"\nd,e\n',
    columns: 2,
    options: { maxRecordBytes: 5 },
    records: ['record-too-long 1..1', ['d', 'e']],
  },
  // blanks before cells
  {
    name: 'blanks before cells are left out, and a quote behind them opens a cell',
    text: '1, a,  "b, c"\n "2",, "d\n e"\n3,f ," g"\n4, "h" ,i\n',
    columns: 3,
    options: { dialect: { delimiter: ',', skipInitialSpace: true } },
    records: [['1', 'a', 'b, c'], ['2', '', 'd\n e'], ['3', 'f ', ' g'], 'text-after-quote 5..5'],
  },
  {
    name: '… behind a delimiter of two characters, and before a comment none',
    text: '1|~ "a|~b"|~  c\n #2|~d|~e\n#3\n',
    columns: 3,
    options: { dialect: { delimiter: '|~', comment: '#', skipInitialSpace: true } },
    records: [
      ['1', 'a|~b', 'c'],
      ['#2', 'd', 'e'],
    ],
  },
  // delimiters of two characters
  {
    name: 'half a delimiter between quoted cells is text after a quote',
    text: '"a","b"\n"c", "d"\n',
    columns: 2,
    options: { dialect: { delimiter: ', ' } },
    records: ['text-after-quote 1..1', ['c', 'd']],
  },
];

describe.each(CASES)('$name', ({ text, columns, records, options }) => {
  const read: ReadOptions = { columns, ...options };

  it('reads', async () => {
    expect(await outline(text, read)).toEqual(records);
  });

  it('makes the same plan cut in two at each byte, and byte by byte', () => {
    const bytes = Buffer.from(text);
    const whole = plan(bytes, read);
    const step = bytes.length > 2000 ? 97 : 1;
    for (let cut = 0; cut <= bytes.length; cut += step)
      expect(planPieces([bytes.subarray(0, cut), bytes.subarray(cut)], read)).toEqual(whole);
    expect(
      planPieces(
        Array.from(bytes, (byte) => Buffer.of(byte)),
        read,
      ),
    ).toEqual(whole);
  });

  it('reads the same from chunks of a few bytes', async () => {
    expect(await outline(text, { ...read, chunkBytes: 3 })).toEqual(records);
  });
});

describe('line numbers', () => {
  it('are physical: blank lines, line ends in quotes and the header’s lines count', async () => {
    const records = await readAll('\n"a\r\nb\rc\nd",1\n\nx,2\n"y"z\nw,3', {
      columns: 2,
      startByte: 40,
      startLine: 3,
    });
    expect(records.map(({ row, line, lineEnd }) => [row, line, lineEnd])).toEqual([
      [1, 4, 7],
      [2, 9, 9],
      [3, 10, 10],
      [4, 11, 11],
    ]);
  });
});

describe('a broken record', () => {
  it('names the column where reading failed', () => {
    const [chunk] = plan('"a,a",b,"c"x,d\n1,"2\n3,4,5,6\n', { columns: 4 });
    expect(chunk!.broken).toMatchObject([{ columnIndex: 3 }, { columnIndex: 2 }]);
  });

  it('is handed out with its text, without its last line end', async () => {
    const records = await readAll('"a"x,b\r\n1,"c\r\nd\r\n', { columns: 2 });
    expect(records.map(({ text }) => text)).toEqual(['"a"x,b', '1,"c\r\nd']);
  });
});

describe('chunks', () => {
  it('end at the first record end at or behind chunkBytes, never inside quotes', () => {
    const chunks = plan('a,b\n"c\n\n\nd",e\nf,g\nh,i\n', { columns: 2, chunkBytes: 5 });
    expect(
      chunks.map(({ startByte, endByte, records, firstRow, firstLine }) => [
        startByte,
        endByte,
        records,
        firstRow,
        firstLine,
      ]),
    ).toEqual([
      [0, 14, 2, 1, 1],
      [14, 22, 2, 3, 6],
    ]);
  });

  it('end at so many cells, each record counting for ten more', () => {
    const text = `${'a,b\n\n'.repeat(9)}a,b\n`;
    for (const [chunkCells, records] of [
      [36, [3, 3, 3, 1]],
      [47, [3, 3, 3, 1]],
      [48, [4, 4, 2]],
      [1, Array(10).fill(1)],
    ] as const) {
      const chunks = plan(text, { columns: 2, chunkCells });
      expect(chunks.map((chunk) => chunk.records)).toEqual(records);
      expect(chunks.map(({ firstRow }) => firstRow)).toEqual(
        records.map((_, at) => 1 + records.slice(0, at).reduce((sum, count) => sum + count, 0)),
      );
    }
  });

  it('close early when they hold a thousand broken records', () => {
    const chunks = plan('"a"x,b\n'.repeat(2500), { columns: 2 });
    expect(chunks.map(({ records, broken }) => [records, broken.length])).toEqual([
      [1000, 1000],
      [1000, 1000],
      [500, 500],
    ]);
  });

  it('of nothing are none', () => {
    expect(plan('', { columns: 2 })).toEqual([]);
  });

  it('are told while they close, and the totals at the end', () => {
    const scanner = createChunkScanner(scannerOptions({ columns: 2, chunkBytes: 4 }));
    // Where a chunk may end, some lines below tell.
    expect(scanner.push(Buffer.from('a,b\nc,d\n'))).toHaveLength(0);
    expect(scanner.push(Buffer.from('"e"x,f'))).toHaveLength(2);
    expect(scanner.end()).toHaveLength(1);
    expect(scanner.totals).toEqual({
      records: 3,
      broken: 1,
      endByte: 14,
      repeatedHeaders: 0,
      emptyRecords: 0,
    });
  });
});

describe('memory', () => {
  const MIB = 1024 * 1024;
  const growth = (
    columns: number,
    firstBytes: string,
    block: Buffer,
  ): { grownBytes: number; chunks: unknown[] } => {
    const scanner = createChunkScanner(scannerOptions({ columns, chunkBytes: MIB, maxRecordBytes: MIB }));
    const before = process.memoryUsage().arrayBuffers;
    const chunks: unknown[] = scanner.push(Buffer.from(firstBytes));
    let most = 0;
    for (let pushed = 0; pushed < 32 * MIB; pushed += block.length) {
      chunks.push(...scanner.push(block));
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    chunks.push(...scanner.end());
    return { grownBytes: most, chunks };
  };

  it('stays flat over a line without end', () => {
    const { grownBytes, chunks } = growth(2, '', Buffer.alloc(64 * 1024, 'x'));
    expect(grownBytes).toBeLessThan(8 * MIB);
    expect(chunks).toMatchObject([
      {
        records: 1,
        startByte: 0,
        endByte: 32 * MIB,
        broken: [{ reason: 'record-too-long', line: 1, lineEnd: 1 }],
      },
    ]);
  });

  it('stays flat over a quote that never closes', () => {
    const { grownBytes, chunks } = growth(1, '"', Buffer.from('text\n'.repeat(10_000)));
    expect(grownBytes).toBeLessThan(8 * MIB);
    expect(chunks).toMatchObject([{ records: 1, broken: [{ reason: 'unclosed-quote', line: 1 }] }]);
  });
});

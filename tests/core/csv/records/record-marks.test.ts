// What may stand before a record: the BOM of a file that was joined to another byte by byte, the form feed between pages, and the Ctrl-Z that
// ended a file of DOS.
import { describe, expect, it } from 'vitest';
import { readRecords } from '../../../../src/core/csv/records/read-records.ts';
import { decodeCells } from '../../../../src/core/csv/records/cell-places.ts';
import type { Dialect } from '../../../../src/core/csv/types.ts';
import { planPieces } from '../reading.ts';

const BOM = '\ufeff';
const FORM_FEED = '\f';
const CTRL_Z = '\x1a';

interface Options {
  readonly dialect?: Dialect;
  readonly header?: readonly string[];
  readonly chunkBytes?: number;
}

/** Every record as the worker reads it: its cells, or why it is broken and its text. */
async function read(
  text: string,
  step: number,
  { dialect = { delimiter: ',' }, header = [], chunkBytes = 1000 }: Options,
) {
  const bytes = Buffer.from(text);
  const pieces = Array.from({ length: Math.ceil(bytes.length / step) }, (_, at) =>
    bytes.subarray(at * step, (at + 1) * step),
  );
  const records: unknown[] = [];
  for (const chunk of planPieces(pieces, { columns: 2, dialect, header, chunkBytes }))
    await readRecords(
      { dialect, columns: [], dataEnd: bytes.length },
      chunk,
      async ({ startByte, endByte }) => Buffer.from(bytes.subarray(startByte, endByte)),
      {
        sound: (of, cells, _row, line) => records.push([line, ...decodeCells(of, cells)]),
        broken: ({ reason, line }, raw) => records.push([line, reason, raw]),
      },
    );
  return records;
}

const DIALECTS: [string, Dialect][] = [
  ['the usual one', { delimiter: ',' }],
  ['one with comments', { delimiter: ',', comment: '#' }],
  ['one with backslashes', { delimiter: ',', quote: '"', escape: '\\' }],
];

async function everywhere(text: string, options: Options, expected: unknown[]): Promise<void> {
  for (const step of [1, 2, 3, 4, 7, 1000])
    for (const chunkBytes of [1, 8, 1000])
      expect(await read(text, step, { ...options, chunkBytes })).toEqual(expected);
}

const MARKS: [string, string][] = [
  ['a BOM', BOM],
  ['a form feed', FORM_FEED],
  ['a Ctrl-Z', CTRL_Z],
];
const CASES = MARKS.flatMap(([mark, char]) =>
  DIALECTS.map(([name, dialect]): [string, string, string, Dialect] => [mark, name, char, dialect]),
);

describe.each(CASES)('%s where a record begins, in %s', (_mark, _name, mark, dialect) => {
  it.each([
    [
      'plain',
      `a,1\n${mark}b,2\n`,
      [
        [1, 'a', '1'],
        [2, 'b', '2'],
      ],
    ],
    [
      'behind each kind of line end',
      `a,1\r\n${mark}b,2\r${mark}c,3`,
      [
        [1, 'a', '1'],
        [2, 'b', '2'],
        [3, 'c', '3'],
      ],
    ],
    ['above the first record', `${mark}a,1\n`, [[1, 'a', '1']]],
    [
      'quoted',
      `a,1\n${mark}"b, ""c""\nd",2\n${mark}"e",3\n`.replaceAll('""', dialect.escape === '\\' ? '\\"' : '""'),
      [
        [1, 'a', '1'],
        [2, 'b, "c"\nd', '2'],
        [4, 'e', '3'],
      ],
    ],
    [
      'an empty first cell',
      `a,1\n${mark},2\n${mark}"",3\n`,
      [
        [1, 'a', '1'],
        [2, '', '2'],
        [3, '', '3'],
      ],
    ],
    [
      'two of them',
      `a,1\n${mark}${mark}b,2\n${mark}${mark}"c",3\n`,
      [
        [1, 'a', '1'],
        [2, 'b', '2'],
        [3, 'c', '3'],
      ],
    ],
    [
      'a blank line',
      `a,1\n${mark}\nb,2\n${mark}\r\n${mark}`,
      [
        [1, 'a', '1'],
        [3, 'b', '2'],
      ],
    ],
    [
      'a second one as the end of the file, below a longer record',
      `a,1\nb${mark}${mark},2\n\r\n${mark}`,
      [
        [1, 'a', '1'],
        [2, `b${mark}${mark}`, '2'],
      ],
    ],
    ['the end of the file', `a,1\n${mark}`, [[1, 'a', '1']]],
    [
      'text after a quote',
      `a,1\n${mark}"b"x,2\nc,3\n`,
      [
        [1, 'a', '1'],
        [2, 'text-after-quote', '"b"x,2'],
        [3, 'c', '3'],
      ],
    ],
    [
      'an open quote',
      `a,1\n${mark}"b,2\nc,3\nd,4\ne,5\nf,6\ng,7\n`,
      [
        [1, 'a', '1'],
        [2, 'unclosed-quote', '"b,2'],
        [3, 'c', '3'],
        [4, 'd', '4'],
        [5, 'e', '5'],
        [6, 'f', '6'],
        [7, 'g', '7'],
      ],
    ],
    [
      'a quote in the cell',
      `a,1\n${mark}b"x,2\n`,
      [
        [1, 'a', '1'],
        [2, 'b"x', '2'],
      ],
    ],
  ])('is no part of it: %s', async (_kind, text, expected) => {
    await everywhere(text, { dialect }, expected);
  });

  it.each([
    ['in a cell', `a${mark}b,1\n`, [[1, `a${mark}b`, '1']]],
    ['in another cell', `a,${mark}1\n`, [[1, 'a', `${mark}1`]]],
    ['inside quotes', `"${mark}a",1\n`, [[1, `${mark}a`, '1']]],
    ['at the beginning of a line of a cell', `"a\n${mark}b",1\n`, [[1, `a\n${mark}b`, '1']]],
  ])('elsewhere is text: %s', async (_kind, text, expected) => {
    await everywhere(text, { dialect }, expected);
  });

  it('with the header behind it begins another table', async () => {
    for (const again of ['k,v', '"k","v"', ' K ,V'])
      await everywhere(`a,1\n${mark}${again}\nb,2\n`, { dialect, header: ['k', 'v'] }, [
        [1, 'a', '1'],
        [2, 'header-again', again],
        [3, 'b', '2'],
      ]);
  });
});

it.each(MARKS)('a comment behind %s is one', async (_name, mark) => {
  await everywhere(`a,1\n${mark}# b "\nc,2\n${mark}#`, { dialect: { delimiter: ',', comment: '#' } }, [
    [1, 'a', '1'],
    [3, 'c', '2'],
  ]);
});

it('as the last of many pieces is no record, whatever was in memory behind it', async () => {
  await everywhere(`\r\n#\\#${BOM}aké\n\r\n${BOM}`, { dialect: { delimiter: ',', quote: null } }, [
    [2, `#\\#${BOM}aké`],
  ]);
});

it('marks of both kinds may follow each other', async () => {
  await everywhere(`a,1\n${FORM_FEED}${BOM}b,2\n${BOM}${FORM_FEED}"c",3\n${FORM_FEED}\n`, {}, [
    [1, 'a', '1'],
    [2, 'b', '2'],
    [3, 'c', '3'],
  ]);
});

it.each(['postgres-csv', 'mysql', 'postgres-text'] as const)(
  'a form feed in the text of a database is its own: %s',
  async (databaseText) => {
    const dialect = { delimiter: ',', databaseText } as const;
    await everywhere(`a,1\n${FORM_FEED}b,2\n`, { dialect }, [
      [1, 'a', '1'],
      [2, `${FORM_FEED}b`, '2'],
    ]);
  },
);

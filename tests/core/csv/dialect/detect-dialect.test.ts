import { describe, expect, it } from 'vitest';
import { detectDialect, type TableEvidence } from '../../../../src/core/csv/dialect/detect-dialect.ts';
import type { GivenDialect } from '../../../../src/core/csv/dialect/dialect-options.ts';
import type { Dialect } from '../../../../src/core/csv/types.ts';

/** A dataset whose fields have these names. */
function withHeader(...names: string[]): TableEvidence {
  const knows = (header: readonly string[]): boolean => header.some((cell) => names.includes(cell.trim()));
  return {
    columns: names.length,
    knows,
    takesNullSign: false,
    fits: (header) => header.length > 0 && header.every((cell) => names.includes(cell.trim())),
  };
}

function withoutHeader(columns: number): TableEvidence {
  return { columns, knows: () => false, takesNullSign: false, fits: undefined };
}

const NOTHING: GivenDialect = {
  databaseText: undefined,
  delimiter: undefined,
  quote: undefined,
  escape: undefined,
  comment: null,
};

function detect(
  head: string,
  table: TableEvidence,
  { isWhole = true, ...given }: Partial<GivenDialect> & { isWhole?: boolean } = {},
): Dialect {
  return detectDialect(Buffer.from(head), isWhole, { ...NOTHING, ...given }, table);
}

const ABC = withHeader('a', 'b', 'c');
const UNSURE = (candidates: object[]): Error =>
  expect.objectContaining({
    code: 'FILE_DIALECT',
    params: { candidates: candidates.map((each) => expect.objectContaining(each) as object) },
  }) as Error;

describe('the delimiter', () => {
  it.each<[string, string, TableEvidence, string]>([
    ['comma', 'a,b\n1,2\n', ABC, ','],
    ['semicolon with decimal commas', 'name;price\na;1,50\nb;2,75\n', withHeader('name', 'price'), ';'],
    ['semicolon, commas in every text', 'a;b;c\n1;Smith, J;Paris\n2;Doe, J;Rome\n', ABC, ';'],
    ['tab', 'a\tb\n1,5\t2\n', ABC, '\t'],
    ['pipe', 'a|b|c\n1|2|3\n', ABC, '|'],
    ['space', 'a b c\n1 2 3\n', ABC, ' '],
    ['colon', 'a:b\n1:2\n', ABC, ':'],
    ['Hive’s', 'a\x01b\n1\x012\n', ABC, '\x01'],
    ['comma and space', 'a, b\n1, "x, y"\n', ABC, ', '],
    ['comma and space before quoted headers', '"a", "b"\n1, "x, y"\n', ABC, ', '],
    ['comma and tab', 'a,\tb\n1,\t"2"\n', ABC, ',\t'],
    ['commas, and spaces that are text', 'a, b\n1, 2\n', ABC, ','],
    ['commas, of which only some have a space', 'a, b\n1,2\n', ABC, ','],
    ['delimiters inside quotes do not count', '"a;x;y","b"\n"1;2","3"\n', withHeader('a;x;y', 'b'), ','],
    ['line ends inside quotes do not count', 'a;b\n"1\n,\n,";2\n', ABC, ';'],
    ['the header weighs most: ragged records', 'a;b;c\n1;2\n1;2;3;4\n,,,\n', ABC, ';'],
    ['a header alone', 'a;b;c', ABC, ';'],
    ['one column', 'a\nTaro\nHanako\n', ABC, ','],
    ['one column with commas in the data', 'a\na, b\nc\n', ABC, ','],
    ['one column with spaces in its name', 'full name\nA B\nC D\n', withHeader('full name'), ','],
    ['blank lines above', '\n\r\na;b\n1;2\n', ABC, ';'],
    ['broken quotes', 'a;b\n"1"x;2\n3;4\n"5;6\n7;8\n', ABC, ';'],
    ['lone CR line ends', 'a;b\r1;2,5\r', ABC, ';'],
    ['nothing fits: the likeliest', 'x;y\n1;2\n', ABC, ';'],
    ['no header: the width of records', '1;2,5;3\n4;5,5;6\n', withoutHeader(3), ';'],
    ['no header: by space', '1 2 3\n4 5 6\n', withoutHeader(3), ' '],
    ['no header, one column', '1;2\n', withoutHeader(1), ','],
    ['no header, and one record as wide by chance', 'a,b,c\nd,e,f;g\nh,i,j\n', withoutHeader(2), ','],
    ['no header, and a time in one record', 'a,b,c\nd,10:30,f\nh,i,j\n', withoutHeader(2), ','],
    ['what fits breaks off', 'a,"b\tc"\t\n1,2\t3\n', ABC, '\t'],
    ['a header that is broken in any', 'a,b"x, y",c\n1,2,3\n', ABC, ','],
    ['nothing fits, and the header is sound in one', 'x, y,"z"\tq\n1, 2\n3, 4\n', ABC, '\t'],
  ])('%s', (_name, head, table, delimiter) => {
    expect(detect(head, table).delimiter).toBe(delimiter);
  });

  it('is asked for when two divide the records alike', () => {
    const ask = UNSURE([
      { delimiter: ',', columns: 2, firstRecord: ['1', '2;3'] },
      { delimiter: ';', columns: 2, firstRecord: ['1,2', '3'] },
    ]);
    expect(() => detect('1,2;3\n4,5;6\n', withoutHeader(2))).toThrow(ask);
  });

  it('that is given is not looked for', () => {
    expect(detect('a;b\n1;2\n', ABC, { delimiter: '|' }).delimiter).toBe('|');
    expect(detect('a, b\n1, 2\n', ABC, { delimiter: ',' }).delimiter).toBe(',');
  });

  it('is not judged by the last record of a head that was cut', () => {
    expect(detect('1;2,3\n4;5,6\n7;', withoutHeader(2), { isWhole: false, delimiter: ';' }).delimiter).toBe(
      ';',
    );
  });
});

describe('the quote', () => {
  it.each<[string, string, TableEvidence, Dialect['quote']]>([
    ['as usual', 'a,b\n"1",2\n', ABC, '"'],
    ['none in sight', 'a,b\n1,2\n', ABC, '"'],
    ['apostrophes in text', "a,b\nMen's,it's\n'tis,2\n", ABC, '"'],
    ['apostrophes around the header', "'a','b'\n'1','2'\n", ABC, "'"],
    ['apostrophes around one name', "a,'b'\n1,'x, y'\n", ABC, "'"],
    ['apostrophes around cells with delimiters', "a,b\n1,'x, y'\n2,'z, z'\n", ABC, "'"],
    [
      'texts that begin or end with one, and ragged records',
      "a,b\n's-Gravenhage,1\n2,3\n\ntotal\nmembers',4\n",
      ABC,
      '"',
    ],
    ['apostrophes around cells of several lines', "a,b\n1,'x,\ny'\n2,'z, z'\n3,4\n", ABC, "'"],
    ['no header, every record broken', '"1","say "x".","2"\n"3","4"5,"6"\n', withoutHeader(3), '"'],
    ['no header, broken, and few apostrophes', '"1","so "x".","2"\n"3","4"5,\'6\'\n', withoutHeader(3), '"'],
    ['both: the usual one', 'a,b\n"1, 2",\'x\'\n', ABC, '"'],
  ])('%s', (_name, head, table, quote) => {
    expect(detect(head, table).quote).toBe(quote);
  });

  it('is asked for where apostrophes make as many records as they take', () => {
    const ask = UNSURE([{ quote: '"' }, { quote: "'" }]);
    expect(() => detect("a,b,c\n1,'x\ny, z',3\n4,5,it's\n", ABC)).toThrow(ask);
  });

  it('is asked for where a column has apostrophes around each cell, and nothing depends on them', () => {
    const ask = UNSURE([
      { quote: '"', firstRecord: ['1', "'x'"] },
      { quote: "'", firstRecord: ['1', 'x'] },
    ]);
    expect(() => detect("a,b\n1,'x'\n2,'y'\n", ABC)).toThrow(ask);
    expect(detect("a,b\n1,'x'\n2,'y'\n", ABC, { quote: '"' }).quote).toBe('"');
  });
});

describe('the escape', () => {
  it.each<[string, string, Dialect['escape']]>([
    ['doubled', 'a,b\n"1 ""x""",2\n', '"'],
    ['backslash', 'a,b\n"say \\"x\\"",2\n"1, 2",3\n', '\\'],
    ['two backslashes begin a path', 'a,b\n"\\\\server\\d","2"\n', '"'],
    ['a path ends in a backslash', 'a,b\n"C:\\dir\\","2"\n', '"'],
    ['a backslash before a quote in an unquoted cell', 'a,b\n5\\" pipe,2\n', '"'],
  ])('%s', (_name, head, escape) => {
    expect(detect(head, ABC).escape).toBe(escape);
  });

  it('is asked for where a cell is sound either way', () => {
    const ask = UNSURE([
      { escape: '"', firstRecord: ['dir\\\\', '1'] },
      { escape: '\\', firstRecord: ['dir\\', '1'] },
    ]);
    expect(() => detect('a,b\n"dir\\\\",1\n', ABC)).toThrow(ask);
    const twice = UNSURE([{ escape: "'" }, { escape: '"' }]);
    expect(() => detect("a,b\n'48\"\"','x, y'\n", ABC, { quote: "'" })).toThrow(twice);
  });
});

describe('comments', () => {
  it('are passed over when their character is given', () => {
    const head = '# made by, a;b;c program\na;b\n# x,y\n1;2\n';
    expect(detect(head, ABC, { comment: '#' })).toEqual({
      delimiter: ';',
      quote: '"',
      escape: '"',
      comment: '#',
    });
  });
});

import { describe, expect, it } from 'vitest';
import type { ScanTotals } from '../../../../src/core/csv/chunks/chunk-scanner.ts';
import { createChunkScanner } from '../../../../src/core/csv/chunks/scanner.ts';
import type { BrokenRecord, Dialect } from '../../../../src/core/csv/types.ts';
import { listed, scannerOptions } from '../reading.ts';

interface Scanned {
  readonly again: [row: number, line: number, reason: BrokenRecord['reason']][];
  readonly tableEnd: ScanTotals['tableEnd'];
  readonly records: number;
}

function scan(
  data: string,
  header: string[],
  step = data.length,
  dialect: Dialect = { delimiter: ',' },
): Scanned {
  const options = { columns: header.length, header, startLine: 2, chunkBytes: 8, dialect };
  const scanner = createChunkScanner(scannerOptions(options));
  const bytes = Buffer.from(data);
  const chunks = [];
  for (let at = 0; at < bytes.length; at += step) chunks.push(...scanner.push(bytes.subarray(at, at + step)));
  chunks.push(...scanner.end());
  const broken = listed(chunks).flatMap((chunk) => chunk.broken);
  return {
    again: broken.map(({ row, line, reason }) => [row, line, reason]),
    tableEnd: scanner.totals.tableEnd,
    records: scanner.totals.records,
  };
}

const HEADER = ['a', 'b "c"'];
const SAME = '"a","b ""c"""\n';

describe('in a wide table', () => {
  const names = Array.from({ length: 1500 }, (_, at) => `column_${at}`);
  const values = names.map((_, at) => String(at)).join(',');
  it.each<[string, string[], BrokenRecord['reason']]>([
    ['the header in another order', [names[1]!, names[0]!, ...names.slice(2)], 'other-table'],
    ['the header but for its first name', ['nr', ...names.slice(1)], 'other-table'],
    ['the header without its first name', names.slice(1), 'other-table'],
    ['the header behind a mark', [`# ${names[0]!}`, ...names.slice(1)], 'header-again'],
  ])('%s is found', (_name, again, reason) => {
    const found = scan(`${values}\n${again.join(',')}\n${values}\n`, names, 1000);
    expect(found).toMatchObject({ again: [[2, 3, reason]], tableEnd: { row: 2, line: 3 } });
  });
});

describe('the header again', () => {
  it('below records is where another table begins, however it is quoted and the bytes come in', () => {
    for (const data of [`1,2\n${SAME}3,4\n`, `1,2\na,b "c"\n3,4\n`, `1,2\r"a",b "c"\r3,4`])
      for (let step = 1; step <= data.length; step++)
        expect(scan(data, HEADER, step)).toEqual({
          again: [[2, 3, 'header-again']],
          tableEnd: { row: 2, line: 3 },
          records: 3,
        });
  });

  it('right below itself is one header of several lines', () => {
    expect(scan(`${SAME}${SAME}1,2\n`, HEADER)).toEqual({
      again: [
        [1, 2, 'header-again'],
        [2, 3, 'header-again'],
      ],
      tableEnd: undefined,
      records: 3,
    });
  });

  it('as the last line, not ended', () => {
    expect(scan('1,2\na,b "c"', HEADER)).toMatchObject({ tableEnd: { row: 2, line: 3 }, records: 2 });
  });

  it('is looked for once', () => {
    expect(scan(`1,2\n${SAME}3,4\n${SAME}`, HEADER).again).toEqual([[2, 3, 'header-again']]);
  });

  it('in another dialect', () => {
    const dialect: Dialect = { delimiter: ', ', quote: "'", escape: '\\' };
    const header = ["it's", 'b'];
    expect(scan("1, 2\n'it\\'s', 'b'\n", header, 99, dialect).tableEnd).toEqual({ row: 2, line: 3 });
    expect(scan("1, 2\nit's, b\n", header, 99, dialect).tableEnd).toEqual({ row: 2, line: 3 });
  });

  it.each([
    ['in other case', 'KEY,vALUE €'],
    ['blanks around the names', ' key ,\tValue €'],
    ['another number of blanks within, and other ones', '"key","Value\u00a0 €"'],
    ['a line end within', '"key","Value\n€"'],
    ['behind a BOM', '\ufeffKey,Value €'],
    ['quoted behind a BOM', '\ufeff"Key","Value €"'],
    ['a BOM within its quotes', '"\ufeffKey",Value €'],
    ['in full width', 'ＫＥＹ,Ｖａｌｕｅ €'],
    ['a sign that folds to a letter', '\u212aey,Value €'],
  ])('is known as the header is matched: %s', (_name, again) => {
    for (const lineEnd of ['\n', '\r\n'])
      for (const data of [`1,2${lineEnd}${again}${lineEnd}3,4${lineEnd}`, `1,2${lineEnd}${again}`])
        for (const step of [1, 2, 3, 5, 100])
          expect(scan(data, ['Key', 'Value €'], step).tableEnd).toEqual({ row: 2, line: 3 });
    expect(scan(`${again}\n1,2\n`, ['Key', 'Value €'])).toMatchObject({
      again: [[1, 2, 'header-again']],
      tableEnd: undefined,
    });
  });

  it('with accents as characters of their own, half-width kana, letters without an ASCII sign', () => {
    const pairs: [name: string, again: string][] = [
      ['Équipe', 'e\u0301quipe'],
      ['ガス', 'ｶﾞｽ'],
      ['Имя', 'ИМЯ'],
      ['氏名', ' 氏名\u3000'],
      ['café', 'CAFE\u0301'],
      ['𝐍ame', 'NAME'],
      ['name', '𝐍ame'],
      ['"q" a', '"""Q"" a"'],
    ];
    for (const [name, again] of pairs)
      expect(scan(`1,2\n${again},B\n`, [name, 'b']).tableEnd).toEqual({ row: 2, line: 3 });
  });

  it('is not a record whose first cell only begins like it', () => {
    const header = ['Key', 'Value'];
    for (const first of [
      'K',
      'Ke',
      'Keys',
      'key1',
      'kéy',
      'k ey',
      '"key""s"',
      '\ufeff',
      '\ufeffk',
      'ｋ',
      '雨',
      'ke\u0301y',
    ])
      expect(scan(`1,2\n${first},Value\n`, header)).toMatchObject({ again: [], records: 2 });
  });

  it.each([
    ['less of it', '1,2\na\n'],
    ['more than it', '1,2\na,"b ""c""",d\n'],
    ['another cell', '1,2\na,b\n'],
    ['its first cell begins alike', '1,2\nab,"b ""c"""\n'],
    ['inside a quoted cell', `1,"2\na,b ""c""\n"\n`],
  ])('is not: %s', (_name, data) => {
    expect(scan(data, HEADER)).toMatchObject({ again: [], tableEnd: undefined });
  });

  it.each([
    ['with one record below', 'Ann,1\nBob,2\n\ncity,people\nRome,3\n', 3, 5],
    ['below some blank lines', 'Ann,1\r\n\r\n\r\ncity,people\r\nRome,3\r\nOslo,4', 2, 5],
    ['below totals', 'Ann,1\nTotal\n\ncity,people\nRome,3\nOslo,4\n', 3, 5],
    ['where the first table has no numbers', 'Ann,x\n\nitem,price\npen,1.20\ncup,3.40\n', 2, 4],
  ])('of other names, below a blank line: %s', (_name, data, row, line) => {
    for (let step = 1; step <= data.length; step++)
      expect(scan(data, ['name', 'age'], step)).toMatchObject({
        again: [[row, line, 'other-table']],
        tableEnd: { row, line },
      });
  });

  it.each([
    ['a record with a number', 'Ann,1\n\nBob,2\nCy,3\nDan,4\n'],
    ['one with an empty cell', 'Ann,1\n\nBob,\nCy,3\nDan,4\n'],
    ['text above text', 'Ann,x\n\nBob,y\nCy,z\n'],
    ['below the header itself', '\ntext,unit\nCy,3\nDan,4\n'],
    ['blank lines everywhere', 'Ann,1\n\nBob,unknown\n\nCy,3\n\nDan,4\n'],
    ['no blank line', 'Ann,1\nBob,unknown\nCy,3\nDan,4\n'],
    ['the last record', 'Ann,1\nBob,2\n\nCy,unknown\n'],
  ])('of other names is not: %s', (_name, data) => {
    expect(scan(data, ['name', 'age'])).toMatchObject({ again: [], tableEnd: undefined });
  });

  it.each([
    ['as they are', 'Ann,Rome,x\ncity,name,note\nOslo,Bob,y\n'],
    ['in capitals and quotes', 'Ann,Rome,x\r\n"NOTE","City","name"\r\nOslo,Bob,y\r\n'],
    ['behind a BOM', 'Ann,Rome,x\n\ufeffnote,name,city\ny,Bob,Oslo\n'],
    ['as the last line', 'Ann,Rome,x\ncity,note,name'],
    ['with the first name in its place', 'Ann,Rome,x\nname,note,city\n'],
  ])('with its names in another order begins another table: %s', (_name, data) => {
    const header = ['name', 'city', 'note'];
    const expected = { row: 2, line: 3 };
    for (let step = 1; step <= data.length; step++)
      for (const dialect of [{ delimiter: ',' }, { delimiter: ',', comment: '#' }])
        expect(scan(data, header, step, dialect).tableEnd).toEqual(expected);
    expect(scan(data, header, 1, { delimiter: ',', repeatedHeader: 'skip' } as Dialect).tableEnd).toEqual(
      expected,
    );
  });

  it.each([
    ['other words too', ['name', 'city'], 'city,Rome\n'],
    ['a name twice', ['name', 'city', 'note'], 'city,city,name\n'],
    ['more cells', ['name', 'city'], 'city,name,\n'],
    ['names of few letters', ['yes', 'no'], 'no,yes\n'],
  ])('is not with %s', (_name, header, data) => {
    expect(scan(`${header.map(() => 'x').join(',')}\n${data}`, header)).toMatchObject({
      tableEnd: undefined,
    });
  });

  describe('by other names, behind a mark, with a name left out or changed', () => {
    const header = ['Full name', 'City', 'Note'];
    const otherNames = [['name', 'kunde', '氏名'], ['town', '都市'], []];
    const dialect = { delimiter: ',', otherNames } as Dialect;
    const ends = { row: 2, line: 3 };

    it.each<[string, string, BrokenRecord['reason']]>([
      ['a field’s name for its title', 'name,city,note', 'header-again'],
      ['all aliases, in quotes and capitals', '"KUNDE","Town","Note"', 'header-again'],
      ['in another script', '氏名,都市,note', 'header-again'],
      ['in another order', 'note,name,town', 'other-table'],
      ['a mark', '#Full name,City,Note', 'header-again'],
      ['a mark and a blank', '# full name,city,note', 'header-again'],
      ['two marks, and an alias', '-- name,city,note', 'header-again'],
      ['several marks', '#### Full name,City,Note', 'header-again'],
      ['a mark in quotes', '"#Full name",City,Note', 'header-again'],
      ['a name is empty', 'Full name,,Note', 'header-again'],
      ['the last name is empty', 'Full name,City,', 'header-again'],
      ['the first name is empty', ',City,Note', 'header-again'],
      ['the first name is empty, quotes', '"","City","Note"', 'header-again'],
      ['a name is left out', 'Full name,Note', 'other-table'],
      ['the last name is left out', 'Full name,City', 'other-table'],
      ['a name is changed', 'Full name,Village,Note', 'other-table'],
      ['the last name is changed', 'Full name,City,Remarks', 'other-table'],
    ])('%s', (_name, again, reason) => {
      for (const lineEnd of ['\n', '\r\n'])
        for (const data of [
          `Ann,Rome,x${lineEnd}${again}${lineEnd}Bob,Oslo,y${lineEnd}`,
          `Ann,Rome,x${lineEnd}${again}`,
        ])
          for (const step of [1, 3, 100]) {
            const scanned = scan(data, header, step, dialect);
            expect(scanned.tableEnd, data).toEqual(ends);
            expect(scanned.again[0]).toEqual([2, 3, reason]);
          }
    });

    it('right below the header is one header of several lines', () => {
      expect(scan('氏名,都市,note\nAnn,Rome,x\n', header, 99, dialect)).toMatchObject({
        again: [[1, 2, 'header-again']],
        tableEnd: undefined,
      });
    });

    it('is left out where the sender says so', () => {
      const skip = { ...dialect, repeatedHeader: 'skip' } as Dialect;
      for (const again of ['name,city,note', '#Full name,City,Note', 'Full name,,Note'])
        expect(scan(`Ann,Rome,x\n${again}\nBob,Oslo,y\n`, header, 1, skip)).toMatchObject({
          again: [],
          tableEnd: undefined,
          records: 2,
        });
      expect(scan('Ann,Rome,x\nnote,name,city\n', header, 1, skip).tableEnd).toEqual(ends);
    });

    it.each([
      ['a value in a column', 'Full name,City,5'],
      ['two values', 'Full name,Rome,Oslo'],
      ['an empty cell and a value', 'Full name,,x'],
      ['one name of two', 'city,x'],
      ['a mark alone', '#,City,x'],
      ['a comment', '#Ann,Rome,x'],
      ['a negative number', '-5,City,x'],
    ])('is not: %s', (_name, data) => {
      expect(scan(`Ann,Rome,x\n${data}\nBob,Oslo,y\n`, header, 99, dialect)).toMatchObject({
        again: [],
        tableEnd: undefined,
      });
    });

    it('of two columns needs both of its names', () => {
      expect(scan('Ann,x\ncustomer,\nBob,y\n', ['customer', 'description'])).toMatchObject({ again: [] });
    });
  });

  it('of one column is data: a word may well stand in a list of words', () => {
    expect(scan('b\na\nc\n', ['a'])).toMatchObject({ again: [], records: 3 });
  });
});

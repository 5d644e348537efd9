import { describe, expect, it } from 'vitest';
import { readHeaderRows } from '../../../../src/core/csv/dialect/header-rows.ts';

const LIMITS = { maxHeaderBytes: 1000, maxColumns: 100 };
const TOP = { endByte: 0, endLine: 1, delimiter: undefined };

const read = (text: string, rows: number): ReturnType<typeof readHeaderRows> =>
  readHeaderRows(Buffer.from(text), true, { delimiter: ',' }, LIMITS, TOP, rows);

describe('a header of several records', () => {
  it.each([
    [
      'a group belongs to the columns on its right',
      'id,Address,,\n,street,city,zip\n',
      ['id', 'Address street', 'Address city', 'Address zip'],
    ],
    [
      'but not a name that has none below it',
      'id,,Address\n,name,street\n',
      ['id', 'name', 'Address street'],
    ],
    ['three of them', '2026,,2027\nQ1,Q2,Q1\nkg,,kg\n', ['2026 Q1 kg', '2026 Q2', '2027 Q1 kg']],
    ['blanks around names do not count', ' a , b\nx ,y\n', ['a x', 'b y']],
    ['one is as it stands', ' a ,b\n', [' a ', 'b']],
  ])('%s', (_name, text, cells) => {
    const rows = text.split('\n').length - 1;
    expect(read(`${text}1,2\n`, rows)).toMatchObject({ cells, endByte: text.length, endLine: rows + 1 });
  });

  it('has one width', () => {
    expect(() => read('a,b\nc,d,e\n1,2\n', 2)).toThrow(
      expect.objectContaining({
        code: 'FILE_HEADER_WIDTH',
        message: expect.stringContaining('number 2 has 3 cells, the first 2'),
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { grammarOf } from '../../../../src/core/csv/grammar.ts';
import { findAmbiguousQuote } from '../../../../src/core/csv/dialect/ambiguous-quote.ts';
import type { Dialect } from '../../../../src/core/csv/types.ts';

function columnOf(record: string, dialect: Dialect = { delimiter: ',' }): number {
  const bytes = Buffer.from(`before\n${record}`);
  return findAmbiguousQuote(bytes, 7, bytes.length, grammarOf(dialect));
}

describe('a record reads in two ways', () => {
  it.each([
    ['a delimiter was lost before a quoted cell', '1,Boots"black, size 9",4', 2],
    ['… with doubled quotes in it', '1,$78"Table, Round 48""",4', 2],
    ['… that is the last one', '1,Boots"black, size 9"', 2],
    ['a space before the quote', '1, "x, y",2', 2],
    ['in the first cell', 'a"b, c",2', 1],
    ['behind a quoted cell', '"1",a"b, c",2', 2],
  ])('%s', (_name, record, column) => {
    expect(columnOf(record)).toBe(column);
  });

  it('in any dialect', () => {
    expect(columnOf('1;a"b; c";2', { delimiter: ';' })).toBe(2);
    expect(columnOf("1,a'b, c',2", { delimiter: ',', quote: "'" })).toBe(2);
    expect(columnOf('1, a"b, c", 2', { delimiter: ', ' })).toBe(2);
    expect(columnOf('1,a"b, \\" c",2', { delimiter: ',', escape: '\\' })).toBe(2);
    expect(columnOf('1,a"b, c",2', { delimiter: ',', quote: null })).toBe(0);
  });
});

describe('a quote is text and nothing else', () => {
  it.each([
    ['inches', '5" pipe,6" pipe,x'],
    ['inches right before delimiters', '5",6",x'],
    ['a pair within the cell', '1,the "big" one,2'],
    ['a pair that ends the cell', '1,the "big",2'],
    ['one alone', '1,Men\'s 10" Boots,2'],
    ['doubled ones of an unquoted cell', '1,a""b,c'],
    ['one before a quoted cell', '5" x,"abc",y'],
    ['one before an empty quoted cell', '5" x,"",y'],
    ['inside quoted cells', '"a ""b, c"" d",2'],
  ])('%s', (_name, record) => {
    expect(columnOf(record)).toBe(0);
  });
});

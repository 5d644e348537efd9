import { describe, expect, it } from 'vitest';
import { holdsRecords, readHeader } from '../../../../src/core/csv/dialect/header.ts';
import type { Delimiter } from '../../../../src/core/csv/types.ts';

const LIMITS = { maxHeaderBytes: 40, maxColumns: 4 };

function header(text: string, isWhole = true, delimiter: Delimiter = ','): ReturnType<typeof readHeader> {
  return readHeader(Buffer.from(text), isWhole, { delimiter }, LIMITS);
}

describe('readHeader', () => {
  it.each([
    ['LF', 'a,b\nc', ['a', 'b'], 4, 2, true],
    ['CRLF', 'a,b\r\nc', ['a', 'b'], 5, 2, true],
    ['lone CR', 'a,b\rc', ['a', 'b'], 4, 2, true],
    ['blank lines above', '\r\n\na,b\nc', ['a', 'b'], 7, 4, true],
    ['quotes, a line end in them', '"a\r\nx","b ""c"""\r\nd', ['a\r\nx', 'b "c"'], 18, 3, true],
    [
      'empty and equal names are kept for the caller to judge',
      ',a,a,__proto__\nb',
      ['', 'a', 'a', '__proto__'],
      15,
      2,
      true,
    ],
    ['no line end', 'a,b', ['a', 'b'], 3, 1, false],
    ['blank lines below', 'a,b\n\n\r\n', ['a', 'b'], 4, 2, false],
    ['one quoted empty name', '""\nb', [''], 3, 2, true],
  ])('%s', (_name, text, cells, endByte, endLine, hasRecords) => {
    expect(header(text)).toEqual({ cells, endByte, endLine, hasRecords });
  });

  it('begins below what stands above it', () => {
    const head = Buffer.from('"title\n\na,b\nc');
    expect(readHeader(head, true, { delimiter: ',' }, LIMITS, { endByte: 7, endLine: 2 })).toEqual({
      cells: ['a', 'b'],
      endByte: 12,
      endLine: 4,
      hasRecords: true,
    });
  });

  it('leaves open whether records follow when the head ends first', () => {
    expect(header('a,b\n', false).hasRecords).toBeUndefined();
    expect(header('a,b\n\n\r', false).hasRecords).toBeUndefined();
    expect(header('a,b\nc', false).hasRecords).toBe(true);
  });

  it('reads with the dialect’s delimiter', () => {
    expect(header('a,x;b\n', true, ';').cells).toEqual(['a,x', 'b']);
    expect(header('a\tb\n', true, '\t').cells).toEqual(['a', 'b']);
  });

  it.each([
    ['FILE_EMPTY', '', true],
    ['FILE_EMPTY', '\n\r\n\r', true],
    ['FILE_HEADER_QUOTE', 'a,"b"c\nd', true],
    ['FILE_HEADER_QUOTE', 'a,"b\nd', true],
    ['FILE_HEADER_QUOTE', `a,"${'b'.repeat(100)}`, false],
    ['FILE_HEADER_TOO_LONG', `${'b'.repeat(41)}\nd`, true],
    ['FILE_HEADER_TOO_LONG', 'b'.repeat(100), false],
    ['FILE_HEADER_TOO_LONG', '\n'.repeat(100), false],
    ['FILE_TOO_MANY_COLUMNS', 'a,b,c,d,e\n', true],
  ])('%s: %j', (code, text, isWhole) => {
    expect(() => header(text, isWhole)).toThrow(expect.objectContaining({ code }));
  });

  it('takes a header of exactly the limit', () => {
    expect(header(`${'b'.repeat(40)}\r\nd`).endByte).toBe(42);
    expect(header(`${'b'.repeat(40)}\r\nd`, false).endByte).toBe(42);
  });
});

describe('holdsRecords', () => {
  it('is true at the first byte that is not a line end', () => {
    expect(holdsRecords(Buffer.from('\r\n\n '))).toBe(true);
    expect(holdsRecords(Buffer.from('\r\n\n\r'))).toBe(false);
    expect(holdsRecords(Buffer.alloc(0))).toBe(false);
  });
});

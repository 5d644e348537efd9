import { describe, expect, it } from 'vitest';
import { readPreamble } from '../../../../src/core/csv/dialect/preamble.ts';
import type { Delimiter } from '../../../../src/core/csv/types.ts';

const preamble = (
  text: string,
  options: { skipLines?: number; delimiter?: Delimiter } = {},
  isWhole = true,
) =>
  readPreamble(Buffer.from(text), isWhole, {
    skipLines: options.skipLines ?? 0,
    delimiter: options.delimiter,
  });

describe('a line sep=', () => {
  it.each([
    ['LF', 'sep=;\na;b\n', ';', 6],
    ['CRLF', 'sep=,\r\na,b', ',', 7],
    ['a lone CR', 'sep=|\ra', '|', 6],
    ['a tab', 'sep=\t\na', '\t', 6],
    ['quoted, in capitals', '"SEP=;"\r\na', ';', 9],
  ])('%s', (_name, text, delimiter, endByte) => {
    expect(preamble(text)).toEqual({ delimiter, endByte, endLine: 2 });
  });

  it.each([
    ['more on the line', 'sep=;x\n'],
    ['a header', 'sep,b\n'],
    ['nothing behind it', 'sep=\n1'],
    ['a long line', `sep=;${';'.repeat(20)}\n`],
    ['one quote', '"sep=;\n"\n'],
    ['not the first line', '\nsep=;\na'],
  ])('%s is none', (_name, text) => {
    expect(preamble(text)).toEqual({ delimiter: undefined, endByte: 0, endLine: 1 });
  });

  it('a delimiter that was given wins', () => {
    expect(preamble('sep=;\na', { delimiter: ',' })).toMatchObject({ delimiter: ',', endByte: 6 });
    expect(preamble('sep=^\na', { delimiter: ',' })).toMatchObject({ delimiter: ',', endByte: 6 });
  });

  it.each(['sep=x\na', 'sep=；\na', 'sep=😀\na'])('%j says what is not taken', (text) => {
    expect(() => preamble(text)).toThrow(expect.objectContaining({ code: 'FILE_DELIMITER' }));
  });
});

describe('lines to skip', () => {
  it.each([
    ['one', 'title\na,b\n', 1, 6],
    ['CRLF, blank ones too', 'title\r\n\r\na', 2, 9],
    ['with quotes in them', '"ti\ntle"\na', 2, 9],
    ['sep= among them', 'sep=;\ntitle\na', 2, 12],
    ['sep= alone', 'sep=;\ntitle\na', 1, 6],
  ])('%s', (_name, text, skipLines, endByte) => {
    expect(preamble(text, { skipLines })).toMatchObject({ endByte, endLine: skipLines + 1 });
  });

  it('more than the file has', () => {
    expect(() => preamble('a\nb', { skipLines: 2 })).toThrow(expect.objectContaining({ code: 'FILE_EMPTY' }));
    expect(() => preamble('sep=;')).toThrow(expect.objectContaining({ code: 'FILE_EMPTY' }));
    expect(() => preamble('sep=;\n')).toThrow(/ends on line 1/);
  });
  it('longer than a head', () => {
    expect(() => preamble('a\nb', { skipLines: 2 }, false)).toThrow(
      expect.objectContaining({ code: 'FILE_HEADER_TOO_LONG' }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  checkTogether,
  fullDialect,
  parseComment,
  parseDelimiter,
  parseEscape,
  parseQuote,
} from '../../../../src/core/csv/dialect/dialect-options.ts';

const INVALID = expect.objectContaining({ code: 'INVALID_REQUEST' }) as Error;

describe('a delimiter', () => {
  it.each([
    [',', ','],
    ['comma', ','],
    [';', ';'],
    ['Semicolon', ';'],
    ['|', '|'],
    ['pipe', '|'],
    ['\t', '\t'],
    ['\\t', '\t'],
    ['tab', '\t'],
    [' ', ' '],
    ['space', ' '],
    [':', ':'],
    ['^', '^'],
    ['~', '~'],
    ['\x01', '\x01'],
    ['\x1f', '\x1f'],
    [', ', ', '],
    [',\t', ',\t'],
    ['|~', '|~'],
  ])('%j', (option, delimiter) => {
    expect(parseDelimiter(option)).toBe(delimiter);
  });

  it.each([
    '',
    ',,',
    '||',
    ',;|',
    'a',
    '0',
    '"',
    "'",
    '\\',
    '\n',
    '\r',
    '\0',
    'é',
    '、',
    'constructor',
    '__proto__',
  ])('refuses %j', (option) => {
    expect(() => parseDelimiter(option)).toThrow(INVALID);
  });
});

describe('quote, escape, comment', () => {
  it.each([
    ['"', '"'],
    ['double', '"'],
    ["'", "'"],
    ['single', "'"],
    ['none', null],
    ['', null],
  ])('quote %j', (option, quote) => {
    expect(parseQuote(option)).toBe(quote);
  });

  it.each([
    ['"', '"'],
    ['doubled', 'doubled'],
    ['', 'doubled'],
    ['\\', '\\'],
    ['backslash', '\\'],
  ])('escape %j', (option, escape) => {
    expect(parseEscape(option)).toBe(escape);
  });

  it.each([
    ['#', '#'],
    ['%', '%'],
    ['none', null],
    ['', null],
  ])('comment %j', (option, comment) => {
    expect(parseComment(option)).toBe(comment);
  });

  it('refuses what is none, naming the option', () => {
    expect(() => parseQuote('`')).toThrow(INVALID);
    expect(() => parseEscape('^')).toThrow(INVALID);
    for (const comment of ['a', '##', '"', '-', ','])
      expect(() => parseComment(comment)).toThrow(
        expect.objectContaining({ params: { option: 'comment', parameter: 'comment' } }),
      );
  });

  it('refuses parts that exclude each other', () => {
    const given = {
      databaseText: undefined,
      delimiter: undefined,
      quote: undefined,
      escape: undefined,
      comment: null,
    };
    expect(() => checkTogether({ ...given, delimiter: '|', comment: '|' })).toThrow(INVALID);
    expect(() => checkTogether({ ...given, quote: null, escape: '\\' })).toThrow(INVALID);
    expect(() => checkTogether({ ...given, quote: null, escape: '"' })).not.toThrow();
    expect(() => checkTogether({ ...given, databaseText: 'postgres-text', quote: '"' })).toThrow(INVALID);
    expect(() => checkTogether({ ...given, databaseText: 'mysql', escape: '"' })).toThrow(INVALID);
    expect(() => checkTogether({ ...given, databaseText: 'mysql', quote: '"', escape: '\\' })).not.toThrow();
  });

  it('a dialect of which only the delimiter is known is RFC 4180', () => {
    expect(fullDialect({ delimiter: ';' })).toEqual({
      delimiter: ';',
      quote: '"',
      escape: '"',
      comment: null,
      databaseText: null,
    });
    expect(fullDialect({ delimiter: ';', quote: null })).toMatchObject({ quote: null, escape: null });
    expect(fullDialect({ delimiter: ';', quote: "'" })).toMatchObject({ escape: "'" });
  });
});

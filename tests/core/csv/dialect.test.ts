import { describe, expect, it } from 'vitest';
import { detectDialect, parseDelimiter } from '../../../src/core/csv/dialect.ts';

describe('detectDialect', () => {
  it.each([
    ['comma', 'a,b\n1,2\n', ','],
    ['semicolon with decimal commas', 'name;price\na;1,50\nb;2,75\n', ';'],
    ['semicolon, commas in every text', 'id;name;city\n1;Smith, J;Paris\n2;Doe, J;Rome\n', ';'],
    ['tab', 'a\tb\n1,5\t2\n', '\t'],
    ['pipe', 'a|b|c\n1|2|3\n', '|'],
    ['delimiters inside quotes do not count', '"a;x;y","b"\n"1;2","3"\n', ','],
    ['line ends inside quotes do not count', 'a;b\n"1\n,\n,";2\n', ';'],
    ['the header weighs most: ragged records', 'a;b;c\n1;2\n1;2;3;4\n,,,\n', ';'],
    ['a header alone', 'a;b;c', ';'],
    ['one column', 'name\nTaro\nHanako\n', ','],
    ['one column with commas in the data', 'note\na, b\nc\n', ','],
    ['one column without data', 'name', ','],
    ['nothing', '', ','],
    ['blank lines above', '\n\r\na;b\n1;2\n', ';'],
    ['broken quotes', 'a;b\n"1"x;2\n3;4\n"5;6\n7;8\n', ';'],
    ['lone CR line ends', 'a;b\r1;2,5\r', ';'],
  ])('%s', (_name, head, delimiter) => {
    expect(detectDialect(head, true).delimiter).toBe(delimiter);
  });

  it('does not count the last record of a head that was cut', () => {
    expect(detectDialect('a,b\n1,2\n3', false)).toEqual({ delimiter: ',', confidence: 1 });
  });

  it('says how many agree with the header', () => {
    expect(detectDialect('a,b\n1,2\n3\n4,5\n', true).confidence).toBeCloseTo(5 / 6);
    expect(detectDialect('name\nTaro\n', true).confidence).toBe(0);
  });
});

describe('parseDelimiter', () => {
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
  ])('%j', (option, delimiter) => {
    expect(parseDelimiter(option)).toBe(delimiter);
  });

  it.each(['', ' ', ',,', ':', '"', 'constructor', '__proto__'])('refuses %j', (option) => {
    expect(() => parseDelimiter(option)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
  });
});

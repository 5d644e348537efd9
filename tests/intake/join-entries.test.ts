// The files of an archive as one table: what is left out of each, in which order, and where each begins.
import { describe, expect, it } from 'vitest';
import { joinEntries } from '../../src/intake/join-entries.ts';
import type { EntryFile } from '../../src/intake/part-text.ts';
import { readOptions, type RawUploadOptions } from '../../src/intake/upload-options.ts';

type Files = Readonly<Record<string, string | Buffer>>;

/** Each file in pieces of so many bytes. */
function entries(files: Files, pieceBytes: number): EntryFile[] {
  return Object.entries(files).map(([name, content]) => ({
    name,
    async *read() {
      const bytes = Buffer.from(content);
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
    },
  }));
}

async function join(files: Files, said: RawUploadOptions, pieceBytes: number) {
  const options = readOptions({ dataset: 'any', ...said });
  const { parts, bytes } = await joinEntries(entries(files, pieceBytes), options);
  const pieces: Buffer[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return { text: Buffer.concat(pieces), parts };
}

function utf16(text: string, isBigEndian = false): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return isBigEndian ? bytes.swap16() : bytes;
}

const part = (name: string, line: number, ownLine: number) => ({ name, line, ownLine });

describe.each([1, 2, 3, 1000])('in pieces of %i bytes', (pieceBytes) => {
  it.each<[string, Files, RawUploadOptions, string, object[]]>([
    [
      'in natural order, without the later headers, with line ends between',
      { 'p10.csv': 'a,b\n5,6', 'p2.csv': 'a,b\n3,4', 'P1.csv': 'a,b\n1,2' },
      {},
      'a,b\n1,2\n3,4\n5,6',
      [part('P1.csv', 1, 1), part('p2.csv', 3, 2), part('p10.csv', 4, 2)],
    ],
    [
      'headers folded, quoted, with BOM, over several lines, of CR and CRLF',
      {
        'a.csv': '\ufeff"a\n1",B\r\nx,y\r\n',
        'b.csv': '\ufeff"A\n1","b"\rz,z\r',
        'c.csv': '"a\n1",b \n',
        'd.csv': '"a\n1",b\n\nq,r\x1a\x1a',
      },
      {},
      Buffer.from('\ufeff"a\n1",B\r\nx,y\r\nz,z\r\nq,r').toString('latin1'),
      [part('a.csv', 1, 1), part('b.csv', 4, 3), part('d.csv', 5, 3)],
    ],
    [
      'lines above the header and below it',
      { 'a.csv': 'title\n\na;b\nkg;m\n1;2\n', 'b.csv': 'other\n\na;b\nkg;m\n3;4\n' },
      { skipLines: '1', skipAfterHeader: '1', delimiter: ';' },
      'title\n\na;b\nkg;m\n1;2\n3;4\n',
      [part('a.csv', 1, 1), part('b.csv', 6, 5)],
    ],
    [
      'sep=, and a header of two records',
      { 'a.csv': 'sep=;\ng;\na;b\n1;2\n', 'b.csv': 'sep=;\ng;\na;b\n3;4\n' },
      { headerRows: '2' },
      'sep=;\ng;\na;b\n1;2\n3;4\n',
      [part('a.csv', 1, 1), part('b.csv', 5, 4)],
    ],
    [
      'no header',
      { 'a.csv': '1,2', 'b.csv': '3,4' },
      { header: 'false' },
      '1,2\n3,4',
      [part('a.csv', 1, 1), part('b.csv', 2, 1)],
    ],
    [
      'NDJSON',
      { a: '{"a":1}\n', b: '{"a":2}\n' },
      {},
      '{"a":1}\n{"a":2}\n',
      [part('a', 1, 1), part('b', 2, 1)],
    ],
    [
      'Ctrl-Z and line ends at the end of one',
      { 'a.csv': 'a\r\n1\x1a\r\n', 'b.csv': 'a\r\n2\r\n\x1a\r\n' },
      {},
      'a\r\n1\n2\r\n',
      [part('a.csv', 1, 1), part('b.csv', 3, 2)],
    ],
    [
      'records without a value at the ends',
      {
        'a.csv': 'a,b\r\n1,2\r\n,\r\n,\r\n',
        'b.csv': 'a,b\r\n3,4\r\n,\r\n5,6\r\n\r\n,',
        'c.csv': 'a,b\r\n,\r\n',
        'd.csv': 'a,b\r\n7,\r\n',
      },
      {},
      'a,b\r\n1,2\r\n3,4\r\n,\r\n5,6\r\n7,\r\n',
      [part('a.csv', 1, 1), part('b.csv', 3, 2), part('d.csv', 6, 2)],
    ],
    [
      'records without a value that are kept',
      { 'a.csv': 'a,b\n1,2\n,\n', 'b.csv': 'a,b\n3,4\n,\n' },
      { emptyRecords: 'keep' },
      'a,b\n1,2\n,\n3,4\n,\n',
      [part('a.csv', 1, 1), part('b.csv', 4, 2)],
    ],
    [
      'totals above records without a value',
      { 'a.csv': 'a,b\n1,2\nTotal,2\n,\n', 'b.csv': 'a,b\n3,4\n\nTotal,4\n\n,\n,\n' },
      { skipFooter: '1' },
      'a,b\n1,2\n3,4\n\n',
      [part('a.csv', 1, 1), part('b.csv', 3, 2)],
    ],
    [
      'records without a value that were counted as lines of the footer',
      { 'a.csv': 'a,b\n1,2\nTotal,2\n,\n', 'b.csv': 'a,b\n3,4\nTotal,4\n,\n' },
      { skipFooter: '2' },
      'a,b\n1,2\n3,4\n',
      [part('a.csv', 1, 1), part('b.csv', 3, 2)],
    ],
    [
      'Ctrl-Z and NULs at the end of one',
      { 'a.csv': 'a\r\n1\x1a\0\0\0', 'b.csv': 'a\r\n2\r\n\x1a\0\0' },
      {},
      'a\r\n1\n2\r\n',
      [part('a.csv', 1, 1), part('b.csv', 3, 2)],
    ],
    [
      'Ctrl-Z within a file',
      { 'a.csv': 'a\n\x1a1\n', 'b.csv': 'a\n2\x1a' },
      {},
      'a\n\x1a1\n2',
      [part('a.csv', 1, 1), part('b.csv', 3, 2)],
    ],
  ])('%s', async (_what, files, said, text, parts) => {
    const joined = await join(files, said, pieceBytes);
    expect({ ...joined, text: joined.text.toString('latin1') }).toMatchObject({ text, parts });
    expect(joined.parts).toHaveLength(parts.length);
  });

  it.each<[string, Files, RawUploadOptions, string, object[]]>([
    [
      'of both byte orders, each with its BOM',
      {
        'a.csv': utf16('\ufeffa,b\r\n1,"x\n東"\r\n'),
        'b.csv': utf16('\ufeffA,B\n2,\u0a0d\n', true),
        'c.csv': utf16('\ufeffa,b\r3,😀'),
      },
      {},
      '\ufeffa,b\r\n1,"x\n東"\r\n2,\u0a0d\n3,😀',
      [part('a.csv', 1, 1), part('b.csv', 4, 2), part('c.csv', 5, 2)],
    ],
    [
      'as declared, with lines above, end marks and no line end at the end',
      {
        'a.csv': utf16('sep=;\na;b\n1;2\x1a\n'),
        'b.csv': utf16('sep=;\na;b\n3;4\x1a\x1a'),
        'c.csv': utf16('sep=;\na;b\n5;6'),
      },
      { encoding: 'utf-16le' },
      'sep=;\na;b\n1;2\n3;4\n5;6',
      [part('a.csv', 1, 1), part('b.csv', 4, 3), part('c.csv', 5, 3)],
    ],
    [
      'each without its footer',
      {
        'a.csv': utf16('\ufeffa\n1\n\nΣ 1\n'),
        'b.csv': utf16('\ufeffa\nΣ 0\n'),
        'c.csv': utf16('\ufeffa\n2\n3\nΣ 5\n\n'),
      },
      { skipFooter: '1' },
      '\ufeffa\n1\n\n2\n3\n',
      [part('a.csv', 1, 1), part('c.csv', 4, 2)],
    ],
  ])('UTF-16, %s', async (_what, files, said, text, parts) => {
    const joined = await join(files, said, pieceBytes);
    expect(joined.text.toString('utf16le')).toBe(text);
    expect(joined.parts).toMatchObject(parts);
    expect(joined.parts).toHaveLength(parts.length);
    // Where a part begins: in the text of all, and in its own file.
    for (const { name, byte, ownByte } of joined.parts) {
      const own = Buffer.from(files[name]!);
      const first = own.subarray(ownByte, ownByte + 2);
      const isSwapped = own.readUInt16BE() === 0xfeff;
      expect(joined.text.subarray(byte, byte + 2)).toEqual(isSwapped ? Buffer.from(first).swap16() : first);
    }
  });

  it.each<[string, Files, string, string]>([
    [
      'blank lines and quoted line ends among them',
      { 'a.csv': 'a,b\n1,"x\ny"\nTotal,1\nend', 'b.csv': 'a,b\r\n2,z\r\n\r\nTotal,2\r\n\r\nend\r\n\r\n' },
      '2',
      'a,b\n1,"x\ny"\n2,z\r\n\r\n',
    ],
    ['none', { 'a.csv': 'a\n1\n', 'b.csv': 'a\nTotal\n' }, '0', 'a\n1\nTotal\n'],
  ])('footers, %s', async (_what, files, skipFooter, text) => {
    expect((await join(files, { skipFooter }, pieceBytes)).text.toString()).toBe(text);
  });

  it.each<[string, Files, RawUploadOptions, string]>([
    ['other columns', { 'a.csv': 'a,b\n', 'b.csv': 'a,c,d\n' }, {}, '"b.csv" has "c", "d" and lacks "b"'],
    [
      'another order',
      { 'a.csv': 'a,b\n', 'b.csv': 'b,a\n' },
      {},
      '"b.csv" has the same columns in another order',
    ],
    ['a column twice', { 'a.csv': 'a,b\n', 'b.csv': 'a,b,b\n' }, {}, '"b.csv" has a column twice'],
    ['another delimiter', { 'a.csv': 'a,b\n', 'b.csv': 'a;b\n' }, {}, '"b.csv" has "a;b" and lacks "a", "b"'],
    ['no header', { 'a.csv': 'a,b\n', 'b.csv': '' }, {}, 'lacks "a", "b"'],
    [
      'UTF-16 beside UTF-8',
      { 'a.csv': 'a\n', 'b.csv': utf16('\ufeffa\n') },
      {},
      '"a.csv" has no BOM and would be read as UTF-8, and "b.csv" says by its BOM that it is UTF-16LE',
    ],
    [
      'UTF-16 without a BOM',
      { 'a.csv': utf16('name,city\n'), 'b.csv': utf16('name,city\n') },
      {},
      '"a.csv" in the ZIP archive reads as UTF-16LE, and would be read as UTF-8',
    ],
    [
      'UTF-16 in another order than is declared',
      { 'a.csv': utf16('a\n'), 'b.csv': utf16('a\n', true) },
      { encoding: 'utf-16le' },
      '"b.csv" in the ZIP archive reads as UTF-16BE, and would be read as UTF-16LE',
    ],
    [
      'UTF-8 declared as UTF-16',
      { 'a.csv': utf16('\ufeffa\n'), 'b.csv': 'a\n' },
      { encoding: 'utf-16' },
      '"b.csv" in the ZIP archive reads as UTF-8, and would be read as UTF-16LE',
    ],
    [
      'UTF-16 that ends within a character',
      { 'a.csv': utf16('\ufeffa\n1\n'), 'b.csv': utf16('\ufeffa\n1\n').subarray(0, -1) },
      {},
      '"b.csv" in the ZIP archive ends within a character of UTF-16',
    ],
    [
      'UTF-8 beside another encoding',
      { 'a.csv': 'a\n', 'b.csv': '\ufeffa\n' },
      { encoding: 'shift_jis' },
      '"b.csv" says by its BOM that it is UTF-8',
    ],
    [
      'UTF-8 without a BOM beside the encoding that is declared',
      { 'a.csv': Buffer.from('a\nMüller\n', 'latin1'), 'b.csv': 'a\nMüller\n' },
      { encoding: 'windows-1252' },
      '"b.csv" in the ZIP archive is UTF-8, and "a.csv" is not',
    ],
    [
      'a footer longer than a file',
      { 'a.csv': 'a\n1\n2\n', 'b.csv': 'a\n1\n' },
      { skipFooter: '2' },
      'Above the 2 lines that skipFooter skips at the end of "b.csv" there is no record',
    ],
    [
      'a packed file',
      { 'a.csv': 'a\n', 'b.csv': 'PK\x03\x04' },
      {},
      '"b.csv" in the ZIP archive is packed itself',
    ],
  ])('refuses %s', async (_what, files, said, message) => {
    await expect(join(files, said, pieceBytes)).rejects.toThrow(message);
  });
});

it('counts the records without a value that it leaves out, however many they are', async () => {
  const options = readOptions({ dataset: 'any' });
  const empty = ';;\r\n'.repeat(500_000);
  const files = { 'a.csv': `a;b;c\r\n1;2;3\r\n${empty}`, 'b.csv': `a;b;c\r\n${empty}4;5;6\r\n;;` };
  const { bytes, emptyRecords } = await joinEntries(entries(files, 65_536), options);
  let length = 0;
  for await (const piece of bytes) length += piece.length;
  expect(emptyRecords()).toBe(500_001);
  expect(length).toBe('a;b;c\r\n1;2;3\r\n4;5;6\r\n'.length + empty.length);
});

// The files of an archive as one table: what is left out of each, in which order, and where each begins.
import { describe, expect, it } from 'vitest';
import { joinEntries, type EntryFile } from '../../src/intake/join-entries.ts';
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
  return { text: Buffer.concat(pieces).toString('latin1'), parts };
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
      'Ctrl-Z within a file',
      { 'a.csv': 'a\n\x1a1\n', 'b.csv': 'a\n2\x1a' },
      {},
      'a\n\x1a1\n2',
      [part('a.csv', 1, 1), part('b.csv', 3, 2)],
    ],
  ])('%s', async (_what, files, said, text, parts) => {
    expect(await join(files, said, pieceBytes)).toEqual({ text, parts });
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
      'UTF-16',
      { 'a.csv': 'a\n', 'b.csv': Buffer.from('\ufeffa\n', 'utf16le') },
      {},
      '"b.csv" in the ZIP archive is UTF-16',
    ],
    [
      'UTF-8 beside another encoding',
      { 'a.csv': 'a\n', 'b.csv': '\ufeffa\n' },
      { encoding: 'shift_jis' },
      '"b.csv" in the ZIP archive says by its BOM',
    ],
    ['a footer', { 'a.csv': 'a\n' }, { skipFooter: '1' }, 'skipFooter is for one file'],
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

import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { TextEncoding } from '../../src/core/csv/text/encodings.ts';
import type { AppError } from '../../src/errors.ts';
import { FileText } from '../../src/intake/file-text.ts';

/** The text of a file that comes in pieces of so many bytes. */
async function read(bytes: Buffer, size: number, declared?: TextEncoding) {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  const text = new FileText(Readable.from(pieces) as AsyncIterable<Buffer>, { encoding: declared }, 10);
  const out: Buffer[] = [];
  for await (const piece of text.read()) out.push(piece);
  const all = Buffer.concat(out);
  expect(text.length).toBe(all.length);
  return all.toString();
}

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

describe('Ctrl-Z', () => {
  it.each([
    ['behind the last line end', 'k,v\r\na,1\r\n\x1a', 'k,v\r\na,1\r\n'],
    ['behind the last cell', 'k,v\r\na,1\x1a', 'k,v\r\na,1'],
    ['behind a quoted cell', 'k,v\r\na,"1"\x1a', 'k,v\r\na,"1"'],
    ['several of them', 'k,v\r\na,1\r\n\x1a\x1a\x1a', 'k,v\r\na,1\r\n'],
    ['nothing else', '\x1a', ''],
    ['a line end behind it', 'k,v\r\na,1\x1a\r\n', 'k,v\r\na,1'],
    ['a line of its own at the end', 'k,v\na,1\n\x1a\n\x1a\n\n', 'k,v\na,1\n'],
    ['a whole block of them', `k,v\na,1\n${'\x1a'.repeat(512)}`, 'k,v\na,1\n'],
  ])('ends the file: %s', async (_name, file, text) => {
    for (const size of [1, 2, 3, 7, 1000]) {
      expect(await read(Buffer.from(file), size)).toBe(text);
      expect(await read(Buffer.from(`\ufeff${file}`), size)).toBe(text);
      expect(await read(Buffer.from(file), size, 'windows-1252')).toBe(text);
      expect(await read(Buffer.from(file), size, 'shift_jis')).toBe(text);
      expect(await read(utf16(file), size)).toBe(text);
      expect(await read(utf16(file), size, 'utf-16')).toBe(text);
    }
  });

  it.each([
    ['NULs that fill up the block', `k,v\r\na,1\r\n\x1a${'\0'.repeat(600)}`, 'k,v\r\na,1\r\n'],
    ['NULs and a line end', 'k,v\na,1\x1a\0\0\n', 'k,v\na,1'],
  ])('ends the file: %s', async (_name, file, text) => {
    for (const size of [1, 2, 3, 7, 1000]) {
      expect(await read(Buffer.from(file), size)).toBe(text);
      expect(await read(Buffer.from(`\ufeff${file}`), size)).toBe(text);
      expect(await read(Buffer.from(file), size, 'windows-1252')).toBe(text);
      expect(await read(Buffer.from(file), size, 'gb18030')).toBe(text);
    }
  });

  it('does not end a file that goes on behind NULs', async () => {
    for (const size of [4, 1000])
      expect(await read(Buffer.from('k,v\na,1\n\x1a\0\0b,2\n'), size)).toMatch(
        /^k,v\na,1\n\x1a\ufffd+b,2\n$/,
      );
  });

  it.each([
    ['in a cell', 'k,v\na\x1ab,1\n'],
    ['as a cell', 'k,v\n\x1a,1\n'],
    ['at the end of a line that is not the last', 'k,v\na,1\x1a\nb,2\n'],
    ['an end longer than may be', `k,v\na,1\n\x1a${'\n'.repeat(1024 * 1024)}`],
    ['a line of its own', 'k,v\n\x1a\nb,2\n'],
    ['at the end of a file that goes on', 'k,v\na,1\n\x1ab,2\n'],
    ['many of them', `k,v\na,${'\x1a'.repeat(200_000)}b\n`],
  ])('is text: %s', async (_name, file) => {
    for (const size of [1, 3, 7, 100_000].filter((one) => file.length / one < 100_000)) {
      expect(await read(Buffer.from(file), size)).toBe(file);
      expect(await read(Buffer.from(file), size, 'windows-1252')).toBe(file);
    }
  });
});

describe('a JSON list that is cut within a character', () => {
  it.each([undefined, 'utf-8'] as const)('is not said to land in part (encoding %s)', async (encoding) => {
    const list = Buffer.from(`[${'{"name":"Zoë"},\n'.repeat(20)}{"name":"Zoë"}]`);
    const cut = list.subarray(0, list.lastIndexOf(0xc3) + 1);
    const text = new FileText(Readable.from([cut]) as AsyncIterable<Buffer>, { encoding }, 10);
    const refused = async (): Promise<AppError> => {
      for await (const _ of text.read());
      return text.refusal(21);
    };
    const { code, message, params } = await refused().catch((error: unknown) => error as AppError);
    expect(code).toBe('FILE_ENCODING');
    expect(message).toMatch(/JSON (?:list )?is read as a whole/);
    expect(message).not.toContain('land');
    expect(JSON.stringify(params)).not.toContain('rejects');
  });
});

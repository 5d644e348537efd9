import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unpack, type Packing } from '../../src/intake/unpack.ts';
import { AppError } from '../../src/errors.ts';

const MIB = 1024 * 1024;
const LIMITS = { maxUploadBytes: 64 * MIB, maxInflateRatio: 200 };
const TEXT = 'name,note\n' + 'x,y\n'.repeat(1000);
const packed = gzipSync(TEXT);

function noZip(): never {
  throw new Error('This is no ZIP archive');
}

async function unpacked(
  bytes: Buffer,
  size = 7,
  options: Partial<typeof LIMITS & { declared: Packing }> = {},
) {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  const out: Buffer[] = [];
  const source = Readable.from(pieces) as AsyncIterable<Buffer>;
  for await (const piece of unpack(source, options.declared, { ...LIMITS, ...options }, noZip))
    out.push(piece);
  return Buffer.concat(out).toString();
}

const failure = async (bytes: Buffer, size?: number, options?: Parameters<typeof unpacked>[2]) => {
  const error = await unpacked(bytes, size, options).catch((reason: unknown) => reason);
  if (!(error instanceof AppError)) throw new Error(`It is no refusal: ${String(error)}`);
  return error;
};

describe('what is taken', () => {
  it.each([1, 2, 7, 100_000])('in pieces of %i bytes: text as it is, gzip inflated', async (size) => {
    expect(await unpacked(Buffer.from(TEXT), size)).toBe(TEXT);
    expect(await unpacked(packed, size)).toBe(TEXT);
    expect(await unpacked(packed, size, { declared: 'gzip' })).toBe(TEXT);
  });
  it.each([
    ['nothing', Buffer.alloc(0), ''],
    ['one byte', Buffer.from('a'), 'a'],
    ['gzip of nothing', gzipSync(''), ''],
    ['members one after the other', Buffer.concat([packed, gzipSync('z,z\n')]), `${TEXT}z,z\n`],
    ['a gzip file filled up with zeros', Buffer.concat([packed, Buffer.alloc(100_000)]), TEXT],
  ])('%s', async (_name, bytes, text) => {
    expect(await unpacked(bytes, 1)).toBe(text);
    expect(await unpacked(bytes, 65_536)).toBe(text);
  });
  it('a few MiB of one line, whatever their ratio', async () => {
    const text = 'x,y\n'.repeat(MIB);
    expect(await unpacked(gzipSync(text), 1000)).toBe(text);
  });
});

describe('what is refused', () => {
  const damaged = Buffer.from(packed);
  damaged[damaged.length - 6]! ^= 0xff;
  it.each([
    ['a gzip file that was cut off', packed.subarray(0, -9), 'ends early'],
    ['one without its last byte', packed.subarray(0, -1), 'ends early'],
    ['one whose checksum is wrong', damaged, 'damaged'],
    ['one with text behind it', Buffer.concat([packed, Buffer.from('x,y and more\n')]), 'not gzip'],
    ['one with a byte behind it', Buffer.concat([packed, Buffer.from('x')]), 'not gzip'],
    ['one with half a member behind it', Buffer.concat([packed, packed.subarray(0, 20)]), 'ends early'],
    [
      'one with zeros and a member behind it',
      Buffer.concat([packed, Buffer.alloc(100_000), packed]),
      `ends at byte ${packed.length}`,
    ],
    ['gzip in gzip', gzipSync(packed), 'twice'],
  ])('%s', async (_name, bytes, reason) => {
    for (const size of [1, 7, 65_536])
      expect(await failure(bytes, size)).toMatchObject({
        code: 'FILE_GZIP',
        message: expect.stringContaining(reason),
      });
  });

  it('text that a header calls gzip', async () => {
    expect(await failure(Buffer.from(TEXT), 7, { declared: 'gzip' })).toMatchObject({ code: 'FILE_GZIP' });
  });
  it('what inflates beyond the size limit', async () => {
    const bytes = gzipSync(randomBytes(MIB).toString('hex'));
    expect(await failure(bytes, 65_536, { maxUploadBytes: 2 * MIB - 1 })).toMatchObject({
      code: 'UPLOAD_TOO_LARGE',
      params: { limitBytes: 2 * MIB - 1 },
    });
    expect(await unpacked(bytes, 65_536, { maxUploadBytes: 2 * MIB })).toHaveLength(2 * MIB);
  });
  it('a bomb, long before it has gone off', async () => {
    const bomb = gzipSync(Buffer.alloc(60 * MIB, 'x'));
    let taken = 0;
    const source = Readable.from(
      (function* () {
        for (; taken < bomb.length; taken += 100) yield bomb.subarray(taken, taken + 100);
      })(),
    );
    const read = async () => {
      let sum = 0;
      for await (const piece of unpack(source as AsyncIterable<Buffer>, undefined, LIMITS, noZip))
        sum += piece.length;
      return sum;
    };
    await expect(read()).rejects.toMatchObject({ code: 'UPLOAD_INFLATES_TOO_FAR', params: { limit: 200 } });
    expect(taken).toBeLessThan(bomb.length / 2);
  });
  it('a source that fails, with its own failure', async () => {
    const cut = Readable.from(
      (function* () {
        yield packed.subarray(0, 30);
        throw new AppError('UPLOAD_TRUNCATED', 'gone');
      })(),
    );
    const read = async () => {
      for await (const piece of unpack(cut as AsyncIterable<Buffer>, undefined, LIMITS, noZip)) void piece;
    };
    await expect(read()).rejects.toMatchObject({ code: 'UPLOAD_TRUNCATED' });
  });
});

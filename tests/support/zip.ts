// ZIP archives as they should be, and as they should not (APPNOTE 6.3.10).
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  /** Default: deflate (8). Any other than stored (0) is written as if it were deflated. */
  readonly method?: number;
  /** The sizes follow the data, as in an archive written to a pipe. */
  readonly descriptor?: boolean;
  /** Sizes and offset stand in the extra field. */
  readonly zip64?: boolean;
  readonly encrypted?: boolean;
  /** The name in the field for Unicode names (0x7075). */
  readonly unicodeName?: string;
  /** What the directory says instead of the truth. */
  readonly says?: { readonly crc?: number; readonly size?: number; readonly packedSize?: number };
}

const UTF8 = 0x800;
const DESCRIPTOR = 0x8;
const ENCRYPTED = 0x1;
const MAX32 = 0xffffffff;

export function zip(entries: readonly ZipEntry[], comment = ''): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  const add = (...pieces: Buffer[]): void => {
    parts.push(...pieces);
    for (const piece of pieces) offset += piece.length;
  };
  for (const entry of entries) {
    const {
      content = '',
      method = 8,
      descriptor = false,
      zip64 = false,
      encrypted = false,
      says = {},
    } = entry;
    const name = Buffer.from(entry.name);
    const plain = Buffer.from(content);
    const data = method === 0 ? plain : deflateRawSync(plain);
    const crc = says.crc ?? crc32(plain);
    const size = says.size ?? plain.length;
    const packedSize = says.packedSize ?? data.length;
    const flags =
      (typeof entry.name === 'string' ? UTF8 : 0) |
      (descriptor ? DESCRIPTOR : 0) |
      (encrypted ? ENCRYPTED : 0);
    const start = offset;
    const extra = Buffer.concat([
      zip64 ? extra64(size, packedSize, start) : Buffer.alloc(0),
      unicodePath(name, entry.unicodeName),
    ]);
    const sizes = zip64 ? [MAX32, MAX32] : [packedSize, size];
    const [crcHere, ...sizesHere] = descriptor ? [0, 0, 0] : [crc, ...sizes];
    add(
      Buffer.concat([
        uint32(0x04034b50),
        uint16(zip64 ? 45 : 20, flags, method, 0, 0x21),
        uint32(crcHere, ...sizesHere),
        uint16(name.length, extra.length),
        name,
        extra,
        data,
        ...(descriptor ? [uint32(0x08074b50, crc, ...(zip64 ? [] : [packedSize, size]))] : []),
        ...(descriptor && zip64 ? [uint64(packedSize, size)] : []),
      ]),
    );
    directory.push(
      uint32(0x02014b50),
      uint16(45, zip64 ? 45 : 20, flags, method, 0, 0x21),
      uint32(crc, ...sizes),
      uint16(name.length, extra.length, 0, 0, 0),
      uint32(0, zip64 ? MAX32 : start),
      name,
      extra,
    );
  }
  const start = offset;
  add(...directory);
  const size = offset - start;
  if (entries.some((entry) => entry.zip64)) {
    const end64 = offset;
    add(
      Buffer.concat([uint32(0x06064b50), uint64(44), uint16(45, 45), uint32(0, 0)]),
      uint64(entries.length, entries.length, size, start),
      Buffer.concat([uint32(0x07064b50, 0), uint64(end64), uint32(1)]),
    );
  }
  add(
    uint32(0x06054b50),
    uint16(0, 0, entries.length, entries.length),
    uint32(size, start),
    uint16(Buffer.byteLength(comment)),
    Buffer.from(comment),
  );
  return Buffer.concat(parts);
}

function extra64(size: number, packedSize: number, start: number): Buffer {
  return Buffer.concat([uint16(1, 24), uint64(size, packedSize, start)]);
}

function unicodePath(name: Buffer, unicode: string | undefined): Buffer {
  if (unicode === undefined) return Buffer.alloc(0);
  const content = Buffer.concat([Buffer.of(1), uint32(crc32(name)), Buffer.from(unicode)]);
  return Buffer.concat([uint16(0x7075, content.length), content]);
}

function uint16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt16LE(value, 2 * at);
  return bytes;
}

function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32LE(value, 4 * at);
  return bytes;
}

function uint64(...values: number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [at, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 8 * at);
  return bytes;
}

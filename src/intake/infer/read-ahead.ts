// Reads a file that is gone through from its top to its end: what was read a moment ago is given from memory, and what comes next is read
// meanwhile.
import type { ByteRange } from '../../core/csv/types.ts';

export type Read = (range: ByteRange) => Promise<Buffer>;
/** Where bytes may be read to. */
export type Room = (bytes: number) => Buffer;
/** The bytes are in the room that is given, or elsewhere. */
export type ReadInto = (range: ByteRange, room?: Room) => Promise<Buffer>;

/** So much is kept behind what was read last: a chunk is read by the scan, and then by what looks at its records. */
const KEPT_BYTES = 4 * 1024 * 1024;

/**
 * @param read gives a range in memory that stays as it is
 * @param end where the file ends
 * @returns the same; what it gives may be the same memory each time, and must not be changed
 */
export function readAhead(read: Read, end: number): Read {
  let window = Buffer.alloc(0);
  /** The window's bytes are those of the file from `from` to `to`. */
  let from = 0;
  let to = 0;
  let ahead: { readonly range: ByteRange; readonly bytes: Promise<Buffer> } | undefined;

  const next = async (range: ByteRange): Promise<Buffer> => {
    const isAhead = ahead?.range.startByte === range.startByte && ahead.range.endByte === range.endByte;
    const bytes = await (isAhead ? ahead!.bytes : read(range));
    const size = range.endByte - range.startByte;
    const following = { startByte: range.endByte, endByte: Math.min(range.endByte + size, end) };
    ahead =
      following.startByte < following.endByte ? { range: following, bytes: read(following) } : undefined;
    // Whoever waits for it is told; nobody may.
    ahead?.bytes.catch(() => {});
    return bytes;
  };

  return async ({ startByte, endByte }) => {
    if (startByte < from) return await read({ startByte, endByte });
    if (startByte > to) from = to = startByte;
    if (endByte > to) {
      const bytes = await next({ startByte: to, endByte });
      makeRoom(bytes.length);
      bytes.copy(window, to - from);
      to += bytes.length;
    }
    return window.subarray(startByte - from, endByte - from);
  };

  function makeRoom(size: number): void {
    if (to - from + size <= window.length) return;
    const kept = Math.min(to - from, KEPT_BYTES);
    if (kept + size > window.length) {
      const room = Buffer.allocUnsafe(kept + Math.max(size, KEPT_BYTES));
      window.copy(room, 0, to - from - kept, to - from);
      window = room;
    } else window.copyWithin(0, to - from - kept, to - from);
    from = to - kept;
  }
}

/** A file from where its records begin to where they end, in pieces; the next one is read meanwhile. @param room of a piece, by its index */
export async function* readPieces(
  { dataStart, dataEnd }: { readonly dataStart: number; readonly dataEnd: number },
  read: ReadInto,
  pieceBytes: number,
  room: (index: number) => Room | undefined,
): AsyncGenerator<{ readonly bytes: Buffer; readonly startByte: number; readonly isAll: boolean }> {
  const pieces = Math.ceil((dataEnd - dataStart) / pieceBytes);
  const readPiece = (index: number): Promise<Buffer> => {
    const startByte = dataStart + index * pieceBytes;
    const piece = read({ startByte, endByte: Math.min(startByte + pieceBytes, dataEnd) }, room(index));
    // Whoever waits for it is told; nobody may.
    piece.catch(() => {});
    return piece;
  };
  let next = pieces > 0 ? readPiece(0) : undefined;
  for (let index = 0; index < pieces; index++) {
    const bytes = await next!;
    if (index + 1 < pieces) next = readPiece(index + 1);
    yield { bytes, startByte: dataStart + index * pieceBytes, isAll: index + 1 === pieces };
  }
}

// The lines of a stored text from its end on: what stands below a table is looked for there.
import { isLineEnd, LF, CR } from '../grammar.ts';
import type { ByteRange } from '../types.ts';

const BLOCK_BYTES = 64 * 1024;
/** A longer line comes in pieces. */
const MOST_LINE_BYTES = 1024 * 1024;

export interface LineFromEnd {
  /** Without its line end; good until the next lines are asked for. */
  readonly text: Buffer;
  readonly startByte: number;
  /** False: a piece of a line that begins above it. */
  readonly begins: boolean;
}

/**
 * The lines between two places, the last one first, blank ones among them; so many at a time as one read gives.
 * @param read gives a range of the stored text
 * @param startByte a line begins there
 */
export async function* linesFromEnd(
  read: (range: ByteRange) => Promise<Buffer>,
  { startByte, endByte }: ByteRange,
): AsyncGenerator<readonly LineFromEnd[]> {
  let bytes = BLOCK_BYTES;
  for (let to = endByte; to > startByte;) {
    const from = Math.max(startByte, to - bytes);
    const block = await read({ startByte: from, endByte: to });
    const lineAt = from === startByte ? 0 : firstLine(block);
    if (lineAt === undefined && bytes < MOST_LINE_BYTES) {
      bytes = MOST_LINE_BYTES;
      continue;
    }
    yield linesOf(block.subarray(lineAt ?? 0), from + (lineAt ?? 0), lineAt !== undefined);
    to = from + (lineAt ?? 0);
    bytes = BLOCK_BYTES;
  }
}

/** Where the first line begins in a block that may begin inside of one; undefined: the block is a piece of a line. */
function firstLine(block: Buffer): number | undefined {
  const end = block.findIndex(isLineEnd);
  const at = end === -1 ? block.length : end + lineEndAt(block, end);
  return at < block.length ? at : undefined;
}

function linesOf(block: Buffer, startByte: number, begins: boolean): LineFromEnd[] {
  const lines: LineFromEnd[] = [];
  for (let at = 0; at < block.length;) {
    let end = at;
    while (end < block.length && !isLineEnd(block[end])) end++;
    lines.push({ text: block.subarray(at, end), startByte: startByte + at, begins });
    at = end + lineEndAt(block, end);
  }
  return lines.reverse();
}

function lineEndAt(bytes: Buffer, at: number): number {
  return bytes[at] === CR && bytes[at + 1] === LF ? 2 : 1;
}

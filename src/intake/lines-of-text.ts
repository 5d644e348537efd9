// Lines of a stored text, found by reading it once more.
import { LineCounter } from '../core/csv/text/line-counter.ts';
import { NulLines } from '../core/csv/text/nul.ts';
import type { TextInspector } from '../core/csv/text/text-inspector.ts';
import type { UndecodablePlace } from '../core/csv/text/undecodable.ts';
import type { ByteRange } from '../core/csv/types.ts';

const BLOCK_BYTES = 1024 * 1024;

/** The lines of NULs are looked for now: where there are none, which is nearly always, nothing is read again. */
export async function undecodablePlaces(
  { undecodable, nuls }: TextInspector,
  read: (range: ByteRange) => Promise<Buffer>,
): Promise<readonly UndecodablePlace[]> {
  const last = nuls.at(-1);
  if (last === undefined) return undecodable;
  const lines = new NulLines(nuls);
  for await (const block of readBlocks(read, last.textByte + 1)) lines.push(block);
  return lines.places;
}

/** The line on which a stored text of so many bytes ends, from 1. */
export async function lineAt(read: (range: ByteRange) => Promise<Buffer>, bytes: number): Promise<number> {
  const lines = new LineCounter();
  for await (const block of readBlocks(read, bytes)) lines.push(block);
  return lines.line;
}

async function* readBlocks(
  read: (range: ByteRange) => Promise<Buffer>,
  bytes: number,
): AsyncGenerator<Buffer> {
  for (let startByte = 0; startByte < bytes; startByte += BLOCK_BYTES)
    yield await read({ startByte, endByte: Math.min(bytes, startByte + BLOCK_BYTES) });
}

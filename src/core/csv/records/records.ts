// Hands out a chunk's records: stretches of well-formed ones as bytes, broken ones as they stand.
import { listedParts, type ChunkRecords, type ListedRecords } from '../chunks/listed-parts.ts';
import type { RecordsOfFile } from '../chunks/scan-chunks.ts';
import { grammarOf } from '../grammar.ts';
import type { BrokenRecord, ByteRange, Dialect, LeftOut, Stretch, Unread } from '../types.ts';
import { behindMarks } from '../text/record-marks.ts';
import { incompleteTail } from '../text/utf8.ts';

/** Much of a broken record as is handed out: one can be as long as the file. */
export const MAX_BROKEN_TEXT_BYTES = 1024 * 1024;

export interface StretchReceiver {
  /** `bytes` are exactly the stretch's. */
  readonly stretch: (bytes: Buffer, stretch: Stretch) => void;
  /** `rawText` is the record as it stands in the file, without its last line end and the marks before it, cut at MAX_BROKEN_TEXT_BYTES. */
  readonly broken: (record: BrokenRecord, rawText: string) => void;
}

/**
 * Hands out a chunk in file order: each run of well-formed records, each broken one.
 * @param read gives a range of the stored file, good until it is called again; what is cut off of broken records is not
 *   asked for
 */
export async function readStretches(
  file: Pick<RecordsOfFile, 'dialect' | 'columns' | 'dataEnd'>,
  chunk: ChunkRecords,
  read: (range: ByteRange) => Promise<Buffer>,
  receiver: StretchReceiver,
): Promise<void> {
  const { markLeads } = grammarOf(file.dialect);
  for await (const part of listedParts(file, chunk, read)) await readPart(part, markLeads, read, receiver);
}

async function readPart(
  chunk: ListedRecords,
  markLeads: Uint8Array,
  read: (range: ByteRange) => Promise<Buffer>,
  receiver: StretchReceiver,
): Promise<void> {
  const long = chunk.broken.filter((broken) => broken.endByte - broken.startByte > MAX_BROKEN_TEXT_BYTES);
  let held: ByteRange = { startByte: chunk.startByte, endByte: chunk.startByte };
  let bytes: Buffer = Buffer.alloc(0);
  const bytesOf = async ({ startByte, endByte }: ByteRange): Promise<Buffer> => {
    if (endByte > held.endByte) {
      held = {
        startByte,
        endByte: long.find((broken) => broken.startByte >= startByte)?.startByte ?? chunk.endByte,
      };
      bytes = await read(held);
    }
    return bytes.subarray(startByte - held.startByte, endByte - held.startByte);
  };
  for (const [index, stretch] of wellFormedStretches(chunk).entries()) {
    if (stretch.endByte > stretch.startByte) receiver.stretch(await bytesOf(stretch), stretch);
    const broken = chunk.broken[index];
    if (broken === undefined || isLeftOut(broken)) continue;
    const { startByte } = broken;
    if (!long.includes(broken)) receiver.broken(broken, brokenText(await bytesOf(broken), false, markLeads));
    else
      receiver.broken(
        broken,
        brokenText(await read({ startByte, endByte: startByte + MAX_BROKEN_TEXT_BYTES }), true, markLeads),
      );
  }
}

/** Whether it is no record, so that the next one has its number. */
export function isLeftOut(unread: Unread): unread is LeftOut {
  return unread.reason === 'repeated-header' || unread.reason === 'no-value';
}

/** The stretches before, between and behind a chunk's broken records; always one more than those, some of them empty. */
export function wellFormedStretches(chunk: ListedRecords): Stretch[] {
  const stretches: Stretch[] = [];
  let { startByte, firstRow, firstLine } = chunk;
  for (const broken of chunk.broken) {
    stretches.push({
      startByte,
      endByte: broken.startByte,
      firstRow,
      firstLine,
      records: broken.row - firstRow,
    });
    startByte = broken.endByte;
    firstRow = isLeftOut(broken) ? broken.row : broken.row + 1;
    firstLine = broken.lineEnd + 1;
  }
  const records = chunk.firstRow + chunk.records - firstRow;
  stretches.push({ startByte, endByte: chunk.endByte, firstRow, firstLine, records });
  return stretches;
}

function brokenText(bytes: Buffer, isCut: boolean, markLeads: Uint8Array): string {
  const start = behindMarks(bytes, 0, bytes.length, markLeads);
  if (isCut) return bytes.toString('utf8', start, bytes.length - incompleteTail(bytes));
  return bytes.toString('utf8', start).replace(/\r?\n$|\r$/, '');
}

/** Cells of a broken record as good as they can be told: cut at each delimiter, quotes and line ends being text. */
export function splitBroken(rawText: string, dialect: Dialect): string[] {
  return rawText.split(dialect.delimiter);
}

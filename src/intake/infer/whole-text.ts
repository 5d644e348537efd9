// The whole text of a kept upload, to be read in ranges: in memory where the sample is all of it, else in the storage for a while.
import { randomFillSync } from 'node:crypto';
import { Readable } from 'node:stream';
import { createUuidV7 } from '../../core/uuid.ts';
import { LineCounter } from '../../core/csv/text/line-counter.ts';
import { keptFolder, keptKey } from '../../storage/keys.ts';
import type { InspectLimits } from '../inspect/inspect-upload.ts';
import {
  openKeptText,
  type KeptBytes,
  type Meant,
  type Sample,
  type SampleDeps,
} from '../inspect/read-sample.ts';
import type { ReadInto } from './read-ahead.ts';

export interface WholeText {
  readonly bytes: number;
  readonly read: ReadInto;
  /** It is several files of a ZIP archive, each without its footer. */
  readonly isJoined: boolean;
  /** Removes what was stored. May be called twice. */
  readonly close: () => Promise<void>;
}

const newId = createUuidV7(randomFillSync);

/** @throws AppError of the file kinds, for what comes to light behind the sample */
export async function openWholeText(
  deps: SampleDeps,
  kept: KeptBytes,
  meant: Meant,
  limits: InspectLimits,
  sample: Sample,
): Promise<WholeText> {
  const { isJoined } = sample;
  if (sample.isWhole) {
    const { text } = sample;
    return {
      bytes: text.length,
      isJoined,
      // A copy: records are unescaped in place.
      read: ({ startByte, endByte }) => Promise.resolve(Buffer.from(text.subarray(startByte, endByte))),
      close: () => Promise.resolve(),
    };
  }
  // Its own folder: what a crash leaves there is swept like that of an upload that was never recorded.
  const id = newId(Date.now());
  const key = keptKey(id);
  const close = (): Promise<void> => deps.storage.removeFolder(keptFolder(id));
  const { text, close: closeFile } = openKeptText(deps, kept, meant, limits);
  const lines = new LineCounter();
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const piece of text.read()) {
      lines.push(piece);
      yield piece;
    }
  }
  try {
    await deps.storage.write(key, Readable.from(counted(), { objectMode: false }));
    if (text.isRefused) throw text.refusal(lines.line);
  } catch (error) {
    await close();
    throw error;
  } finally {
    await closeFile();
  }
  return {
    bytes: text.length,
    isJoined,
    read: (range, room) => deps.storage.readBytes(key, range, room),
    close,
  };
}

import type { ByteRange } from '../../core/csv/types.ts';
import type { StorageKey } from '../storage.ts';

/** So much of a file is asked for at once, when it is read piece by piece from its beginning to its end. */
const WINDOW_BYTES = 16 * 1024 * 1024;

type Read = (key: StorageKey, range: ByteRange) => AsyncGenerator<Buffer>;
/** Gives how many bytes there were. */
type Fill = (key: StorageKey, range: ByteRange, into: Buffer) => Promise<number>;

/** A file that is being read in order: one answer of S3, of which more is on its way while what has come is worked on. */
interface Course {
  readonly key: StorageKey;
  at: number;
  readonly pieces: AsyncGenerator<Buffer>;
  /** What has come and was not asked for yet. */
  rest: Buffer;
  readonly endByte: number;
}

/**
 * Fills buffers from ranges of files. Who reads a file range by range, each where the last one has ended, waits for S3 once for many: each
 * request costs tens of milliseconds where S3 is far away.
 */
export class ReadAhead {
  readonly #read: Read;
  readonly #fill: Fill;
  #last: { readonly key: StorageKey; readonly endByte: number } | undefined;
  #course: Course | undefined;

  constructor(read: Read, fill: Fill) {
    this.#read = read;
    this.#fill = fill;
  }

  /** @returns how many bytes there were: fewer than asked for where the file ends */
  async fill(key: StorageKey, range: ByteRange, into: Buffer): Promise<number> {
    const isNext = this.#last?.key === key && this.#last.endByte === range.startByte;
    this.#last = { key, endByte: range.endByte };
    // Taken out while it is used: whoever comes meanwhile reads for himself.
    const open = this.#course;
    this.#course = undefined;
    const course =
      open?.key === key && open.at === range.startByte && open.endByte >= range.endByte ? open : undefined;
    if (open !== undefined && course === undefined) await open.pieces.return(undefined);
    if (course === undefined && !isNext) return this.#fill(key, range, into);
    const reading =
      course ?? this.#begin(key, range, Math.max(range.endByte, range.startByte + WINDOW_BYTES));
    const filled = await fillFrom(reading, into);
    if (filled === into.length && reading.at < reading.endByte) this.#course ??= reading;
    if (this.#course !== reading) await reading.pieces.return(undefined);
    return filled;
  }

  #begin(key: StorageKey, { startByte }: ByteRange, endByte: number): Course {
    const pieces = this.#read(key, { startByte, endByte });
    return { key, at: startByte, pieces, rest: Buffer.alloc(0), endByte };
  }
}

async function fillFrom(course: Course, into: Buffer): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    if (course.rest.length === 0) {
      const next = await course.pieces.next();
      if (next.done === true) break;
      course.rest = next.value;
    }
    const copied = course.rest.copy(into, filled);
    course.rest = course.rest.subarray(copied);
    filled += copied;
  }
  course.at += filled;
  return filled;
}

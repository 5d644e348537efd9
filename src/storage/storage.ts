// Where uploads and rejects are kept. One contract, one test suite that every storage runs (tests/storage/contract.ts).
import type { Readable } from 'node:stream';
import type { ByteRange } from '../core/csv/types.ts';

/** A key is `[a-z0-9/._-]+`, made by us alone: a user's file name never becomes one. */
export type StorageKey = string;

/** What a file is to whoever fetches it. */
export interface LinkedFile {
  /** `Content-Type`. */
  readonly type: string;
  /** Made by us alone. */
  readonly name: string;
}

export interface Storage {
  /**
   * Writes the whole stream under a key, atomically: the key exists complete or not at all, also after a crash.
   * A key that exists is replaced. Ends the stream; on failure removes what was written and throws the stream's error.
   * @returns the bytes written
   * @throws AppError STORAGE_FULL when there is no room, STORAGE_UNAVAILABLE (as all of these) when the storage does not answer or refuses us
   */
  write(key: StorageKey, source: Readable, signal?: AbortSignal): Promise<number>;
  /**
   * Gives a stored file a second key; it costs no room where the storage can share it. Atomic, as `write` is.
   * @throws AppError FILE_GONE, STORAGE_FULL
   */
  copy(from: StorageKey, to: StorageKey): Promise<void>;
  /** Reads a range, or all. The stream fails with AppError FILE_GONE when there is no such key. The caller ends it. */
  read(key: StorageKey, range?: ByteRange): Readable;
  /**
   * Reads a range into one buffer; for ranges of bounded size.
   * @param room gives memory of that many bytes to read into; new memory when left out
   * @throws AppError FILE_GONE
   */
  readBytes(key: StorageKey, range: ByteRange, room?: (bytes: number) => Buffer): Promise<Buffer>;
  /** Removes a key; one that is not there is no error. */
  remove(key: StorageKey): Promise<void>;
  /** Removes every key that begins with `prefix` (a folder, ending in `/`), and what is being written there; nothing there is no error. */
  removeFolder(prefix: StorageKey): Promise<void>;
  /** The folders directly below a prefix, with the time of their last change; what is being written changes its folder. For the sweep. */
  listFolders(prefix: StorageKey): AsyncIterable<{ key: StorageKey; changedAt: Date }>;
  /**
   * Removes what writes have left that never ended, for their process has died.
   * @param before those that have not grown since
   * @returns how many there were
   */
  removeUnfinished(before: Date): Promise<number>;
  /**
   * An address from which anybody may fetch a file for a while, without us between.
   * @returns undefined: this storage gives none
   */
  link(key: StorageKey, as: LinkedFile): Promise<string | undefined>;
  /** Throws when the storage cannot be written now; for readiness. */
  check(): Promise<void>;
}

import { Readable } from 'node:stream';
import type { Storage, StorageKey } from '../storage/storage.ts';
import type { InflateLimits } from './inflate-guard.ts';
import type { PartPlace } from './part-place.ts';
import type { SentBytes } from './sent-bytes.ts';
import type { SentCopy } from './sent-copy.ts';
import { openZip, type EntryOptions } from './unzip.ts';

/** Gives the text of one sheet of the workbook that is stored under the key. */
type ReadWorkbook = (key: StorageKey) => AsyncIterable<Buffer>;

/** A ZIP archive, or a workbook, is stored beside the file for as long as the file is taken out of it, or may raise a question. */
export class StoredArchive {
  entryName: string | null = null;
  /** Of several files that are one table; complete when they have been read. */
  parts: readonly PartPlace[] | undefined;
  /** How many records without a value were left out at the ends of its files, as far as they have been read. */
  emptyRecords = (): number => 0;
  /** Files of the archive that are not read. */
  passedOver: readonly string[] = [];
  readonly #storage: Storage;
  readonly #key: StorageKey;
  readonly #sent: SentBytes;
  readonly #limits: InflateLimits;
  readonly #options: EntryOptions;
  readonly #readWorkbook: ReadWorkbook;
  readonly #copy: SentCopy | undefined;

  constructor(
    storage: Storage,
    key: StorageKey,
    sent: SentBytes,
    limits: InflateLimits,
    options: EntryOptions,
    readWorkbook: ReadWorkbook,
    copy: SentCopy | undefined,
  ) {
    this.#storage = storage;
    this.#key = key;
    this.#sent = sent;
    this.#limits = limits;
    this.#options = options;
    this.#readWorkbook = readWorkbook;
    this.#copy = copy;
  }

  /** Gives the file in it, or the text of a sheet. */
  async *unzip(archive: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    this.#copy?.leaveTo(this.#key);
    await this.#storage.write(this.#key, Readable.from(archive, { objectMode: false }));
    const file = await openZip(this.#storage, this.#key, this.#sent.count, this.#limits, this.#options);
    if (file.kind === 'workbook') yield* this.#readWorkbook(this.#key);
    else {
      this.entryName = file.name;
      this.parts = file.parts;
      this.passedOver = file.passedOver;
      this.emptyRecords = file.emptyRecords ?? this.emptyRecords;
      yield* file.bytes;
    }
    // Otherwise it is closed with the copy.
    if (this.#copy === undefined) await this.#storage.remove(this.#key);
  }
}

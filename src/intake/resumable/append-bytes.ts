// Bytes that are sent to an upload go into the storage piece by piece. When the sender or this process is cut off, what is written down stays.
import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { isUnavailable } from '../../db/errors.ts';
import { addPieces, type Piece, type ResumableUpload } from '../../db/uploads/resumable.ts';
import { AppError } from '../../errors.ts';
import { pieceKey } from '../../storage/keys.ts';
import type { KeepDeps } from '../keep-upload.ts';

/** A piece ends after so many bytes, or after this time: so much is lost when this process is killed. */
const PIECE_BYTES = 32 * 1024 * 1024;
const PIECE_MS = 10_000;

export const CHECKSUMS = ['sha256', 'sha1', 'md5'] as const;

export interface Checksum {
  readonly algorithm: (typeof CHECKSUMS)[number];
  readonly digest: Buffer;
}

/**
 * Stores the bytes of a request behind those that are there. With a checksum all of them count, or none.
 * @returns how many bytes there are now
 * @throws AppError UPLOAD_OFFSET when others were faster; UPLOAD_CHECKSUM; UPLOAD_TRUNCATED when the request was cut, with what came before it
 *   written down; INVALID_REQUEST for more bytes than the upload has
 */
export async function appendBytes(
  deps: KeepDeps,
  upload: Pick<ResumableUpload, 'id' | 'length' | 'received'>,
  source: AsyncIterable<Buffer>,
  checksum: Checksum | undefined,
): Promise<number> {
  const { id, length } = upload;
  const bytes = new Incoming(source, length - upload.received, checksum?.algorithm);
  const held: Piece[] = [];
  let at = upload.received;
  try {
    while (await bytes.hasMore()) {
      const storageKey = pieceKey(id, at, randomUUID());
      const stored = await deps.storage.write(
        storageKey,
        Readable.from(bytes.piece(), { objectMode: false }),
      );
      held.push({ startByte: at, endByte: at + stored, storageKey });
      at += stored;
      if (checksum === undefined) await writeDown();
    }
    if (checksum !== undefined) {
      if (bytes.cut === undefined) requireChecksum(checksum, bytes.digest());
      // Of a request that was cut nobody knows whether its bytes are right.
      if (held.length > 0 && bytes.cut === undefined) await writeDown();
    }
  } catch (error) {
    // Nobody knows whether they were written down.
    if (isUnavailable(error)) held.length = 0;
    throw error;
  } finally {
    for (const { storageKey } of held)
      await deps.storage
        .remove(storageKey)
        .catch((error: unknown) =>
          deps.logger.warn({ err: error, upload: id }, 'a piece of an upload could not be removed'),
        );
  }
  if (bytes.cut !== undefined)
    throw new AppError(
      'UPLOAD_TRUNCATED',
      `The request was cut off. What came before is kept; HEAD says how much, and PATCH goes on from there.`,
      {},
      { cause: bytes.cut },
    );
  return at;

  async function writeDown(): Promise<void> {
    if (!(await addPieces(deps.database.db, id, held, deps.config.uploadHours))) throw otherOffset(id);
    held.length = 0;
  }
}

export function otherOffset(id: string): AppError {
  return new AppError(
    'UPLOAD_OFFSET',
    `The upload ${id} has more or fewer bytes than Upload-Offset says. Ask how many with HEAD, and send what follows.`,
  );
}

function requireChecksum({ algorithm, digest }: Checksum, sent: Buffer): void {
  if (!digest.equals(sent))
    throw new AppError(
      'UPLOAD_CHECKSUM',
      `The ${algorithm} of the bytes that came is not that of Upload-Checksum. None of this request was kept; send it again.`,
    );
}

/** The body of a request, in pieces. A cut is its end. */
class Incoming {
  readonly #source: AsyncIterator<Buffer>;
  readonly #hash: ReturnType<typeof createHash> | undefined;
  #left: number;
  #next: Buffer | undefined;
  /** Why it ended early. */
  cut: unknown;

  constructor(source: AsyncIterable<Buffer>, most: number, algorithm: string | undefined) {
    this.#source = source[Symbol.asyncIterator]();
    this.#left = most;
    this.#hash = algorithm === undefined ? undefined : createHash(algorithm);
  }

  async hasMore(): Promise<boolean> {
    this.#next ??= await this.#read();
    return this.#next !== undefined;
  }

  /** To be read to its end before the next one. */
  async *piece(): AsyncGenerator<Buffer> {
    const until = performance.now() + PIECE_MS;
    let bytes = 0;
    while (await this.hasMore()) {
      const next = this.#next!;
      this.#next = undefined;
      bytes += next.length;
      yield next;
      if (bytes >= PIECE_BYTES || performance.now() > until) return;
    }
  }

  digest(): Buffer {
    return this.#hash!.digest();
  }

  async #read(): Promise<Buffer | undefined> {
    if (this.cut !== undefined) return undefined;
    const { value, done } = await this.#source.next().catch((error: unknown) => {
      this.cut = error;
      return { value: undefined, done: true as const };
    });
    if (done === true || value === undefined) return undefined;
    this.#left -= value.length;
    if (this.#left < 0)
      throw new AppError(
        'INVALID_REQUEST',
        'The request has more bytes than are left of the upload (Upload-Length less Upload-Offset).',
      );
    this.#hash?.update(value);
    return value.length === 0 ? this.#read() : value;
  }
}

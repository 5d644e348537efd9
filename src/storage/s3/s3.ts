// Files in a bucket of S3. A key is complete or absent there too: what is sent in parts has a name only when the last part is in.
import { addAbortSignal, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ByteRange } from '../../core/csv/types.ts';
import { requireKey } from '../key.ts';
import type { Storage, StorageKey } from '../storage.ts';
import { copyObject } from './copy-object.ts';
import { isCut, told as failureOf } from './failures.ts';
import { listObjects } from './list-objects.ts';
import { ReadAhead } from './read-ahead.ts';
import { Silence } from './silence.ts';
import { abortFailed, abortUpload, lastGrowth, listUploads } from './unfinished.ts';

/** What S3 does not do in one go. */
export interface S3Limits {
  /** A larger file is copied in parts. */
  readonly largestCopyBytes: number;
  /** Of such a copy. */
  readonly copyPartBytes: number;
}

export interface S3Place extends Partial<S3Limits> {
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
  readonly client: S3Client;
  /** Signs addresses for clients; it may know S3 by another one than we do. */
  readonly linking: S3Client;
  readonly partBytes: number;
  readonly partsAtOnce: number;
  readonly linkSeconds: number;
}

/** A read that is cut is begun again where it was, as often without a byte in between. */
const READ_ATTEMPTS = 4;
/** S3 deletes no more in one request. */
const DELETED_AT_ONCE = 1000;
/** Readiness is asked for every few seconds, and each write costs. */
const CHECKED_FOR_MS = 10_000;

/** Makes a bucket, or a prefix in it, as a storage. */
export function createS3Storage(place: S3Place): Storage {
  const { client, bucket, prefix } = place;
  const silence = new Silence();
  let checkedAt = -Infinity;
  const objectOf = (key: StorageKey): string => prefix + requireKey(key);

  /** Every failure of S3 leaves through here. */
  const told = (error: unknown, key: StorageKey): unknown => silence.note(failureOf(error, key));

  async function speaking<T>(key: StorageKey, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw told(error, key);
    }
  }

  /** @returns undefined: the file ends before byte `at` */
  async function open(
    key: StorageKey,
    at: number,
    range: ByteRange | undefined,
    etag: string | undefined,
  ): Promise<{ readonly body: Readable; readonly etag: string | undefined } | undefined> {
    const target = { Bucket: bucket, Key: objectOf(key), ...rangeOf(at, range) };
    try {
      // A read that goes on must go on in the same file.
      const same = etag === undefined ? {} : { IfMatch: etag };
      const answer = await client.send(new GetObjectCommand({ ...target, ...same }));
      return { body: answer.Body as Readable, etag: answer.ETag };
    } catch (error) {
      // The client has asked more than once already.
      if (isBeyondEnd(error)) return undefined;
      throw told(error, key);
    }
  }

  async function* read(key: StorageKey, range?: ByteRange): AsyncGenerator<Buffer> {
    if (range !== undefined && range.endByte <= range.startByte) return;
    let at = range?.startByte ?? 0;
    let etag: string | undefined;
    for (let attempt = 1; ; attempt++) {
      const answer = await open(key, at, range, etag);
      if (answer === undefined) return;
      etag = answer.etag;
      try {
        for await (const piece of answer.body as AsyncIterable<Buffer>) {
          attempt = 0;
          at += piece.length;
          yield piece;
        }
        return;
      } catch (error) {
        if (!isCut(error) || attempt >= READ_ATTEMPTS) throw told(error, key);
      }
    }
  }

  /**
   * As `read`, at half its cost: to iterate over a stream joins its pieces before they are copied once more.
   * @returns how many bytes there were
   */
  async function fill(key: StorageKey, range: ByteRange, into: Buffer): Promise<number> {
    let filled = 0;
    let etag: string | undefined;
    for (let attempt = 1; filled < into.length; attempt++) {
      const answer = await open(key, range.startByte + filled, range, etag);
      if (answer === undefined) break;
      etag = answer.etag;
      answer.body.on('data', (piece: Buffer) => {
        attempt = 0;
        filled += piece.copy(into, filled);
      });
      try {
        await finished(answer.body);
        break;
      } catch (error) {
        if (!isCut(error) || attempt >= READ_ATTEMPTS) throw told(error, key);
      }
    }
    return filled;
  }

  const ahead = new ReadAhead(read, fill);

  async function readBytes(
    key: StorageKey,
    range: ByteRange,
    room: (bytes: number) => Buffer,
  ): Promise<Buffer> {
    const bytes = room(range.endByte - range.startByte);
    if ((await ahead.fill(key, range, bytes)) < bytes.length)
      throw new Error(`The file ${key} ends before byte ${range.endByte}`);
    return bytes;
  }

  async function write(key: StorageKey, source: Readable, signal?: AbortSignal): Promise<number> {
    let written = 0;
    /** What the source has failed with. A client that is gone may look like an S3 that is. */
    let broken: unknown;
    async function* pieces(): AsyncGenerator<Buffer> {
      try {
        for await (const piece of source as AsyncIterable<Buffer | string>) {
          const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
          written += bytes.length;
          yield bytes;
        }
      } catch (error) {
        throw (broken = error);
      }
    }
    let upload: Upload | undefined;
    try {
      const Key = objectOf(key);
      if (signal !== undefined) addAbortSignal(signal, source);
      upload = new Upload({
        client,
        params: { Bucket: bucket, Key, Body: Readable.from(pieces(), { objectMode: false }) },
        partSize: place.partBytes,
        queueSize: place.partsAtOnce,
        // We abort it: of a failure to do so nobody would learn why the upload had failed.
        leavePartsOnError: true,
      });
      await upload.done();
      return written;
    } catch (error) {
      const { uploadId } = upload ?? {};
      if (uploadId !== undefined) await abortFailed(place, { key: prefix + key, uploadId });
      throw error === broken ? error : told(error, key);
    } finally {
      source.destroy();
    }
  }

  async function remove(keys: readonly string[]): Promise<void> {
    const { Errors: [failed] = [] } = await client.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
      }),
    );
    if (failed === undefined) return;
    throw Object.assign(new Error(failed.Message ?? 'not deleted'), { name: failed.Code ?? 'Error' });
  }

  async function removeFolder(folder: string): Promise<void> {
    silence.refuse();
    for await (const upload of listUploads(place, folder)) await abortUpload(place, upload);
    let keys: string[] = [];
    for await (const { key } of listObjects(place, folder)) {
      keys.push(key);
      if (keys.length < DELETED_AT_ONCE) continue;
      await remove(keys);
      keys = [];
    }
    if (keys.length > 0) await remove(keys);
  }

  async function* listFolders(folder: string): AsyncGenerator<{ key: StorageKey; changedAt: Date }> {
    const nameOf = (key: string): string | undefined => /^[^/]+\//.exec(key.slice(folder.length))?.[0];
    // A slow sender takes long for a part: what is being written is changing until `removeUnfinished` ends it.
    const growing = new Set<string>();
    const now = new Date();
    for await (const upload of listUploads(place, folder)) {
      const name = nameOf(upload.key);
      if (name !== undefined) growing.add(name);
    }
    /** S3 lists by name, so what is in one folder comes together. */
    let open: { name: string; changedAt: Date } | undefined;
    const shown = ({ name, changedAt }: NonNullable<typeof open>): { key: StorageKey; changedAt: Date } => {
      const isGrowing = growing.delete(name);
      return { key: (folder + name).slice(prefix.length), changedAt: isGrowing ? now : changedAt };
    };
    for await (const { key, changedAt } of listObjects(place, folder)) {
      const name = nameOf(key);
      if (name === undefined) continue;
      if (open !== undefined && open.name !== name) yield shown(open);
      open = { name, changedAt: later(open?.name === name ? open.changedAt : undefined, changedAt) };
    }
    if (open !== undefined) yield shown(open);
    for (const name of growing) yield { key: (folder + name).slice(prefix.length), changedAt: now };
  }

  return {
    write,
    copy: (from, to) => speaking(from, () => copyObject(place, objectOf(from), objectOf(to))),
    read: (key, range) => Readable.from(read(key, range), { objectMode: false }),
    readBytes: (key, range, room = (size) => Buffer.allocUnsafe(size)) => readBytes(key, range, room),
    remove: (key) =>
      speaking(key, async () => {
        silence.refuse();
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: objectOf(key) }));
      }),
    removeFolder: (folder) => speaking(folder, () => removeFolder(objectOf(folder))),
    async *listFolders(folder) {
      try {
        yield* listFolders(objectOf(folder));
      } catch (error) {
        throw told(error, folder);
      }
    },
    removeUnfinished: (before) =>
      speaking(prefix, async () => {
        let removed = 0;
        for await (const upload of listUploads(place, prefix)) {
          if (upload.begunAt >= before || (await lastGrowth(place, upload)) >= before) continue;
          await abortUpload(place, upload);
          removed += 1;
        }
        return removed;
      }),
    link: (key, { type, name }) =>
      speaking(key, () =>
        getSignedUrl(
          place.linking,
          new GetObjectCommand({
            Bucket: bucket,
            Key: objectOf(key),
            ResponseContentType: type,
            ResponseContentDisposition: `attachment; filename="${name}"`,
          }),
          { expiresIn: place.linkSeconds },
        ),
      ),
    check: () =>
      speaking('check', async () => {
        if (performance.now() - checkedAt < CHECKED_FOR_MS) return;
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}.probe`, Body: 'ok' }));
        checkedAt = performance.now();
      }),
  };
}

function rangeOf(at: number, range: ByteRange | undefined): { Range?: string } {
  if (range !== undefined) return { Range: `bytes=${at}-${range.endByte - 1}` };
  return at === 0 ? {} : { Range: `bytes=${at}-` };
}

function isBeyondEnd(error: unknown): boolean {
  return error instanceof Error && error.name === 'InvalidRange';
}

function later(one: Date | undefined, other: Date): Date {
  return one !== undefined && one > other ? one : other;
}

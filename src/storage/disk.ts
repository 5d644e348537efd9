// Files in a folder. A key is complete or absent: bytes go to a `.part` beside it, are synced, then renamed.
import { createReadStream } from 'node:fs';
import {
  access,
  chmod,
  constants,
  copyFile,
  link,
  mkdir,
  open,
  opendir,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { ByteRange } from '../core/csv/types.ts';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../errors.ts';
import { requireKey } from './key.ts';
import type { Storage, StorageKey } from './storage.ts';

const READ_BLOCK_BYTES = 1024 * 1024;
const SYNC_EVERY_BYTES = 8 * 1024 * 1024;
/** Files hold what users have sent: nobody else on the machine may read them, whatever the umask. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** The one place where a key meets a path. */
function pathOf(root: string, key: StorageKey): string {
  return join(root, requireKey(key));
}

function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

function gone(key: StorageKey, cause: unknown): AppError {
  return new AppError('FILE_GONE', `The file ${key} is no longer in the storage.`, {}, { cause });
}

function full(cause: unknown): AppError {
  return new AppError(
    'STORAGE_FULL',
    'The storage has no room for the file. Make room, or send the file later.',
    {},
    { cause },
  );
}

/** A growing file changes its own time, not its folder's. Undefined when the folder is gone meanwhile. */
async function lastChange(folder: string): Promise<Date | undefined> {
  try {
    let newest = (await stat(folder)).mtime;
    for (const name of await readdir(folder)) {
      const mtime = await timeOf(join(folder, name));
      if (mtime !== undefined && mtime > newest) newest = mtime;
    }
    return newest;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Undefined for a file that is not there any more: a `.part` gets its name at any moment. */
async function timeOf(path: string): Promise<Date | undefined> {
  try {
    return (await stat(path)).mtime;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: FOLDER_MODE });
}

/** Makes the names in a folder survive a power cut. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a new file. Its bytes go to the disk while more are coming, so that little is left to wait for at the end.
 * @returns the bytes written
 */
async function writeSynced(path: string, source: Readable, signal?: AbortSignal): Promise<number> {
  const handle = await open(path, 'wx', FILE_MODE);
  // Synced before it is closed, and only then is the pipeline done.
  const file = handle.createWriteStream({ highWaterMark: READ_BLOCK_BYTES, flush: true });
  let synced = 0;
  let syncing: Promise<void> | undefined;
  file.on('drain', () => {
    if (syncing !== undefined || file.bytesWritten - synced < SYNC_EVERY_BYTES) return;
    synced = file.bytesWritten;
    syncing = handle
      .datasync()
      .catch((error: unknown) => void file.destroy(error as Error))
      .finally(() => (syncing = undefined));
  });
  await pipeline(source, file, ...(signal ? [{ signal }] : []));
  return file.bytesWritten;
}

async function* readBlocks(
  key: StorageKey,
  path: string,
  range: ByteRange | undefined,
): AsyncGenerator<Buffer> {
  if (range !== undefined && range.endByte <= range.startByte) return;
  try {
    yield* createReadStream(path, {
      highWaterMark: READ_BLOCK_BYTES,
      ...(range ? { start: range.startByte, end: range.endByte - 1 } : {}),
    }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw isErrno(error, 'ENOENT') ? gone(key, error) : error;
  }
}

/**
 * Makes a key's file: `make` fills a `.part` beside it, which then takes its name. Of a failure nothing is left.
 * @param from the key that is read, if one is
 */
async function putInPlace<T>(
  root: string,
  key: StorageKey,
  make: (part: string) => Promise<T>,
  from?: StorageKey,
): Promise<T> {
  const path = pathOf(root, key);
  const part = `${path}.${randomUUID()}.part`;
  try {
    await makeFolder(dirname(path));
    const made = await make(part);
    await rename(part, path);
    await sync(dirname(path));
    return made;
  } catch (error) {
    // Of two failures the first is told.
    await rm(part, { force: true }).catch(() => undefined);
    if (from !== undefined && isErrno(error, 'ENOENT')) throw gone(from, error);
    throw isErrno(error, 'ENOSPC', 'EDQUOT') ? full(error) : error;
  }
}

/** Files are never changed once they are written, so two names may share one. Not every file system has links. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (!isErrno(error, 'EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EXDEV')) throw error;
    await copyFile(source, target);
    await chmod(target, FILE_MODE);
    await sync(target);
  }
}

async function readRange(
  key: StorageKey,
  path: string,
  { startByte, endByte }: ByteRange,
  room: (bytes: number) => Buffer,
): Promise<Buffer> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw isErrno(error, 'ENOENT') ? gone(key, error) : error;
  });
  try {
    const bytes = room(endByte - startByte);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, startByte + filled);
      if (bytesRead === 0) throw new Error(`The file ${key} ends before byte ${endByte}`);
      filled += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

async function* listFolders(
  prefix: StorageKey,
  folder: string,
): AsyncGenerator<{ key: StorageKey; changedAt: Date }> {
  let entries;
  try {
    entries = await opendir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  for await (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const changedAt = await lastChange(join(folder, entry.name));
    if (changedAt !== undefined) yield { key: `${prefix}${entry.name}/`, changedAt };
  }
}

/** What a process has left that died in `putInPlace`. */
async function removeParts(root: string, before: Date): Promise<number> {
  let removed = 0;
  try {
    for await (const entry of await opendir(root, { recursive: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.part')) continue;
      const path = join(entry.parentPath, entry.name);
      const changedAt = await timeOf(path);
      if (changedAt === undefined || changedAt >= before) continue;
      await rm(path, { force: true });
      removed += 1;
    }
  } catch (error) {
    // A folder may go while it is looked through; the next sweep sees the rest.
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  return removed;
}

/** Throws when nothing can be written below the folder. */
async function probe(root: string): Promise<void> {
  await makeFolder(root);
  await access(root, constants.W_OK);
  const file = join(root, `.probe-${randomUUID()}`);
  await writeFile(file, '', { mode: FILE_MODE });
  await rm(file);
}

/** Makes a folder as a storage. */
export function createDiskStorage(root: string): Storage {
  return {
    async write(key, source, signal) {
      try {
        return await putInPlace(root, key, (part) => writeSynced(part, source, signal));
      } finally {
        // Also when it was never begun.
        source.destroy();
      }
    },
    copy: (from, to) => putInPlace(root, to, (part) => linkOrCopy(pathOf(root, from), part), from),
    read: (key, range) => Readable.from(readBlocks(key, pathOf(root, key), range), { objectMode: false }),
    readBytes: async (key, range, room = (size) => Buffer.allocUnsafe(size)) =>
      readRange(key, pathOf(root, key), range, room),
    remove: async (key) => rm(pathOf(root, key), { force: true }),
    removeFolder: async (prefix) => rm(pathOf(root, prefix), { recursive: true, force: true }),
    listFolders: (prefix) => listFolders(prefix, pathOf(root, prefix)),
    removeUnfinished: (before) => removeParts(root, before),
    link: () => Promise.resolve(undefined),
    check: () => probe(root),
  };
}

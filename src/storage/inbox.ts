// A folder in which other programs put files for Sluice: by SFTP, a network share, a nightly export. Nothing in it is ever changed.
import { open, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { AppError } from '../errors.ts';

export interface InboxFile {
  /** From the inbox's folder, with `/` between its parts. */
  readonly path: string;
  /** Changes with the content: size and time of the last change. */
  readonly version: string;
}

/**
 * Files whose path begins with `prefix`, by path. Left out are those that may still be written (changed less than `settleMs` ago), and what
 * begins with a dot, as programs name what is not whole yet. Symbolic links are not followed.
 * @param prefix of the path, as `nightly/` or `nightly/customers-`; it may end within a name
 * @throws AppError INVALID_REQUEST for a prefix that leads out of the inbox, UNAVAILABLE when the folder cannot be read
 */
export async function listInbox(folder: string, prefix: string, settleMs: number): Promise<InboxFile[]> {
  requireInside(prefix);
  const before = Date.now() - settleMs;
  const files: InboxFile[] = [];
  for (const path of await pathsBelow(folder, prefix)) {
    const { size, mtimeMs } = await stat(join(folder, path));
    if (mtimeMs <= before) files.push({ path, version: versionOf(size, mtimeMs) });
  }
  return files;
}

/** The bytes of a file as it was listed. Throws at the end when it has become another one meanwhile. */
export async function* readInbox(folder: string, { path, version }: InboxFile): AsyncGenerator<Buffer> {
  const file = await open(join(folder, path));
  try {
    // Not closed by the stream, so that the file can be looked at behind it.
    yield* file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>;
    const { size, mtimeMs } = await file.stat();
    if (versionOf(size, mtimeMs) !== version)
      throw new Error(`The file ${path} of the inbox was changed while it was read.`);
  } finally {
    await file.close();
  }
}

async function pathsBelow(folder: string, prefix: string): Promise<string[]> {
  const from = join(folder, prefix.endsWith('/') ? prefix : dirname(prefix));
  const entries = await readdir(from, { withFileTypes: true, recursive: true }).catch((error: unknown) => {
    throw new AppError(
      'UNAVAILABLE',
      `The folder ${from} of the inbox (SLUICE_INBOX_DIR) cannot be read: ${(error as Error).message}.`,
      {},
      { cause: error },
    );
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => path.startsWith(prefix) && !/(^|\/)\./.test(path))
    .sort();
}

function requireInside(prefix: string): void {
  if (!prefix.startsWith('/') && !prefix.includes('\0') && !prefix.split('/').includes('..')) return;
  throw new AppError(
    'INVALID_REQUEST',
    `The prefix "${prefix}" leads out of the inbox. Write it from the inbox's folder on, such as "nightly/".`,
    { prefix },
  );
}

function versionOf(size: number, mtimeMs: number): string {
  return `${size} bytes, changed ${new Date(mtimeMs).toISOString()}`;
}

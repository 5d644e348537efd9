// Files of a backup, each with its hash.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../errors.ts';
import type { WrittenFile } from './manifest.ts';

/** Writes a file that is not there yet, onto the disk. Ends the stream. */
export async function writeFileOf(path: string, ...source: [Readable, ...Transform[]]): Promise<WrittenFile> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const { through, written } = hashing();
  await pipeline([...source, through, createWriteStream(path, { mode: 0o600, flags: 'wx', flush: true })]);
  return written();
}

/** Passes on what it gets. */
function hashing(): { readonly through: Transform; readonly written: () => WrittenFile } {
  const hash = createHash('sha256');
  let bytes = 0;
  const through = new Transform({
    transform(block: Buffer, _encoding, done) {
      hash.update(block);
      bytes += block.length;
      done(null, block);
    },
  });
  return { through, written: () => ({ bytes, sha256: hash.digest('hex') }) };
}

/** @throws AppError CONFIG_INVALID when the file is not what was written */
export async function checkFile(folder: string, name: string, expected: WrittenFile): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const block of createReadStream(join(folder, name)) as AsyncIterable<Buffer>) {
      hash.update(block);
      bytes += block.length;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw damaged(`The file ${name} of the backup is missing.`);
  }
  if (bytes !== expected.bytes || hash.digest('hex') !== expected.sha256)
    throw damaged(
      `The file ${name} of the backup is not as it was written: ${bytes} bytes of ${expected.bytes}.`,
    );
}

function damaged(what: string): AppError {
  return new AppError(
    'CONFIG_INVALID',
    `${what} Nothing was restored. Take another backup, or a copy of this one.`,
  );
}

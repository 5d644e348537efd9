// A file for what does not fit into memory for a moment. It has no name, so whatever happens nothing of it is left.
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface ScratchFile {
  write(bytes: Buffer, at: number): void;
  /** Fills all of `into`. */
  read(into: Buffer, at: number): void;
  close(): void;
}

/** For threads that compute: every call waits for the disk. */
export function openScratchFile(folder: string): ScratchFile {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `scratch-${randomUUID()}`);
  const file = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return {
    write(bytes, at) {
      for (let done = 0; done < bytes.length;)
        done += writeSync(file, bytes, done, bytes.length - done, at + done);
    },
    read(into, at) {
      for (let done = 0; done < into.length;) {
        const read = readSync(file, into, done, into.length - done, at + done);
        if (read === 0) throw new Error(`The scratch file ends before byte ${at + done}`);
        done += read;
      }
    },
    close: () => closeSync(file),
  };
}

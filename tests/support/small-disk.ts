// A small file system of its own for a folder, to be filled. It takes the right to mount one, which root has.
import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface SmallDisk {
  /** Until not a byte more can be written. */
  fill(): Promise<void>;
  free(): Promise<void>;
  remove(): void;
}

const SIZE = 'size=64m';
const BALLAST_BYTES = 128 * 1024 * 1024;

/** @returns undefined without the right to mount */
export function mountSmallDisk(folder: string): SmallDisk | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', SIZE, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const ballast = join(folder, 'ballast');
  return {
    fill: () =>
      writeFile(ballast, Buffer.alloc(BALLAST_BYTES)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error;
      }),
    free: () => rm(ballast, { force: true }),
    remove: () => void execFileSync('umount', ['--lazy', folder]),
  };
}

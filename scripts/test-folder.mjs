// Where the tests keep their files: in memory, where there is enough of it. Each test has a database of its own, which is some 300 files, and some file
// systems take half a second of processor time to make so many anew (ext4 without a journal).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Linux keeps a file system in memory there. In a container it may be as small as 64 MB. */
const IN_MEMORY = '/dev/shm';
const PREFIX = 'sluice-tests-';
const GB = 2 ** 30;
/** A run takes less than 1 GB. */
const NEEDED = { room: 4 * GB, memory: 6 * GB };

/**
 * The folder for a run's temporary files, and what removes it. The system's own one, and nothing to remove, when TMPDIR names one, or memory
 * is short.
 */
export function openTestFolder() {
  if (process.env.TMPDIR !== undefined || !hasRoom()) return { path: os.tmpdir(), remove: () => undefined };
  removeLeftovers();
  const folder = fs.mkdtempSync(path.join(IN_MEMORY, `${PREFIX}${process.pid}-`));
  // Postgres may run as another user than we do, and has to pass.
  fs.chmodSync(folder, 0o711);
  return {
    path: folder,
    remove: () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function hasRoom() {
  try {
    fs.accessSync(IN_MEMORY, fs.constants.W_OK);
    const { bavail, bsize } = fs.statfsSync(IN_MEMORY);
    return bavail * bsize >= NEEDED.room && process.availableMemory() >= NEEDED.memory && mayRunPrograms();
  } catch {
    // No such folder: not Linux, or not ours to write into.
    return false;
  }
}

/** Tests put programs into their folders. */
function mayRunPrograms() {
  const mount = fs
    .readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[1] === IN_MEMORY);
  return mount === undefined || !mount.split(' ')[3].split(',').includes('noexec');
}

/** Of runs that were killed. */
function removeLeftovers() {
  for (const name of fs.readdirSync(IN_MEMORY)) {
    const pid = Number(/^sluice-tests-(\d+)-/.exec(name)?.[1]);
    if (pid > 0 && !isRunning(pid)) fs.rmSync(path.join(IN_MEMORY, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's counts as running: it is not ours to remove.
    return error.code !== 'ESRCH';
  }
}

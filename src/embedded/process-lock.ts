// A lock held by a living process. One that was killed leaves the file behind; the next taker sees that and takes over.
import { randomUUID } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startTimeOf } from './process-identity.ts';

export interface LockHolder {
  readonly pid: number;
  readonly startedAt: string | undefined;
  /** What the holder wants to be known by others, such as its URL. */
  readonly note: string;
}

export interface ProcessLock {
  readonly setNote: (note: string) => void;
  /** May be called twice. */
  readonly release: () => void;
}

export type LockAttempt =
  | { readonly taken: true; readonly lock: ProcessLock }
  | { readonly taken: false; readonly holder: LockHolder };

const POLL_MS = 100;
/** Clearing a stale lock takes microseconds: a guard this old belongs to a process that was killed in between. */
const GUARD_STALE_MS = 5000;

/** Takes the lock at `path`, or says who holds it. Its folder is made when missing. */
export async function takeLock(path: string): Promise<LockAttempt> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  for (;;) {
    const holder = readHolder(path);
    if (holder !== undefined && isAlive(holder)) return { taken: false, holder };
    if (holder !== undefined) {
      if (!clearStale(path)) await delay(POLL_MS);
      continue;
    }
    const mine: LockHolder = { pid: process.pid, startedAt: startTimeOf(process.pid), note: '' };
    if (createWithContent(path, mine)) return { taken: true, lock: heldLock(path, mine) };
  }
}

/** Who holds the lock at `path`; undefined when nobody does, or who did is gone. */
export function livingHolder(path: string): LockHolder | undefined {
  const holder = readHolder(path);
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

/** Waits until the lock is free, then takes it. */
export async function waitForLock(path: string): Promise<ProcessLock> {
  for (;;) {
    const attempt = await takeLock(path);
    if (attempt.taken) return attempt.lock;
    await delay(POLL_MS);
  }
}

function heldLock(path: string, mine: LockHolder): ProcessLock {
  let held = true;
  return {
    setNote: (note) => {
      const draft = writeDraft(path, { ...mine, note });
      renameSync(draft, path);
    },
    release: () => {
      if (held) rmSync(path, { force: true });
      held = false;
    },
  };
}

/** Content and name appear in the same instant: a reader never sees an empty lock. */
function createWithContent(path: string, holder: LockHolder): boolean {
  const draft = writeDraft(path, holder);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeDraft(path: string, holder: LockHolder): string {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  return draft;
}

/**
 * Removes the lock if it is (still) stale. The guard keeps a second taker, that saw the same stale lock a moment ago, from
 * removing the fresh one of the first. False when another process is just doing it.
 */
function clearStale(path: string): boolean {
  const guard = `${path}.clearing`;
  try {
    mkdirSync(guard, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const age = Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > GUARD_STALE_MS) rmSync(guard, { recursive: true, force: true });
    return false;
  }
  const holder = readHolder(path);
  if (holder !== undefined && !isAlive(holder)) rmSync(path, { force: true });
  rmdirSync(guard);
  return true;
}

function readHolder(path: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockHolder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return { pid: 0, startedAt: undefined, note: '' };
    throw error;
  }
}

function isAlive(holder: LockHolder): boolean {
  return holder.startedAt !== undefined && startTimeOf(holder.pid) === holder.startedAt;
}

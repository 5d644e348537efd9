// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a request that is sent again does not do its work twice.
// The fingerprint of a request is known only when its file has been read, so the key is reserved first and compared last.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Database } from '../../db/client.ts';
import {
  freeKey,
  renewKey,
  reserveKey,
  settleKey,
  type KeySlot,
  type SettledKey,
} from '../../db/imports/idempotency-keys.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import { SentBytes } from '../../intake/sent-bytes.ts';
import type { OpenUpload } from './open-upload.ts';

/** Visible ASCII, taken as it stands: quotes, which the draft asks for, are part of it. */
const KEY = /^[\x21-\x7e]{1,255}$/;
/** Renewals that may fail before a lease is lost. */
const RENEWALS_PER_LEASE = 3;

/** @throws AppError INVALID_REQUEST when there is a key that cannot be one; undefined when there is none */
export function readIdempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || (typeof key === 'string' && KEY.test(key))) return key;
  throw new AppError(
    'INVALID_REQUEST',
    'The header Idempotency-Key must be 1 to 255 visible ASCII characters, given once, such as a UUID.',
    { header: 'Idempotency-Key' },
  );
}

/** A request that may be sent again. */
export interface Asked {
  /** The user: keys are each user's own. */
  readonly userId: string;
  /** Undefined: it has none, and each sending is a request of its own. */
  readonly key: string | undefined;
  /** Of the import or the task that the request is about to make. */
  readonly id: string;
  /** What it says besides a file, as it was sent: a new option, or a new default, does not make an old request another one. */
  readonly says: Readonly<Record<string, string>>;
}

export interface Answered<T> {
  readonly answer: T;
  /** True when the request was sent before. */
  readonly replayed: boolean;
}

/**
 * Ties a key to what its request has made, in the transaction that records it.
 * @param sha256 of the request's file
 * @throws AppError IDEMPOTENCY_KEY_BUSY when the key was lost to another request
 */
export type Settle = (tx: Database, sha256?: string, answer?: SettledKey['answer']) => Promise<void>;

/** Of a request that has no file. */
const NO_FILE = '';

/**
 * Answers a request by doing its work, or as it was answered first. When the work fails the key is free again.
 * @param work what it does the first time; it calls `settle` when it has a key
 * @param replay what it answers when its work was done before
 * @throws AppError IDEMPOTENCY_KEY_BUSY while the first is under way, IDEMPOTENCY_KEY_REUSED when it said something else
 */
export async function answerOnce<T>(
  deps: ApiDeps,
  { userId, key, id, says }: Asked,
  work: (settle?: Settle) => Promise<T>,
  replay: (first: SettledKey) => Promise<T>,
): Promise<Answered<T>> {
  if (key === undefined) return { answer: await work(), replayed: false };
  const held = await holdKey(deps, { userId, key, importId: id }, says);
  if (held.kind === 'settled') return { answer: await replay(held.first), replayed: true };
  try {
    return { answer: await work(held.settle), replayed: false };
  } catch (error) {
    await held.free();
    throw error;
  } finally {
    held.close();
  }
}

/** A slot held while the work is done. */
interface HeldKey {
  readonly kind: 'held';
  readonly settle: Settle;
  /** Lets the request be sent again, if it was not settled. Never throws. */
  free(): Promise<void>;
  /** Stops renewing the lease. */
  close(): void;
}

async function holdKey(
  deps: ApiDeps,
  slot: KeySlot,
  says: Readonly<Record<string, string>>,
): Promise<HeldKey | { readonly kind: 'settled'; readonly first: SettledKey }> {
  const { db } = deps.database;
  const { lockMs, idempotencyKeyHours } = deps.config;
  const optionsHash = hashOptions(says);
  const reservation = await reserveKey(db, slot, optionsHash, lockMs);
  if (reservation.kind === 'busy') throw busy();
  if (reservation.kind === 'settled') {
    if (reservation.first.optionsHash !== optionsHash) throw reused('options', reservation.first);
    return reservation;
  }
  const ignore = (error: unknown): void =>
    deps.logger.debug({ err: error, importId: slot.importId }, 'an Idempotency-Key is left to its lease');
  const timer = setInterval(
    () => void renewKey(db, slot, lockMs).catch(ignore),
    lockMs / RENEWALS_PER_LEASE,
  ).unref();
  return {
    kind: 'held',
    async settle(tx, sha256 = NO_FILE, answer = null) {
      const settled = { sha256, answer, keepHours: idempotencyKeyHours };
      if (!(await settleKey(tx, slot, settled))) throw busy();
    },
    free: () => freeKey(db, slot).catch(ignore),
    close: () => clearInterval(timer),
  };
}

/** Reads the file of a repeated request, keeping nothing. @throws AppError IDEMPOTENCY_KEY_REUSED when it is not the file of the first */
export async function requireSameFile(
  upload: OpenUpload,
  first: SettledKey,
  maxUploadBytes: number,
): Promise<void> {
  const file = new SentBytes(upload.bytes(), maxUploadBytes);
  for await (const chunk of file.read()) void chunk;
  if (file.sha256() !== first.sha256) throw reused('file', first);
}

function hashOptions(options: Readonly<Record<string, string>>): string {
  const entries = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex');
}

function busy(): AppError {
  return new AppError(
    'IDEMPOTENCY_KEY_BUSY',
    'A request with this Idempotency-Key is under way. Send this one again in a few seconds to get the same answer.',
  );
}

function reused(what: 'options' | 'file', first: SettledKey): AppError {
  const again = 'Send another request with a key of its own; nothing was kept.';
  // Of a change of records the answer is kept, and there is nothing to look at.
  if (first.answer !== null && 'written' in first.answer)
    return new AppError(
      'IDEMPOTENCY_KEY_REUSED',
      `This Idempotency-Key was sent with another request before. ${again}`,
      { differs: 'request' },
    );
  return new AppError(
    'IDEMPOTENCY_KEY_REUSED',
    `This Idempotency-Key was sent with ${what === 'file' ? 'another file' : 'other options'} before, for a request that made ${first.importId}. ${again}`,
    { differs: what, importId: first.importId },
  );
}

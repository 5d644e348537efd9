// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): an upload that is sent again is not a second import.
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
import { uploadBroken, type OpenUpload } from './open-upload.ts';
import { tooLarge } from '../../intake/too-large.ts';

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
    'The header Idempotency-Key must be 1 to 255 visible ASCII characters, given once. A UUID is a good one.',
    { header: 'Idempotency-Key' },
  );
}

/** A slot held while an upload is received. */
export interface HeldKey {
  readonly kind: 'held';
  /** Ties the slot to the import, in the transaction that records it. @throws AppError IDEMPOTENCY_KEY_BUSY when it was lost */
  settle(tx: Database, sha256: string): Promise<void>;
  /** Lets the request be sent again, if it was not settled. Never throws. */
  free(): Promise<void>;
  /** Stops renewing the lease. */
  close(): void;
}

/**
 * Reserves a key for a request, or finds what became of the first one.
 * @throws AppError IDEMPOTENCY_KEY_BUSY while the first is under way, IDEMPOTENCY_KEY_REUSED when its options were others
 */
export async function holdKey(
  deps: ApiDeps,
  slot: KeySlot,
  options: Readonly<Record<string, string>>,
): Promise<HeldKey | { readonly kind: 'settled'; readonly first: SettledKey }> {
  const { db } = deps.database;
  const { lockMs, idempotencyKeyHours } = deps.config;
  const optionsHash = hashOptions(options);
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
    async settle(tx, sha256) {
      if (!(await settleKey(tx, slot, sha256, idempotencyKeyHours))) throw busy();
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
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    // As in store-upload.ts: the request must stay whole to be answered.
    for await (const chunk of upload.file.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxUploadBytes) throw tooLarge(maxUploadBytes);
      hash.update(chunk);
    }
    await upload.finish();
  } catch (error) {
    throw uploadBroken(error);
  }
  if (hash.digest('hex') !== first.sha256) throw reused('file', first);
}

/** As they were sent: a new option, or a new default, does not make an old request another one. */
function hashOptions(options: Readonly<Record<string, string>>): string {
  const entries = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex');
}

function busy(): AppError {
  return new AppError(
    'IDEMPOTENCY_KEY_BUSY',
    'A request with this Idempotency-Key is under way. Send this one again in some seconds to get its answer.',
  );
}

function reused(what: 'options' | 'file', first: SettledKey): AppError {
  return new AppError(
    'IDEMPOTENCY_KEY_REUSED',
    `This Idempotency-Key was sent with ${what === 'file' ? 'another file' : 'other options'} before (import ${first.importId}). Send another upload with a key of its own; nothing was kept.`,
    { differs: what, importId: first.importId },
  );
}

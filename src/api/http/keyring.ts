// Who a key belongs to. Remembers what Postgres said for a second, so that a client polling its task costs one query, not two.
import { hashApiKey } from '../../core/access/api-key.ts';
import { findValidKey, touchApiKey, type ApiKeyRow } from '../../db/access/api-keys.ts';
import type { Database } from '../../db/client.ts';
import type { Logger } from '../../logger.ts';
import type { BadKeyLimit } from './bad-key-limit.ts';
import type { RequestUser } from './fastify.ts';

/** A key revoked by another process opens this API for so long at most; one revoked here is forgotten at once. */
const REMEMBER_MS = 1000;
const MOST_REMEMBERED = 10_000;
const TOUCH_AFTER_MS = 60_000;

interface Entry {
  readonly user: RequestUser;
  readonly expiresAt: number;
  readonly forgetAt: number;
}

export class Keyring {
  readonly #db: Database;
  readonly #logger: Logger;
  readonly #badKeys: BadKeyLimit;
  readonly #entries = new Map<string, Entry>();
  readonly #asked = new Map<string, Promise<RequestUser | undefined>>();
  /** Keys that were good when they were last looked up: these are looked up again whatever else comes from their address. */
  readonly #good = new Set<string>();
  #changes = 0;

  constructor(db: Database, logger: Logger, badKeys: BadKeyLimit) {
    this.#db = db;
    this.#logger = logger;
    this.#badKeys = badKeys;
  }

  /**
   * The user a key belongs to; undefined when it is unknown, expired or revoked.
   * @param address where it comes from
   * @throws AppError RATE_LIMITED when too many keys that open nothing have come from there
   */
  async find(text: string, address: string): Promise<RequestUser | undefined> {
    const hash = hashApiKey(text);
    const id = hash.toString('base64');
    const entry = this.#entries.get(id);
    const now = Date.now();
    if (entry !== undefined && now < entry.forgetAt) return now < entry.expiresAt ? entry.user : undefined;
    return this.#asked.get(id) ?? this.#ask(id, hash, address);
  }

  /** Many requests at once, with a key that is not remembered any more, ask once. */
  async #ask(id: string, hash: Buffer, address: string): Promise<RequestUser | undefined> {
    const asked = this.#lookWithinLimit(id, hash, address);
    this.#asked.set(id, asked);
    try {
      return await asked;
    } finally {
      if (this.#asked.get(id) === asked) this.#asked.delete(id);
    }
  }

  async #lookWithinLimit(id: string, hash: Buffer, address: string): Promise<RequestUser | undefined> {
    const end = this.#good.has(id) ? undefined : this.#badKeys.begin(address);
    let isBad = false;
    try {
      const user = await this.#look(id, hash);
      isBad = user === undefined;
      return user;
    } finally {
      end?.(!isBad);
    }
  }

  async #look(id: string, hash: Buffer): Promise<RequestUser | undefined> {
    const changes = this.#changes;
    const now = Date.now();
    const key = await findValidKey(this.#db, hash);
    if (key === undefined) {
      this.#entries.delete(id);
      this.#good.delete(id);
      return undefined;
    }
    const user = { ...key.user, keyId: key.id, scope: { datasets: key.datasets, verbs: key.verbs } };
    // What was read before a change may be what it changed.
    if (changes === this.#changes) {
      if (this.#entries.size >= MOST_REMEMBERED) this.#entries.clear();
      const expiresAt = key.expiresAt?.getTime() ?? Infinity;
      this.#entries.set(id, { user, expiresAt, forgetAt: now + REMEMBER_MS });
    }
    if (this.#good.size >= MOST_REMEMBERED) this.#good.clear();
    this.#good.add(id);
    this.#touch(key, now);
    return user;
  }

  /** After a change of users or keys. */
  forget(): void {
    this.#changes++;
    this.#entries.clear();
    this.#asked.clear();
  }

  /** Nobody waits for it, and a failure harms nobody. */
  #touch(key: ApiKeyRow, now: number): void {
    const isRecent = key.lastUsedAt !== null && now - key.lastUsedAt.getTime() < TOUCH_AFTER_MS;
    const isSignedOut =
      key.signedOutAt !== null && key.lastUsedAt !== null && key.signedOutAt >= key.lastUsedAt;
    if (isRecent && !isSignedOut) return;
    touchApiKey(this.#db, key.id).catch((error: unknown) =>
      this.#logger.debug({ err: error }, 'the last use of a key could not be noted'),
    );
  }
}

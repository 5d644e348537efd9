// Who a key belongs to. Remembers what Postgres said for a second, so that a client polling its task costs one query, not two.
import { hashApiKey } from '../../core/api-key.ts';
import { findValidKey, touchApiKey, type ApiKeyRow } from '../../db/api-keys.ts';
import type { Database } from '../../db/client.ts';
import type { Logger } from '../../logger.ts';
import type { RequestUser } from '../fastify.ts';

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
  readonly #entries = new Map<string, Entry>();

  constructor(db: Database, logger: Logger) {
    this.#db = db;
    this.#logger = logger;
  }

  /** The user a key belongs to; undefined when it is unknown, expired or revoked. */
  async find(text: string): Promise<RequestUser | undefined> {
    const hash = hashApiKey(text);
    const id = hash.toString('base64');
    const entry = this.#entries.get(id);
    const now = Date.now();
    if (entry !== undefined && now < entry.forgetAt) return now < entry.expiresAt ? entry.user : undefined;
    const key = await findValidKey(this.#db, hash);
    if (key === undefined) {
      this.#entries.delete(id);
      return undefined;
    }
    if (this.#entries.size >= MOST_REMEMBERED) this.#entries.clear();
    const user = { ...key.user, keyId: key.id };
    this.#entries.set(id, {
      user,
      expiresAt: key.expiresAt?.getTime() ?? Infinity,
      forgetAt: now + REMEMBER_MS,
    });
    this.#touch(key, now);
    return user;
  }

  /** After a change of users or keys. */
  forget(): void {
    this.#entries.clear();
  }

  /** Nobody waits for it, and a failure harms nobody. */
  #touch(key: ApiKeyRow, now: number): void {
    if (key.lastUsedAt !== null && now - key.lastUsedAt.getTime() < TOUCH_AFTER_MS) return;
    touchApiKey(this.#db, key.id).catch((error: unknown) =>
      this.#logger.debug({ err: error }, 'the last use of a key could not be noted'),
    );
  }
}

import { randomFillSync } from 'node:crypto';
import { and, desc, eq, gt, isNull, lt, or, sql } from 'drizzle-orm';
import { apiKeyPrefix, hashApiKey } from '../core/api-key.ts';
import type { Role } from '../core/roles.ts';
import { createUuidV7 } from '../core/uuid.ts';
import type { Database } from './client.ts';
import { apiKeys, users } from './schema.ts';
import { findUserByEmail, insertUser, updateUser } from './users.ts';

export type ApiKeyRow = Omit<typeof apiKeys.$inferSelect, 'hash'>;
export type NewApiKey = Pick<
  typeof apiKeys.$inferInsert,
  'id' | 'userId' | 'name' | 'expiresAt' | 'createdBy'
>;

/** A key with its user. */
export interface ApiKeyWithUser extends ApiKeyRow {
  readonly user: { readonly id: string; readonly name: string; readonly email: string; readonly role: Role };
}

const keyColumns = {
  id: apiKeys.id,
  userId: apiKeys.userId,
  name: apiKeys.name,
  prefix: apiKeys.prefix,
  expiresAt: apiKeys.expiresAt,
  revokedAt: apiKeys.revokedAt,
  lastUsedAt: apiKeys.lastUsedAt,
  createdAt: apiKeys.createdAt,
  createdBy: apiKeys.createdBy,
};
const userColumns = { id: users.id, name: users.name, email: users.email, role: users.role };

/** Keeps the hash and the prefix of `text`; the text itself is nowhere. */
export async function insertApiKey(db: Database, key: NewApiKey, text: string): Promise<ApiKeyRow> {
  const [row] = await db
    .insert(apiKeys)
    .values({ ...key, hash: hashApiKey(text), prefix: apiKeyPrefix(text) })
    .returning(keyColumns);
  return row!;
}

/** The key that is valid now: known, not revoked, not expired. One look into the index on the hash. */
export async function findValidKey(db: Database, hash: Buffer): Promise<ApiKeyWithUser | undefined> {
  const [row] = await db
    .select({ ...keyColumns, user: userColumns })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(
      and(
        eq(apiKeys.hash, hash),
        isNull(apiKeys.revokedAt),
        or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, sql`now()`)),
      ),
    );
  return row;
}

/** Newest first (ids are UUID v7); those before `beforeId`. */
export async function listApiKeys(
  db: Database,
  page: { limit: number; beforeId?: string },
): Promise<ApiKeyWithUser[]> {
  return db
    .select({ ...keyColumns, user: userColumns })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(page.beforeId === undefined ? undefined : lt(apiKeys.id, page.beforeId))
    .orderBy(desc(apiKeys.id))
    .limit(page.limit);
}

/** Keys whose id is `text`, or whose prefix begins with it. */
export async function findKeysByName(db: Database, text: string): Promise<ApiKeyWithUser[]> {
  return db
    .select({ ...keyColumns, user: userColumns })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(or(sql`${apiKeys.id}::text = ${text}`, sql`starts_with(${apiKeys.prefix}, ${text})`));
}

/** From now on the key opens nothing. Revoking again changes nothing. @returns whether there is such a key */
export async function revokeApiKey(db: Database, id: string): Promise<boolean> {
  const rows = await db
    .update(apiKeys)
    .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, now())` })
    .where(eq(apiKeys.id, id))
    .returning({ id: apiKeys.id });
  return rows.length > 0;
}

/** Notes that a key is in use, once a minute at most. */
export async function touchApiKey(db: Database, id: string): Promise<void> {
  await db
    .update(apiKeys)
    .set({ lastUsedAt: sql`now()` })
    .where(
      and(
        eq(apiKeys.id, id),
        or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, sql`now() - interval '1 minute'`)),
      ),
    );
}

/** Any number, the same in every version of Sluice. */
const ADMIN_KEY_LOCK = 7_548_214;
const ADMIN_EMAIL = 'admin@localhost';

/**
 * Sees to it that a key given from outside opens the API as the user `admin`. A key that is known stays as it is, also
 * when it was revoked. Safe to run from many processes at once.
 * @returns whether the key had to be added
 */
export async function ensureAdminKey(db: Database, key: string): Promise<boolean> {
  const newId = createUuidV7(randomFillSync);
  return db.transaction(async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${ADMIN_KEY_LOCK})`);
    if (await isKnownKey(tx, key)) return false;
    const known = await findUserByEmail(tx, ADMIN_EMAIL);
    const user =
      known ??
      (await insertUser(tx, { id: newId(Date.now()), name: 'admin', email: ADMIN_EMAIL, role: 'admin' }));
    // Who sets a new admin key wants an admin, whatever became of that user.
    if (user.role !== 'admin') await updateUser(tx, user.id, { role: 'admin' });
    await insertApiKey(tx, { id: newId(Date.now()), userId: user.id, name: 'SLUICE_ADMIN_KEY' }, key);
    return true;
  });
}

/** Known, though perhaps expired or revoked. */
async function isKnownKey(db: Database, text: string): Promise<boolean> {
  const [row] = await db
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(eq(apiKeys.hash, hashApiKey(text)));
  return row !== undefined;
}

import { randomFillSync } from 'node:crypto';
import { and, desc, eq, getTableColumns, gt, isNull, lt, lte, or, sql } from 'drizzle-orm';
import { apiKeyPrefix, hashApiKey } from '../../core/access/api-key.ts';
import type { KeyScope } from '../../core/access/key-scope.ts';
import type { Role } from '../../core/access/roles.ts';
import { createUuidV7 } from '../../core/uuid.ts';
import type { Database } from '../client.ts';
import { apiKeys, bootstrapAdmins, users } from '../schema/access.ts';
import { creators, findUserByEmail, insertUser, toCreator, updateUser, type Creator } from './users.ts';
import { inTransaction, type Connection } from '../transaction.ts';

export type NewApiKey = Pick<
  typeof apiKeys.$inferInsert,
  'id' | 'userId' | 'name' | 'expiresAt' | 'createdBy' | 'datasets' | 'verbs'
>;

/** A key with its user; its hash stays in the database. */
export interface ApiKeyRow extends KeyScope {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  /** When its user last said that they stop working. */
  readonly signedOutAt: Date | null;
  readonly createdAt: Date;
  readonly createdBy: Creator;
  readonly user: { readonly id: string; readonly name: string; readonly email: string; readonly role: Role };
}

function selectKeys(db: Database) {
  const { userId: _userId, hash: _hash, ...columns } = getTableColumns(apiKeys);
  return db
    .select({
      key: columns,
      user: { id: users.id, name: users.name, email: users.email, role: users.role },
      creatorName: creators.name,
    })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .leftJoin(creators, eq(creators.id, apiKeys.createdBy))
    .$dynamic();
}

type SelectedKey = Awaited<ReturnType<typeof selectKeys>>[number];

function toKeyRow({ key, user, creatorName }: SelectedKey): ApiKeyRow {
  return { ...key, user, createdBy: toCreator(key.createdBy, creatorName) };
}

/** Keeps the hash and the prefix of `text`; the text itself is nowhere. */
export async function insertApiKey(db: Database, key: NewApiKey, text: string): Promise<void> {
  await db.insert(apiKeys).values({ ...key, hash: hashApiKey(text), prefix: apiKeyPrefix(text) });
}

export async function findApiKey(db: Database, id: string): Promise<ApiKeyRow | undefined> {
  const [row] = await selectKeys(db).where(eq(apiKeys.id, id));
  return row && toKeyRow(row);
}

/** The key that is valid now: known, not revoked, not expired. One look into the index on the hash. */
export async function findValidKey(db: Database, hash: Buffer): Promise<ApiKeyRow | undefined> {
  const [row] = await selectKeys(db).where(
    and(
      eq(apiKeys.hash, hash),
      isNull(apiKeys.revokedAt),
      or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, sql`now()`)),
    ),
  );
  return row && toKeyRow(row);
}

/** Newest first (ids are UUID v7); those before `beforeId`. */
export async function listApiKeys(
  db: Database,
  page: { limit: number; beforeId: string | undefined },
): Promise<ApiKeyRow[]> {
  const rows = await selectKeys(db)
    .where(page.beforeId === undefined ? undefined : lt(apiKeys.id, page.beforeId))
    .orderBy(desc(apiKeys.id))
    .limit(page.limit);
  return rows.map(toKeyRow);
}

/** Keys whose id is `text`, or whose prefix begins with it. */
export async function findKeysByName(db: Database, text: string): Promise<ApiKeyRow[]> {
  const rows = await selectKeys(db).where(
    or(sql`${apiKeys.id}::text = ${text}`, sql`starts_with(${apiKeys.prefix}, ${text})`),
  );
  return rows.map(toKeyRow);
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

/** Notes that a key is in use, once a minute at most, and at its first use after a sign-out. */
export async function touchApiKey(db: Database, id: string): Promise<void> {
  await db
    .update(apiKeys)
    .set({ lastUsedAt: sql`now()` })
    .where(
      and(
        eq(apiKeys.id, id),
        or(
          isNull(apiKeys.lastUsedAt),
          lt(apiKeys.lastUsedAt, sql`now() - interval '1 minute'`),
          and(lte(apiKeys.lastUsedAt, apiKeys.signedOutAt), gt(sql`now()`, apiKeys.signedOutAt)),
        ),
      ),
    );
}

/** What is under way with the key does not make its user active again. */
const SIGN_OUT_MS = 1000;

/** The user of the key has stopped working: they are active again when they use it again. */
export async function signOut(db: Database, id: string): Promise<void> {
  await db
    .update(apiKeys)
    .set({ signedOutAt: sql`now() + ${SIGN_OUT_MS} * interval '1 millisecond'` })
    .where(eq(apiKeys.id, id));
}

export interface ActiveUser {
  readonly [key: string]: unknown;
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly lastUsedAt: string;
}

/** Who has used the API in the last minutes and has not signed out since, the last one first. */
export async function listActiveUsers(db: Database, minutes: number): Promise<ActiveUser[]> {
  const { rows } = await db.execute<ActiveUser>(sql`
    SELECT u.id, u.name, u.role, to_char(max(k.last_used_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "lastUsedAt"
      FROM ${apiKeys} k JOIN ${users} u ON u.id = k.user_id
     WHERE k.last_used_at > now() - ${minutes} * interval '1 minute' AND k.last_used_at > coalesce(k.signed_out_at, '-infinity')
       AND k.revoked_at IS NULL
     GROUP BY u.id, u.name, u.role ORDER BY max(k.last_used_at) DESC, u.id`);
  return rows;
}

/** Any number, the same in every version of Sluice. */
const ADMIN_KEY_LOCK = 7_548_214;
const ADMIN_EMAIL = 'admin@localhost';

/**
 * What became of a key given from outside. `added`: from now on it opens the API as the user `admin`; `known`: it does already. All others
 * open nothing, because an admin has decided so: the key was revoked or has expired, its user was removed, or is no admin any more.
 */
export type AdminKeyState = 'added' | 'known' | 'revoked' | 'expired' | 'user-removed' | 'user-demoted';

/**
 * Sees to it that a key given from outside opens the API as the user `admin`, unless an admin has taken that back: a key that was revoked
 * stays revoked, and a user who was removed stays removed, whatever key is given. Safe to run from many processes at once.
 */
export async function ensureAdminKey(db: Connection, key: string): Promise<AdminKeyState> {
  const newId = createUuidV7(randomFillSync);
  return inTransaction(db, async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${ADMIN_KEY_LOCK})`);
    const known = await stateOfKey(tx, key);
    if (known !== undefined) return known;
    const before = await lastBootstrapAdmin(tx);
    if (before?.role === null) return 'user-removed';
    if (before !== undefined && before.role !== 'admin') return 'user-demoted';
    const userId = before?.userId ?? (await newAdmin(tx, newId));
    await insertApiKey(tx, { id: newId(Date.now()), userId, name: 'SLUICE_ADMIN_KEY' }, key);
    return 'added';
  });
}

/** The role is null when the user was removed. */
async function lastBootstrapAdmin(db: Database): Promise<{ userId: string; role: Role | null } | undefined> {
  const [row] = await db
    .select({ userId: bootstrapAdmins.userId, role: users.role })
    .from(bootstrapAdmins)
    .leftJoin(users, eq(users.id, bootstrapAdmins.userId))
    .orderBy(desc(bootstrapAdmins.createdAt))
    .limit(1);
  return row;
}

/** Who has the address already becomes the admin: then nobody was one by a key from outside before. @returns the user's id */
async function newAdmin(db: Database, newId: (nowMs: number) => string): Promise<string> {
  const known = await findUserByEmail(db, ADMIN_EMAIL);
  const id = known?.id ?? newId(Date.now());
  if (known === undefined) await insertUser(db, { id, name: 'admin', email: ADMIN_EMAIL, role: 'admin' });
  else await updateUser(db, id, { role: 'admin' });
  await db.insert(bootstrapAdmins).values({ userId: id });
  return id;
}

/** Undefined for a key that was never seen. */
async function stateOfKey(db: Database, text: string): Promise<AdminKeyState | undefined> {
  const [row] = await db
    .select({
      revokedAt: apiKeys.revokedAt,
      expired: sql<boolean>`coalesce(${apiKeys.expiresAt} <= now(), false)`,
    })
    .from(apiKeys)
    .where(eq(apiKeys.hash, hashApiKey(text)));
  if (row === undefined) return undefined;
  if (row.revokedAt !== null) return 'revoked';
  return row.expired ? 'expired' : 'known';
}

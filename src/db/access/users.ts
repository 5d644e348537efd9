import { asc, desc, eq, lt, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Role } from '../../core/access/roles.ts';
import type { Database } from '../client.ts';
import { users } from '../schema/access.ts';

export type NewUser = Omit<typeof users.$inferInsert, 'createdAt'>;

/** Who made something: null for the command line and for Sluice itself. A creator who is gone has no name any more. */
export type Creator = { readonly id: string; readonly name: string | null } | null;

export interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly createdBy: Creator;
}

/** The index that keeps e-mail addresses apart, whatever their case. */
export const USERS_EMAIL_KEY = 'users_email_key';

/** The users who made what a query reads. Join them by `createdBy`, and read the row's creator with `toCreator`. */
export const creators = alias(users, 'creators');

export function toCreator(id: string | null, name: string | null): Creator {
  return id === null ? null : { id, name };
}

function selectUsers(db: Database) {
  return db
    .select({ user: users, creatorName: creators.name })
    .from(users)
    .leftJoin(creators, eq(creators.id, users.createdBy))
    .$dynamic();
}

function toUserRow(row: { user: typeof users.$inferSelect; creatorName: string | null }): UserRow {
  return { ...row.user, createdBy: toCreator(row.user.createdBy, row.creatorName) };
}

/** A second user with the same e-mail address breaks USERS_EMAIL_KEY (Postgres 23505). */
export async function insertUser(db: Database, user: NewUser): Promise<void> {
  await db.insert(users).values(user);
}

export async function findUser(db: Database, id: string): Promise<UserRow | undefined> {
  const [row] = await selectUsers(db).where(eq(users.id, id));
  return row && toUserRow(row);
}

export async function findUserByEmail(db: Database, email: string): Promise<UserRow | undefined> {
  const [row] = await selectUsers(db).where(sql`lower(${users.email}) = lower(${email})`);
  return row && toUserRow(row);
}

/** Newest first (ids are UUID v7); those before `beforeId`. */
export async function listUsers(
  db: Database,
  page: { limit: number; beforeId: string | undefined },
): Promise<UserRow[]> {
  const rows = await selectUsers(db)
    .where(page.beforeId === undefined ? undefined : lt(users.id, page.beforeId))
    .orderBy(desc(users.id))
    .limit(page.limit);
  return rows.map(toUserRow);
}

/** Breaks USERS_EMAIL_KEY as insertUser does. What is not given stays. */
export async function updateUser(
  db: Database,
  id: string,
  change: { name?: string; email?: string; role?: Role },
): Promise<void> {
  await db
    .update(users)
    // The id stands here because a SET of nothing is no SQL.
    .set({ id, ...change })
    .where(eq(users.id, id));
}

/** Also deletes the user's keys. @returns whether there was such a user */
export async function deleteUser(db: Database, id: string): Promise<boolean> {
  const rows = await db.delete(users).where(eq(users.id, id)).returning({ id: users.id });
  return rows.length > 0;
}

/**
 * Holds all admins as they are until the end of the transaction, so that of two requests that each take away one of the
 * last two admins the second sees what the first did. @returns their ids
 */
export async function holdAdmins(db: Database): Promise<string[]> {
  const rows = await db
    .select({ id: users.id })
    .from(users)
    .where(eq(users.role, 'admin'))
    .orderBy(asc(users.id))
    .for('update');
  return rows.map((row) => row.id);
}

import { asc, desc, eq, lt, sql } from 'drizzle-orm';
import type { Role } from '../core/roles.ts';
import type { Database } from './client.ts';
import { users } from './schema.ts';

export type UserRow = typeof users.$inferSelect;
export type NewUser = Omit<typeof users.$inferInsert, 'createdAt'>;

/** The index that keeps e-mail addresses apart, whatever their case. */
export const USERS_EMAIL_KEY = 'users_email_key';

/** A second user with the same e-mail address breaks USERS_EMAIL_KEY (Postgres 23505). */
export async function insertUser(db: Database, user: NewUser): Promise<UserRow> {
  const [row] = await db.insert(users).values(user).returning();
  return row!;
}

export async function findUser(db: Database, id: string): Promise<UserRow | undefined> {
  const [row] = await db.select().from(users).where(eq(users.id, id));
  return row;
}

export async function findUserByEmail(db: Database, email: string): Promise<UserRow | undefined> {
  const [row] = await db
    .select()
    .from(users)
    .where(eq(sql`lower(${users.email})`, sql`lower(${email})`));
  return row;
}

/** Newest first (ids are UUID v7); those before `beforeId`. */
export async function listUsers(db: Database, page: { limit: number; beforeId?: string }): Promise<UserRow[]> {
  return db
    .select()
    .from(users)
    .where(page.beforeId === undefined ? undefined : lt(users.id, page.beforeId))
    .orderBy(desc(users.id))
    .limit(page.limit);
}

/** Breaks USERS_EMAIL_KEY as insertUser does. */
export async function updateUser(
  db: Database,
  id: string,
  change: { name?: string; email?: string; role?: Role },
): Promise<UserRow | undefined> {
  const [row] = await db.update(users).set(change).where(eq(users.id, id)).returning();
  return row;
}

/** Also deletes the user's keys. @returns whether there was such a user */
export async function deleteUser(db: Database, id: string): Promise<boolean> {
  const rows = await db.delete(users).where(eq(users.id, id)).returning({ id: users.id });
  return rows.length > 0;
}

/**
 * Holds all admins as they are until the end of the transaction, so that of two requests that each take away one of the
 * last two admins the second sees what the first did.
 * @returns the admins other than `id`
 */
export async function holdOtherAdmins(db: Database, id: string): Promise<string[]> {
  const rows = await db
    .select({ id: users.id })
    .from(users)
    .where(eq(users.role, 'admin'))
    .orderBy(asc(users.id))
    .for('update');
  return rows.map((row) => row.id).filter((each) => each !== id);
}

// Who may do what, who did what, and what was sent twice.
import { sql } from 'drizzle-orm';
import { index, jsonb, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { ScopeVerb } from '../../core/access/key-scope.ts';
import type { Role } from '../../core/access/roles.ts';
import type { AuditAction, AuditSubject, AuditVia } from '../../core/audit/audit.ts';
import { bytea, instant, sluice } from './columns.ts';

export const users = sluice.table(
  'users',
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    email: text().notNull(),
    role: text().$type<Role>().notNull(),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    createdBy: uuid('created_by'),
  },
  (t) => [uniqueIndex('users_email_key').on(sql`lower(${t.email})`)],
);

export const apiKeys = sluice.table(
  'api_keys',
  {
    id: uuid().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    /** The first characters of the key, for people to tell keys apart. */
    prefix: text().notNull(),
    /** SHA-256 of the key; a key has 256 random bits, so a slow hash would add nothing. */
    hash: bytea().notNull(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
    /** Kept to the minute. */
    lastUsedAt: instant('last_used_at'),
    /** When its user last said that they stop working; they are active again with the next use. */
    signedOutAt: instant('signed_out_at'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    createdBy: uuid('created_by'),
    /** Those it may be used with; null: all. */
    datasets: jsonb().$type<readonly string[]>(),
    /** Which kinds of calls it may make; null: all that its user's role may. */
    verbs: jsonb().$type<readonly ScopeVerb[]>(),
  },
  (t) => [uniqueIndex('api_keys_hash_key').on(t.hash), index('api_keys_user_id_idx').on(t.userId)],
);

/**
 * The users made for SLUICE_ADMIN_KEY. A row outlives its user, so that no later start brings back whom an admin has removed.
 */
export const bootstrapAdmins = sluice.table('bootstrap_admins', {
  userId: uuid('user_id').primaryKey(),
  createdAt: instant('created_at')
    .notNull()
    .default(sql`now()`),
});

export const idempotencyKeys = sluice.table(
  'idempotency_keys',
  {
    userId: uuid('user_id').notNull(),
    key: text().notNull(),
    /**
     * The import, or the task, that the request which holds the slot is about to make; nobody else has this id, so it also proves
     * the holding.
     */
    importId: uuid('import_id').notNull(),
    /** SHA-256 of the options, hex. */
    optionsHash: text('options_hash').notNull(),
    /**
     * Of the file, hex; empty for a request without one. Null: reserved, the request is under way. Set in the transaction that
     * records what the request makes.
     */
    sha256: text(),
    /** The answer, when it is more than the import or the task as it is now. */
    answer: jsonb().$type<Record<string, unknown>>(),
    /** Reserved: the end of the lease, then the slot may be taken over. Settled: until then it is kept. */
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.key] }),
    index('idempotency_keys_expires_at_idx').on(t.expiresAt),
  ],
);

/** Who did what. */
export const auditLog = sluice.table(
  'audit_log',
  {
    /** UUID v7: the order of the entries. */
    id: uuid().primaryKey(),
    at: instant('at')
      .notNull()
      .default(sql`now()`),
    /** Null: the command line, or Sluice itself. */
    userId: uuid('user_id'),
    /** As it was then: it stays when the user goes. */
    userName: text('user_name'),
    via: text().$type<AuditVia>().notNull(),
    action: text().$type<AuditAction>().notNull(),
    subjectType: text('subject_type').$type<AuditSubject>().notNull(),
    subjectId: text('subject_id'),
    details: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [
    index('audit_log_subject_idx').on(t.subjectType, t.subjectId, t.id),
    index('audit_log_user_idx').on(t.userId, t.id),
    index('audit_log_action_idx').on(t.action, t.id),
  ],
);

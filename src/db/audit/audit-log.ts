// Reads the audit log, and removes what is older than it is kept.
import { and, desc, eq, gte, lt, sql, type SQL } from 'drizzle-orm';
import type { AuditAction, AuditSubject } from '../../core/audit/audit.ts';
import type { Database } from '../client.ts';
import { auditLog } from '../schema/access.ts';

export type AuditRow = typeof auditLog.$inferSelect;

export interface AuditFilter {
  readonly action?: AuditAction | undefined;
  readonly subjectType?: AuditSubject | undefined;
  readonly subjectId?: string | undefined;
  readonly userId?: string | undefined;
  /** From this instant on. */
  readonly from?: string | undefined;
  /** Before this instant. */
  readonly to?: string | undefined;
}

/** Newest first; those before the id `beforeId`. */
export async function listAudit(
  db: Database,
  filter: AuditFilter,
  page: { readonly limit: number; readonly beforeId?: string | undefined },
): Promise<AuditRow[]> {
  const given = <T>(value: T | undefined, where: (value: T) => SQL): SQL[] =>
    value === undefined ? [] : [where(value)];
  return db
    .select()
    .from(auditLog)
    .where(
      and(
        ...given(filter.action, (value) => eq(auditLog.action, value)),
        ...given(filter.subjectType, (value) => eq(auditLog.subjectType, value)),
        ...given(filter.subjectId, (value) => eq(auditLog.subjectId, value)),
        ...given(filter.userId, (value) => eq(auditLog.userId, value)),
        ...given(filter.from, (value) => gte(auditLog.at, sql`${value}::timestamptz`)),
        ...given(filter.to, (value) => lt(auditLog.at, sql`${value}::timestamptz`)),
        ...given(page.beforeId, (value) => lt(auditLog.id, value)),
      ),
    )
    .orderBy(desc(auditLog.id))
    .limit(page.limit);
}

/** In batches, oldest first: ids are in the order of time. @returns whether there may be more */
export async function removeOldAudit(db: Database, days: number): Promise<boolean> {
  const atOnce = 5000;
  const { rowCount } = await db.execute(sql`
    DELETE FROM ${auditLog} WHERE id IN (
      SELECT id FROM (SELECT id, at FROM ${auditLog} ORDER BY id LIMIT ${atOnce}) AS oldest
       WHERE at < now() - ${days} * interval '1 day')`);
  return rowCount === atOnce;
}

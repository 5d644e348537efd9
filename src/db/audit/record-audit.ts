import { randomFillSync } from 'node:crypto';
import type { AuditAction, AuditSubject, AuditVia } from '../../core/audit/audit.ts';
import { createUuidV7 } from '../../core/uuid.ts';
import type { Database } from '../client.ts';
import { auditLog } from '../schema/access.ts';

export interface AuditEntry {
  /** Null: the command line, or Sluice itself. */
  readonly by: { readonly id: string; readonly name: string } | null;
  /** By the API, if not given. */
  readonly via?: AuditVia;
  readonly action: AuditAction;
  /** The id is null when it was done to several at once; `details` say to which. */
  readonly subject: { readonly type: AuditSubject; readonly id: string | null };
  /** JSON. Never a secret, and nothing of the contents of files. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const newId = createUuidV7(randomFillSync);

/** Writes one entry of the audit log. @param db the transaction of the change, where there is one: both are there, or neither is */
export async function recordAudit(db: Database, entry: AuditEntry): Promise<void> {
  const { by, via = 'api', action, subject, details = {} } = entry;
  await db.insert(auditLog).values({
    id: newId(Date.now()),
    userId: by?.id ?? null,
    userName: by?.name ?? null,
    via,
    action,
    subjectType: subject.type,
    subjectId: subject.id,
    details,
  });
}

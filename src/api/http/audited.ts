// Entries of the audit log for what is recorded together with the key of its request.
import { recordAudit, type AuditEntry } from '../../db/audit/record-audit.ts';
import type { Settle } from '../imports/idempotency.ts';

/** @returns what writes the entry in the transaction that settles the request, whether or not it has a key */
export function audited(settle: Settle | undefined, entry: AuditEntry): Settle {
  return async (tx, ...rest) => {
    await recordAudit(tx, entry);
    await settle?.(tx, ...rest);
  };
}

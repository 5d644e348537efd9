// What of records the audit log has: which, not what is in them.
import type { AuditAction } from '../../core/audit/audit.ts';
import { writeKey } from '../../core/records/record-key.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import type { AuditEntry } from '../audit/record-audit.ts';
import type { RecordKey } from './read-records.ts';

const MOST_IDS = 100;

export function audited(
  by: AuditEntry['by'],
  { dataset }: RecordShape,
  action: Extract<AuditAction, `records.${string}`>,
  keys: readonly RecordKey[],
  more: Readonly<Record<string, unknown>> = {},
): AuditEntry {
  const ids = keys.slice(0, MOST_IDS).map(writeKey);
  return {
    by,
    action,
    subject: { type: 'dataset', id: dataset.name },
    details: { records: keys.length, ids, ...more },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import { removeOldAudit } from '../../db/audit/audit-log.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;
/** Between batches, so that others get their turn. */
const PAUSE_MS = 50;

export function pruneAudit(
  { db }: Pick<UpkeepDeps, 'db'>,
  { auditRetentionDays }: Pick<Config, 'auditRetentionDays'>,
): Duty {
  return {
    name: 'removing old entries of the audit log',
    everyMs: EVERY_MS,
    run: async () => {
      if (auditRetentionDays === 0) return;
      while (await removeOldAudit(db, auditRetentionDays)) await sleep(PAUSE_MS);
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import { removeSomeDeliveries } from '../../db/webhooks/prune.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;
/** Between batches, so that others get their turn. */
const PAUSE_MS = 50;

export function pruneWebhooks(
  { db }: Pick<UpkeepDeps, 'db'>,
  { webhookLogDays }: Pick<Config, 'webhookLogDays'>,
): Duty {
  return {
    name: 'removing old deliveries to webhooks',
    everyMs: EVERY_MS,
    run: async () => {
      while (await removeSomeDeliveries(db.$client, webhookLogDays)) await sleep(PAUSE_MS);
    },
  };
}

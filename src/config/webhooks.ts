// Telling others of what has ended.
import { hostList, integer, type Setting } from './setting.ts';

export const WEBHOOKS_SETTINGS = {
  webhookPrivateHosts: {
    env: 'SLUICE_WEBHOOK_PRIVATE_HOSTS',
    defaultText: '',
    doc: 'Hosts of webhooks whose addresses may be private, loopback or link-local, with commas between them; `*.example.com` are those below it, `*` is any. All others must have public addresses.',
    read: (value) => hostList(value ?? ''),
  } satisfies Setting<readonly string[]>,
  webhookTimeoutMs: integer(
    'SLUICE_WEBHOOK_TIMEOUT_MS',
    15_000,
    { min: 100, max: 120_000 },
    'How long a receiver may take to answer a delivery.',
  ),
  webhookConcurrency: integer(
    'SLUICE_WEBHOOK_CONCURRENCY',
    32,
    { min: 0, max: 1000 },
    'How many deliveries to webhooks a worker sends at the same time; about half of them at most to receivers that fail. 0: this worker sends none.',
  ),
  webhookPerReceiver: integer(
    'SLUICE_WEBHOOK_PER_RECEIVER',
    4,
    { min: 1, max: 100 },
    'How many deliveries one webhook gets at the same time, from all workers; while it fails, one.',
  ),
  webhookDisableHours: integer(
    'SLUICE_WEBHOOK_DISABLE_HOURS',
    120,
    { min: 1, max: 8760 },
    'If no delivery has reached a webhook for this long, it is disabled.',
  ),
  webhookLogDays: integer(
    'SLUICE_WEBHOOK_LOG_DAYS',
    30,
    { min: 1, max: 3650 },
    'Days after which a delivery and its attempts are removed from the log, also one that still waits for a disabled webhook.',
  ),
  maxWebhooks: integer(
    'SLUICE_MAX_WEBHOOKS',
    100,
    { min: 0, max: 10_000 },
    'How many webhooks there may be: each end of a task is compared with all of them.',
  ),
} as const;

// Which worker sends which delivery, and what comes of it.
import { TEST_EVENT } from '../../core/webhooks/events.ts';
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { databaseOn, inTransaction, type Connection } from '../transaction.ts';

/** A delivery that this worker has to send now. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly eventId: string;
  readonly type: string;
  /** What is sent. */
  readonly payload: string;
  /** The number of this attempt, from 1 on. */
  readonly attempt: number;
  readonly url: string;
  /** Newest first. */
  readonly secrets: readonly string[];
  /** Whether the last delivery did not reach the receiver. */
  readonly isFailing: boolean;
}

export interface Places {
  /** How many the worker can send now. */
  readonly free: number;
  /** How many of them may go to receivers that fail. */
  readonly freeForFailing: number;
  /** How many one webhook gets at the same time; while it fails, one. */
  readonly perReceiver: number;
  /** After so long without a word an attempt is lost, and the delivery is sent again. */
  readonly leaseMs: number;
}

/**
 * Each webhook with something due has its turn before any has a second one, and those that fail come last. The webhooks are locked for the
 * length of the statement, so that two workers do not give one of them more than it takes.
 */
const CLAIM = prepared(`
  WITH hooks AS MATERIALIZED (
    SELECT w.id, w.failing_since IS NOT NULL AS failing FROM sluice.webhooks w
     WHERE w.enabled AND EXISTS (
       SELECT FROM sluice.webhook_deliveries d WHERE d.webhook_id = w.id AND d.status = 'waiting' AND d.next_attempt_at <= clock_timestamp())
       FOR NO KEY UPDATE SKIP LOCKED),
  room AS (
    SELECT h.id, h.failing, CASE WHEN failing THEN 1 ELSE $3 END - (
             SELECT count(*) FROM sluice.webhook_deliveries d WHERE d.webhook_id = h.id AND d.claimed_until > clock_timestamp()) AS places
      FROM hooks h),
  ranked AS (
    SELECT d.id, r.failing, d.turn, d.next_attempt_at, row_number() OVER (PARTITION BY r.failing ORDER BY d.turn, d.next_attempt_at) AS place
      FROM room r, LATERAL (
        SELECT id, next_attempt_at, row_number() OVER (ORDER BY next_attempt_at, id) AS turn FROM (
          SELECT id, next_attempt_at FROM sluice.webhook_deliveries
           WHERE webhook_id = r.id AND status = 'waiting' AND next_attempt_at <= clock_timestamp()
           ORDER BY next_attempt_at, id LIMIT greatest(0, r.places)) due) d),
  next AS (
    SELECT id, failing FROM ranked WHERE NOT failing OR place <= $2 ORDER BY failing, turn, next_attempt_at LIMIT $1)
  UPDATE sluice.webhook_deliveries d
     SET attempts = d.attempts + 1, claimed_until = clock_timestamp() + $4 * interval '1 millisecond',
         next_attempt_at = clock_timestamp() + $4 * interval '1 millisecond'
    FROM next, sluice.webhooks w
   WHERE d.id = next.id AND w.id = d.webhook_id AND d.status = 'waiting' AND d.next_attempt_at <= clock_timestamp()
  RETURNING d.id, d.webhook_id AS "webhookId", d.event_id AS "eventId", d.type, d.payload::text AS payload, d.attempts AS attempt, w.url,
    CASE WHEN w.previous_secret_until > now() THEN ARRAY[w.secret, w.previous_secret] ELSE ARRAY[w.secret] END AS secrets,
    next.failing AS "isFailing"`);

/** Takes what is to be sent next. */
export async function claimDeliveries(client: Queryable, places: Places): Promise<ClaimedDelivery[]> {
  const { rows } = await client.query<ClaimedDelivery>({
    ...CLAIM,
    values: [places.free, places.freeForFailing, places.perReceiver, places.leaseMs],
  });
  return rows;
}

/** What came of an attempt. */
export interface SentAttempt {
  readonly at: Date;
  readonly durationMs: number;
  /** Of the answer; null: there was none. */
  readonly status: number | null;
  readonly error: string | null;
  readonly answer: string | null;
}

const LOG = `
  INSERT INTO sluice.webhook_attempts (delivery_id, no, at, duration_ms, status, error, answer)
  SELECT id, $2::smallint, $3::timestamptz, $4::integer, $5::smallint, $6::text, $7::text FROM settled ON CONFLICT DO NOTHING`;
const logValues = ({ at, durationMs, status, error, answer }: SentAttempt): unknown[] => [
  at.toISOString(),
  durationMs,
  status,
  error,
  answer,
];

const DELIVERED = prepared(`
  WITH settled AS (
    UPDATE sluice.webhook_deliveries SET status = 'delivered', ended_at = clock_timestamp(), claimed_until = NULL
     WHERE id = $1 AND attempts = $2::smallint AND status = 'waiting' RETURNING id, webhook_id),
  reached AS (
    UPDATE sluice.webhooks SET failing_since = NULL WHERE id = (SELECT webhook_id FROM settled) AND failing_since IS NOT NULL),
  logged AS (${LOG})
  SELECT FROM settled`);

/** Notes that it has arrived. */
export async function endDelivered(
  client: Queryable,
  { id, attempt }: Pick<ClaimedDelivery, 'id' | 'attempt'>,
  sent: SentAttempt,
): Promise<void> {
  await client.query({ ...DELIVERED, values: [id, attempt, ...logValues(sent)] });
}

/** A test says nothing of whether deliveries reach it. */
const MISSED = prepared(`
  WITH settled AS (
    UPDATE sluice.webhook_deliveries
       SET status = CASE WHEN $8::float8 IS NULL THEN 'failed' ELSE 'waiting' END, claimed_until = NULL,
           ended_at = CASE WHEN $8::float8 IS NULL THEN clock_timestamp() END,
           next_attempt_at = clock_timestamp() + coalesce($8::float8, 0) * interval '1 millisecond'
     WHERE id = $1 AND attempts = $2::smallint AND status = 'waiting' RETURNING id, webhook_id, type),
  missed AS (
    UPDATE sluice.webhooks SET failing_since = clock_timestamp()
     WHERE id = (SELECT webhook_id FROM settled WHERE type <> '${TEST_EVENT}') AND failing_since IS NULL),
  logged AS (${LOG})
  SELECT FROM settled`);

/** Notes that it has not arrived. @param againMs until the next attempt; undefined: there is none */
export async function endMissed(
  client: Queryable,
  { id, attempt }: Pick<ClaimedDelivery, 'id' | 'attempt'>,
  sent: SentAttempt,
  againMs: number | undefined,
): Promise<void> {
  await client.query({ ...MISSED, values: [id, attempt, ...logValues(sent), againMs ?? null] });
}

const RELEASE = prepared(`
  UPDATE sluice.webhook_deliveries SET attempts = attempts - 1, claimed_until = NULL, next_attempt_at = clock_timestamp()
   WHERE id = $1 AND attempts = $2::smallint AND status = 'waiting'`);

/** Gives it back as if it had not been claimed: the worker stops. */
export async function releaseDelivery(
  client: Queryable,
  { id, attempt }: Pick<ClaimedDelivery, 'id' | 'attempt'>,
): Promise<void> {
  await client.query({ ...RELEASE, values: [id, attempt] });
}

const DISABLE = `
  UPDATE sluice.webhooks SET enabled = false, disabled_at = now(), disabled_reason = $2
   WHERE id = $1 AND enabled AND ($3::float8 IS NULL OR failing_since < now() - $3::float8 * interval '1 hour')
  RETURNING url, failing_since AS "failingSince"`;

/**
 * Disables a webhook that has answered 410, or has failed for too long, and says so in the audit log.
 * @returns whether it has
 */
export function disableWebhook(
  db: Connection,
  id: string,
  why: { readonly reason: 'gone' } | { readonly reason: 'failing'; readonly hours: number },
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const { rows } = await tx.$client.query<{ url: string; failingSince: Date | null }>(DISABLE, [
      id,
      why.reason,
      why.reason === 'gone' ? null : why.hours,
    ]);
    const [row] = rows;
    if (row === undefined) return false;
    await recordAudit(databaseOn(tx.$client), {
      by: null,
      via: 'sluice',
      action: 'webhook.disable',
      subject: { type: 'webhook', id },
      details: { url: row.url, reason: why.reason, failingSince: row.failingSince?.toISOString() ?? null },
    });
    return true;
  });
}

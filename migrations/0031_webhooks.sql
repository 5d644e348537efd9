CREATE TABLE "sluice"."webhook_attempts" (
	"delivery_id" uuid NOT NULL,
	"no" smallint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"duration_ms" integer NOT NULL,
	"status" smallint,
	"error" text,
	"answer" text,
	CONSTRAINT "webhook_attempts_delivery_id_no_pk" PRIMARY KEY("delivery_id","no")
);
--> statement-breakpoint
CREATE TABLE "sluice"."webhook_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"webhook_id" uuid NOT NULL,
	"event_id" text NOT NULL,
	"type" text NOT NULL,
	"payload" json NOT NULL,
	"status" text DEFAULT 'waiting' NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"claimed_until" timestamp (3) with time zone,
	"redelivery_of" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "sluice"."webhooks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"url" text NOT NULL,
	"description" text,
	"events" text[] NOT NULL,
	"datasets" text[],
	"task_names" text[],
	"enabled" boolean DEFAULT true NOT NULL,
	"disabled_at" timestamp (3) with time zone,
	"disabled_reason" text,
	"failing_since" timestamp (3) with time zone,
	"secret" text NOT NULL,
	"previous_secret" text,
	"previous_secret_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" uuid,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"updated_by" uuid
);
--> statement-breakpoint
ALTER TABLE "sluice"."webhook_attempts" ADD CONSTRAINT "webhook_attempts_delivery_id_webhook_deliveries_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "sluice"."webhook_deliveries"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due_idx" ON "sluice"."webhook_deliveries" USING btree ("webhook_id","next_attempt_at","id") WHERE "sluice"."webhook_deliveries"."status" = 'waiting';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_claimed_idx" ON "sluice"."webhook_deliveries" USING btree ("webhook_id") WHERE "sluice"."webhook_deliveries"."claimed_until" is not null;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_log_idx" ON "sluice"."webhook_deliveries" USING btree ("webhook_id","id");
--> statement-breakpoint
CREATE FUNCTION "sluice"."event_time"(its_time timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT to_char(its_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
--> statement-breakpoint
-- What webhooks are to be told of a task that ends in this statement, as it ends. Nothing of its arguments, of its result but for an
-- import's counts, or of what its error says: those may hold values of records. docs/webhooks.md describes the payload. The task is looked
-- up only for a webhook that wants it, and by its id: OFFSET 0 keeps Postgres from joining whole tables.
CREATE FUNCTION "sluice"."deliveries_of"(its_task uuid, its_name text, its_queue text, its_status text, its_end timestamptz, its_error jsonb, its_result jsonb)
RETURNS TABLE (webhook_id uuid, event_id text, type text, payload json) LANGUAGE sql STABLE AS $$
  SELECT w.id, its_task || '-' || its_status, w.type,
         json_build_object('type', w.type, 'timestamp', sluice.event_time(its_end), 'data',
           CASE WHEN w.kind = 'import' THEN json_build_object(
             'id', its_task, 'dataset', t.dataset, 'fileName', t.file_name, 'mode', t.mode, 'dryRun', t.dry_run, 'status', its_status,
             'errorCode', its_error ->> 'code', 'counts', its_result,
             'createdAt', sluice.event_time(t.created_at), 'startedAt', sluice.event_time(t.started_at), 'finishedAt', sluice.event_time(its_end),
             'createdBy', t.created_by)
           ELSE json_build_object(
             'id', its_task, 'name', its_name, 'queue', its_queue, 'status', its_status, 'errorCode', its_error ->> 'code',
             'parentId', t.parent_id, 'importId', t.undone,
             'createdAt', sluice.event_time(t.created_at), 'startedAt', sluice.event_time(t.started_at), 'finishedAt', sluice.event_time(its_end),
             'createdBy', t.created_by) END)
    FROM (
      SELECT w.id, w.datasets, k.kind, k.kind || '.' || its_status AS type
        FROM (SELECT CASE WHEN its_queue = 'imports' AND its_name = 'import' THEN 'import' ELSE 'task' END AS kind) k
        JOIN sluice.webhooks w ON w.enabled AND w.events && ARRAY['*', k.kind || '.*', k.kind || '.' || its_status]
       WHERE its_status IN ('succeeded', 'failed', 'cancelled') AND (k.kind = 'import' OR w.task_names IS NULL OR its_name = ANY(w.task_names))
      OFFSET 0) w
   CROSS JOIN LATERAL (
      SELECT t.parent_id, t.created_at, t.started_at, t.created_by, i.dataset, i.file_name, i.mode, i.dry_run,
             CASE WHEN its_queue = 'imports' THEN t.args ->> 'importId' END AS undone
        FROM sluice.tasks t LEFT JOIN LATERAL (
          SELECT i.dataset, i.file_name, i.mode, i.dry_run FROM sluice.imports i WHERE i.id = t.id AND w.kind = 'import' OFFSET 0) i ON true
       WHERE t.id = its_task AND w.id IS NOT NULL
      OFFSET 0) t
   WHERE w.kind = 'task' OR w.datasets IS NULL OR t.dataset = ANY(w.datasets)
$$;
--> statement-breakpoint
-- Cancels what still runs of groups that have ended before their members. Tasks that are being ended by others are left for the next time.
CREATE OR REPLACE FUNCTION "sluice"."cancel_rest"() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  its record;
  child uuid;
BEGIN
  FOR its IN SELECT id, cancelled_by FROM sluice.groups WHERE cancels_rest ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED LOOP
    FOR child IN SELECT child_id FROM sluice.group_members WHERE group_id = its.id AND status = 'running' AND child_id IS NOT NULL ORDER BY child_id LOOP
      PERFORM sluice.end_group(child, 'cancelled', NULL, NULL, its.cancelled_by);
    END LOOP;
    WITH moved AS (
      UPDATE sluice.tasks SET status = CASE status WHEN 'queued' THEN 'cancelled' ELSE 'cancelling' END, version = version + 1, waiting_for = NULL,
             finished_at = CASE status WHEN 'queued' THEN clock_timestamp() END, cancelled_by = its.cancelled_by
       WHERE status IN ('queued', 'running') AND id IN (
         SELECT id FROM sluice.tasks WHERE status IN ('queued', 'running')
            AND id IN (SELECT task_id FROM sluice.group_members WHERE group_id = its.id AND status = 'running' AND task_id IS NOT NULL)
            FOR UPDATE SKIP LOCKED)
      RETURNING id, name, queue, status, finished_at, error, result)
    INSERT INTO sluice.webhook_deliveries (id, webhook_id, event_id, type, payload)
    SELECT sluice.uuid_v7(), d.webhook_id, d.event_id, d.type, d.payload
      FROM moved, LATERAL sluice.deliveries_of(moved.id, moved.name, moved.queue, moved.status, moved.finished_at, moved.error, moved.result) d
     WHERE (SELECT EXISTS (SELECT FROM sluice.webhooks WHERE enabled));
    UPDATE sluice.groups SET cancels_rest = EXISTS (
      SELECT FROM sluice.group_members m JOIN sluice.tasks t ON t.id = m.task_id
       WHERE m.group_id = its.id AND m.status = 'running' AND t.status IN ('queued', 'running')) WHERE id = its.id;
  END LOOP;
END $$;
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (32, 18);

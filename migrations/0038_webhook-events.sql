CREATE TABLE "sluice"."duty_turns" (
	"name" text PRIMARY KEY NOT NULL,
	"worker_id" uuid NOT NULL,
	"next_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
-- What webhooks are to be told of a task at a moment of its life: created, started, retried, or one of its ends. Nothing of its arguments, of
-- its result but for an import's counts, or of what its error says: those may hold values of records. docs/webhooks.md describes the payload.
-- The task is looked up only for a webhook that wants it, and by its id: OFFSET 0 keeps Postgres from joining whole tables. The statement
-- that changes the task calls this, so the row that is found here is the one from before the change.
CREATE FUNCTION "sluice"."events_of"(its_task uuid, its_name text, its_queue text, its_event text, its_start integer, its_time timestamptz, its_error jsonb, its_result jsonb)
RETURNS TABLE (webhook_id uuid, event_id text, type text, payload json) LANGUAGE sql STABLE AS $$
  SELECT w.id, its_task || '-' || its_event || coalesce('-' || its_start, ''), w.type,
         json_build_object('type', w.type, 'timestamp', sluice.event_time(its_time), 'data',
           CASE WHEN w.kind = 'import' THEN json_build_object(
             'id', its_task, 'dataset', t.dataset, 'fileName', t.file_name, 'mode', t.mode, 'dryRun', t.dry_run, 'status', w.status,
             'errorCode', its_error ->> 'code', 'counts', its_result,
             'createdAt', sluice.event_time(t.created_at), 'startedAt', sluice.event_time(t.started_at), 'finishedAt', w.finished_at,
             'createdBy', t.created_by)
           ELSE json_build_object(
             'id', its_task, 'name', its_name, 'queue', its_queue, 'status', w.status, 'errorCode', its_error ->> 'code',
             'parentId', t.parent_id, 'importId', t.undone,
             'createdAt', sluice.event_time(t.created_at), 'startedAt', sluice.event_time(t.started_at), 'finishedAt', w.finished_at,
             'createdBy', t.created_by) END)
    FROM (
      SELECT w.id, w.datasets, k.kind, k.kind || '.' || its_event AS type,
             CASE its_event WHEN 'created' THEN 'queued' WHEN 'started' THEN 'running' WHEN 'retried' THEN 'queued' ELSE its_event END AS status,
             CASE WHEN its_event IN ('succeeded', 'failed', 'cancelled') THEN sluice.event_time(its_time) END AS finished_at
        FROM (SELECT CASE WHEN its_queue = 'imports' AND its_name = 'import' THEN 'import' ELSE 'task' END AS kind) k
        JOIN sluice.webhooks w ON w.enabled AND w.events && ARRAY['*', k.kind || '.*', k.kind || '.' || its_event]
       WHERE its_event IN ('created', 'started', 'retried', 'succeeded', 'failed', 'cancelled')
         AND (k.kind = 'import' OR w.task_names IS NULL OR its_name = ANY(w.task_names))
      OFFSET 0) w
   CROSS JOIN LATERAL (
      SELECT t.parent_id, t.created_at, CASE its_event WHEN 'started' THEN its_time ELSE t.started_at END AS started_at, t.created_by,
             i.dataset, i.file_name, i.mode, i.dry_run,
             CASE WHEN its_queue = 'imports' THEN t.args ->> 'importId' END AS undone
        FROM sluice.tasks t LEFT JOIN LATERAL (
          SELECT i.dataset, i.file_name, i.mode, i.dry_run FROM sluice.imports i WHERE i.id = t.id AND w.kind = 'import' OFFSET 0) i ON true
       WHERE t.id = its_task AND w.id IS NOT NULL
      OFFSET 0) t
   WHERE w.kind = 'task' OR w.datasets IS NULL OR t.dataset = ANY(w.datasets)
$$;
--> statement-breakpoint
-- Of ends only; workers of the version before call it.
CREATE OR REPLACE FUNCTION "sluice"."deliveries_of"(its_task uuid, its_name text, its_queue text, its_status text, its_end timestamptz, its_error jsonb, its_result jsonb)
RETURNS TABLE (webhook_id uuid, event_id text, type text, payload json) LANGUAGE sql STABLE AS $$
  SELECT * FROM sluice.events_of(its_task, its_name, its_queue, its_status, NULL, its_end, its_error, its_result)
   WHERE its_status IN ('succeeded', 'failed', 'cancelled')
$$;
--> statement-breakpoint
-- Tasks come from APIs, workers, schedules, groups and programs of others (sluice.enqueue): a trigger hears of all. It runs at the end of the
-- statement, when the row of the import is there too. Whoever may record a task need not be allowed to read webhooks.
CREATE FUNCTION "sluice"."tell_created"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM sluice.webhooks WHERE enabled AND events && ARRAY['*', 'import.*', 'task.*', 'import.created', 'task.created']) THEN
    INSERT INTO sluice.webhook_deliveries (id, webhook_id, event_id, type, payload)
    SELECT sluice.uuid_v7(), d.webhook_id, d.event_id, d.type, d.payload
      FROM made m, LATERAL sluice.events_of(m.id, m.name, m.queue, 'created', NULL, m.created_at, NULL, NULL) d;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "tasks_created" AFTER INSERT ON "sluice"."tasks" REFERENCING NEW TABLE AS made
  FOR EACH STATEMENT EXECUTE FUNCTION "sluice"."tell_created"();
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (39, 18);

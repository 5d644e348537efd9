CREATE TABLE "sluice"."queues" (
	"name" text PRIMARY KEY NOT NULL,
	"paused_at" timestamp (3) with time zone,
	"paused_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sluice"."task_attempts" (
	"task_id" uuid NOT NULL,
	"start" integer NOT NULL,
	"attempt" integer NOT NULL,
	"worker_id" uuid,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone NOT NULL,
	"outcome" text NOT NULL,
	"error" jsonb,
	CONSTRAINT "task_attempts_task_id_start_pk" PRIMARY KEY("task_id","start")
);
--> statement-breakpoint
CREATE TABLE "sluice"."task_definitions" (
	"name" text PRIMARY KEY NOT NULL,
	"document" jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sluice"."task_logs" (
	"task_id" uuid NOT NULL,
	"start" integer NOT NULL,
	"no" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"level" text NOT NULL,
	"message" text NOT NULL,
	CONSTRAINT "task_logs_task_id_start_no_pk" PRIMARY KEY("task_id","start","no")
);
--> statement-breakpoint
CREATE TABLE "sluice"."unique_keys" (
	"name" text NOT NULL,
	"key" text NOT NULL,
	"task_id" uuid NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "unique_keys_name_key_pk" PRIMARY KEY("name","key")
);
--> statement-breakpoint
DROP INDEX "sluice"."tasks_queued_idx";--> statement-breakpoint
DROP INDEX "sluice"."tasks_unfinished_idx";--> statement-breakpoint
DROP INDEX "sluice"."tasks_finished_at_idx";--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "queue" text DEFAULT 'imports' NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "lane" text DEFAULT 'io' NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "priority" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "run_at" timestamp (3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "due" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "expires_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "starts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "lost" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "max_attempts" smallint;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "options" jsonb;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "unique_key" text;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "tags" text[];--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "parent_id" uuid;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "retry_of" uuid;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "worker_id" uuid;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "claimed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "progress" jsonb;--> statement-breakpoint
ALTER TABLE "sluice"."workers" ADD COLUMN "concurrency" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."workers" ADD COLUMN "tasks" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."task_attempts" ADD CONSTRAINT "task_attempts_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "sluice"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sluice"."task_logs" ADD CONSTRAINT "task_logs_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "sluice"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "unique_keys_expires_at_idx" ON "sluice"."unique_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "tasks_due_idx" ON "sluice"."tasks" USING btree ("queue","lane","priority","run_at","id") WHERE "sluice"."tasks"."status" = 'queued' and "sluice"."tasks"."due";--> statement-breakpoint
CREATE INDEX "tasks_to_come_idx" ON "sluice"."tasks" USING btree ("run_at") WHERE "sluice"."tasks"."status" = 'queued' and not "sluice"."tasks"."due";--> statement-breakpoint
CREATE INDEX "tasks_expiring_idx" ON "sluice"."tasks" USING btree ("expires_at") WHERE "sluice"."tasks"."status" = 'queued' and "sluice"."tasks"."expires_at" is not null;--> statement-breakpoint
CREATE INDEX "tasks_running_idx" ON "sluice"."tasks" USING btree ("worker_id") WHERE "sluice"."tasks"."status" = 'running';--> statement-breakpoint
CREATE INDEX "tasks_cancelling_idx" ON "sluice"."tasks" USING btree ("id") WHERE "sluice"."tasks"."status" = 'cancelling';--> statement-breakpoint
CREATE UNIQUE INDEX "tasks_unique_key" ON "sluice"."tasks" USING btree ("name","unique_key") WHERE "sluice"."tasks"."unique_key" is not null and "sluice"."tasks"."status" in ('queued', 'running', 'cancelling');--> statement-breakpoint
CREATE INDEX "tasks_parent_id_idx" ON "sluice"."tasks" USING btree ("parent_id") WHERE "sluice"."tasks"."parent_id" is not null;--> statement-breakpoint
CREATE INDEX "tasks_unfinished_idx" ON "sluice"."tasks" USING btree ("dispatched_at") WHERE "sluice"."tasks"."queue" = 'imports' and "sluice"."tasks"."status" in ('queued', 'running', 'cancelling');--> statement-breakpoint
CREATE INDEX "tasks_finished_at_idx" ON "sluice"."tasks" USING btree ("finished_at") WHERE "sluice"."tasks"."finished_at" is not null;--> statement-breakpoint
-- Short-lived row versions: vacuum comes after some thousands of them, not after a fifth of the table.
ALTER TABLE "sluice"."tasks" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
--> statement-breakpoint
-- RFC 9562; Postgres has uuidv7() only from 18 on.
CREATE FUNCTION "sluice"."uuid_v7"() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;
--> statement-breakpoint
-- As core/tasks/duration.ts reads it: milliseconds, or a text such as "500ms", "30s", "15m", "1h", "7d".
CREATE FUNCTION "sluice"."duration_ms"(its_duration jsonb) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  parts text[];
BEGIN
  IF jsonb_typeof(its_duration) = 'null' THEN RETURN NULL; END IF;
  IF jsonb_typeof(its_duration) = 'number' AND its_duration::numeric >= 0 THEN RETURN round(its_duration::numeric); END IF;
  parts := regexp_match(its_duration #>> '{}', '^(\d+(?:\.\d+)?)(ms|s|m|h|d)$');
  IF parts IS NULL OR jsonb_typeof(its_duration) <> 'string' THEN
    RAISE EXCEPTION '% is no duration', its_duration USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Give milliseconds, or a text such as "500ms", "30s", "15m", "1h", "7d".';
  END IF;
  RETURN round(parts[1]::numeric * CASE parts[2] WHEN 'ms' THEN 1 WHEN 's' THEN 1000 WHEN 'm' THEN 60000 WHEN 'h' THEN 3600000 ELSE 86400000 END);
END $$;
--> statement-breakpoint
-- An instant, or a duration from now on.
CREATE FUNCTION "sluice"."instant_of"(its_value jsonb) RETURNS timestamptz LANGUAGE sql STABLE STRICT AS $$
  SELECT CASE WHEN its_value #>> '{}' ~ '^\d{4}-' THEN (its_value #>> '{}')::timestamptz
              ELSE clock_timestamp() + sluice.duration_ms(its_value) * interval '1 millisecond' END
$$;
--> statement-breakpoint
-- Records tasks: [{"id", "name", "args", "options"}, …]; the options are those of core/tasks/task-options.ts. One that would be the second
-- of its unique key is not recorded, and the first is returned in its place. Workers are told at the commit.
CREATE FUNCTION "sluice"."enqueue_all"(its_tasks jsonb, its_creator uuid DEFAULT NULL, tells boolean DEFAULT true)
RETURNS TABLE (place integer, id uuid, is_new boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  wrong text;
  remaining jsonb := its_tasks;
  made uuid[];
  rung text[];
  -- Those that were not recorded, and the task that has the key of each.
  second uuid[] := '{}';
  first uuid[] := '{}';
  found_second uuid[];
  found_first uuid[];
BEGIN
  SELECT key INTO wrong FROM jsonb_array_elements(its_tasks) task, jsonb_object_keys(coalesce(nullif(task -> 'options', 'null'), '{}')) key
   WHERE key NOT IN ('queue', 'priority', 'delay', 'eta', 'expires', 'retries', 'backoff', 'timeLimit', 'softTimeLimit', 'unique', 'tags', 'parentId')
   LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'a task has no option "%"', wrong USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Options are queue, priority, delay, eta, expires, retries, backoff, timeLimit, softTimeLimit, unique, tags, parentId.';
  END IF;

  LOOP
    WITH asked AS MATERIALIZED (
      SELECT t.place, t.id, t.name, coalesce(t.args, '{}') AS args, o.o,
             coalesce(o ->> 'queue', d.document ->> 'queue', 'default') AS queue,
             coalesce(d.document ->> 'run', 'unknown') AS lane,
             coalesce((o ->> 'priority')::smallint, (d.document ->> 'priority')::smallint, 0) AS priority,
             coalesce((o ->> 'eta')::timestamptz, clock_timestamp() + sluice.duration_ms(o -> 'delay') * interval '1 millisecond') AS later,
             coalesce(sluice.instant_of(o -> 'expires'),
                      clock_timestamp() + (d.document ->> 'expiresMs')::bigint * interval '1 millisecond') AS expires_at,
             coalesce((o ->> 'retries')::smallint + 1, (d.document ->> 'maxAttempts')::smallint) AS max_attempts,
             o -> 'unique' ->> 'key' AS unique_key,
             sluice.duration_ms(o -> 'unique' -> 'for') AS unique_ms
        FROM ROWS FROM (jsonb_to_recordset(remaining) AS (id uuid, name text, args jsonb, options jsonb)) WITH ORDINALITY AS t (id, name, args, options, place)
        CROSS JOIN LATERAL (SELECT coalesce(nullif(t.options, 'null'), '{}') AS o) o
        LEFT JOIN sluice.task_definitions d ON d.name = t.name),
    taken AS (
      INSERT INTO sluice.unique_keys AS u (name, key, task_id, expires_at)
      SELECT DISTINCT ON (name, unique_key) name, unique_key, id, clock_timestamp() + unique_ms * interval '1 millisecond'
        FROM asked WHERE unique_ms IS NOT NULL ORDER BY name, unique_key, place
      ON CONFLICT (name, key) DO UPDATE SET task_id = excluded.task_id, expires_at = excluded.expires_at WHERE u.expires_at <= clock_timestamp()
      RETURNING task_id),
    recorded AS (
      INSERT INTO sluice.tasks (id, name, args, queue, lane, priority, run_at, due, expires_at, max_attempts, options, unique_key, tags, parent_id, created_by)
      SELECT id, name, args, queue, lane, priority, coalesce(later, clock_timestamp()), later IS NULL OR later <= clock_timestamp(), expires_at, max_attempts,
             CASE WHEN o ?| ARRAY['backoff', 'timeLimit', 'softTimeLimit'] THEN jsonb_strip_nulls(jsonb_build_object(
               'backoff', CASE WHEN o ? 'backoff' THEN jsonb_build_object('type', o -> 'backoff' -> 'type', 'delayMs', sluice.duration_ms(o -> 'backoff' -> 'delay'),
                 'maxMs', sluice.duration_ms(o -> 'backoff' -> 'max'), 'jitter', o -> 'backoff' -> 'jitter') END,
               'timeLimitMs', sluice.duration_ms(o -> 'timeLimit'), 'softTimeLimitMs', sluice.duration_ms(o -> 'softTimeLimit'))) END,
             CASE WHEN unique_ms IS NULL THEN unique_key END,
             CASE WHEN o ? 'tags' THEN ARRAY(SELECT jsonb_array_elements_text(o -> 'tags')) END,
             (o ->> 'parentId')::uuid, its_creator
        FROM asked WHERE unique_ms IS NULL OR id IN (SELECT task_id FROM taken)
       ORDER BY place
      ON CONFLICT DO NOTHING RETURNING id, queue, due)
    SELECT array_agg(id), array_agg(DISTINCT queue) FILTER (WHERE due) INTO made, rung FROM recorded;

    SELECT queue INTO wrong FROM sluice.tasks WHERE id = ANY(made) AND (queue !~ '^[a-z0-9][a-z0-9_.-]{0,63}$' OR queue IN ('imports', 'chunks')) LIMIT 1;
    IF wrong IS NOT NULL THEN
      RAISE EXCEPTION '"%" is no queue for tasks', wrong USING ERRCODE = 'invalid_parameter_value',
        HINT = 'A queue has a name of up to 64 of a-z, 0-9, "_", "." and "-". "imports" and "chunks" are for imports.';
    END IF;
    IF tells THEN PERFORM pg_notify('sluice_tasks', queue) FROM unnest(rung) queue; END IF;

    EXIT WHEN cardinality(made) = jsonb_array_length(remaining);
    -- A statement of its own: it sees who was there first. One that has ended meanwhile has left the key free.
    SELECT array_agg(id) FILTER (WHERE holder IS NOT NULL), array_agg(holder) FILTER (WHERE holder IS NOT NULL), jsonb_agg(task) FILTER (WHERE holder IS NULL)
      INTO found_second, found_first, remaining
      FROM (SELECT task, (task ->> 'id')::uuid AS id, coalesce(
                     (SELECT id FROM sluice.tasks WHERE id = (task ->> 'id')::uuid),
                     (SELECT id FROM sluice.tasks WHERE name = task ->> 'name' AND unique_key = task -> 'options' -> 'unique' ->> 'key'
                         AND status IN ('queued', 'running', 'cancelling')),
                     (SELECT task_id FROM sluice.unique_keys WHERE name = task ->> 'name' AND key = task -> 'options' -> 'unique' ->> 'key'
                         AND expires_at > clock_timestamp())) AS holder
              FROM jsonb_array_elements(remaining) task
             WHERE (task ->> 'id')::uuid <> ALL (coalesce(made, '{}'))) others;
    second := second || found_second;
    first := first || found_first;
    EXIT WHEN remaining IS NULL;
  END LOOP;
  RETURN QUERY
    SELECT t.place::integer, coalesce(first[array_position(second, t.id)], t.id), array_position(second, t.id) IS NULL
      FROM ROWS FROM (jsonb_to_recordset(its_tasks) AS (id uuid)) WITH ORDINALITY AS t (id, place) ORDER BY t.place;
END $$;
--> statement-breakpoint
-- One task, in whatever transaction: its commit lets a worker begin, its rollback leaves nothing.
CREATE FUNCTION "sluice"."enqueue"(name text, args jsonb DEFAULT '{}', options jsonb DEFAULT '{}') RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT e.id FROM sluice.enqueue_all(jsonb_build_array(jsonb_build_object('id', sluice.uuid_v7(), 'name', name, 'args', args, 'options', options))) e
$$;
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (19, 18);

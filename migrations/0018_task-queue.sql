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
INSERT INTO "sluice"."schema_info" VALUES (19, 18);

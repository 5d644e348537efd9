CREATE TABLE "sluice"."audit_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"user_id" uuid,
	"user_name" text,
	"via" text NOT NULL,
	"action" text NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" text,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sluice"."task_counting" (
	"counted_to" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sluice"."task_rates" (
	"slice" timestamp (3) with time zone NOT NULL,
	"queue" text NOT NULL,
	"tasks" bigint NOT NULL,
	CONSTRAINT "task_rates_slice_queue_pk" PRIMARY KEY("slice","queue")
);
--> statement-breakpoint
CREATE TABLE "sluice"."task_times" (
	"name" text NOT NULL,
	"what" text NOT NULL,
	"bucket" smallint NOT NULL,
	"tasks" bigint NOT NULL,
	"seconds" double precision NOT NULL,
	CONSTRAINT "task_times_name_what_bucket_pk" PRIMARY KEY("name","what","bucket")
);
--> statement-breakpoint
CREATE TABLE "sluice"."task_totals" (
	"queue" text NOT NULL,
	"name" text NOT NULL,
	"status" text NOT NULL,
	"tasks" bigint NOT NULL,
	"rows" bigint DEFAULT 0 NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "task_totals_queue_name_status_pk" PRIMARY KEY("queue","name","status")
);
--> statement-breakpoint
CREATE TABLE "sluice"."worker_commands" (
	"id" uuid PRIMARY KEY NOT NULL,
	"worker_id" uuid NOT NULL,
	"worker_name" text DEFAULT '' NOT NULL,
	"command" text NOT NULL,
	"options" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" uuid,
	"acknowledged_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "sluice"."api_keys" ADD COLUMN "signed_out_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "sluice"."workers" ADD COLUMN "name" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."workers" ADD COLUMN "phase" text DEFAULT 'running' NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."workers" ADD COLUMN "slots_busy" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."workers" ADD COLUMN "io_busy" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."workers" ADD COLUMN "processed" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."workers" ADD COLUMN "failed" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."workers" ADD COLUMN "memory_bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."workers" ADD COLUMN "loop_delay_ms" double precision DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "audit_log_subject_idx" ON "sluice"."audit_log" USING btree ("subject_type","subject_id","id");--> statement-breakpoint
CREATE INDEX "audit_log_user_idx" ON "sluice"."audit_log" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "audit_log_action_idx" ON "sluice"."audit_log" USING btree ("action","id");--> statement-breakpoint
CREATE INDEX "worker_commands_open_idx" ON "sluice"."worker_commands" USING btree ("worker_id","id") WHERE "sluice"."worker_commands"."acknowledged_at" is null;--> statement-breakpoint
CREATE INDEX "worker_commands_name_idx" ON "sluice"."worker_commands" USING btree ("worker_name","id") WHERE "sluice"."worker_commands"."worker_name" <> '';
--> statement-breakpoint
-- What had ended before it was counted.
INSERT INTO "sluice"."task_totals" SELECT queue, name, status, count(*),
       coalesce(sum((CASE WHEN queue = 'imports' THEN result ->> 'loaded' END)::bigint), 0), coalesce(sum(i.bytes), 0)
  FROM sluice.tasks t LEFT JOIN sluice.imports i USING (id) WHERE finished_at IS NOT NULL GROUP BY queue, name, status;--> statement-breakpoint
INSERT INTO "sluice"."task_counting" SELECT coalesce(max(finished_at), now()) FROM sluice.tasks;--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (23, 18);

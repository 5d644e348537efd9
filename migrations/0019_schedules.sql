CREATE TABLE "sluice"."schedule_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"schedule_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"due_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sluice"."schedules" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"cron" text,
	"every" text,
	"at" timestamp (3) with time zone,
	"time_zone" text NOT NULL,
	"start_at" timestamp (3) with time zone,
	"end_at" timestamp (3) with time zone,
	"timed_at" timestamp (3) with time zone NOT NULL,
	"misfire" text NOT NULL,
	"enabled" boolean NOT NULL,
	"task_name" text NOT NULL,
	"task_args" jsonb NOT NULL,
	"task_options" jsonb NOT NULL,
	"next_run_at" timestamp (3) with time zone,
	"planned_at" timestamp (3) with time zone NOT NULL,
	"last_run_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" uuid,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"updated_by" uuid
);
--> statement-breakpoint
ALTER TABLE "sluice"."schedule_runs" ADD CONSTRAINT "schedule_runs_schedule_id_schedules_id_fk" FOREIGN KEY ("schedule_id") REFERENCES "sluice"."schedules"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "schedule_runs_schedule_id_idx" ON "sluice"."schedule_runs" USING btree ("schedule_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "schedule_runs_due_at_key" ON "sluice"."schedule_runs" USING btree ("schedule_id","due_at");--> statement-breakpoint
CREATE INDEX "schedule_runs_created_at_idx" ON "sluice"."schedule_runs" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "schedules_name_key" ON "sluice"."schedules" USING btree ("name");--> statement-breakpoint
CREATE INDEX "schedules_next_run_at_idx" ON "sluice"."schedules" USING btree ("next_run_at") WHERE "sluice"."schedules"."enabled";--> statement-breakpoint
CREATE INDEX "schedules_planned_at_idx" ON "sluice"."schedules" USING btree ("planned_at") WHERE "sluice"."schedules"."enabled";--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (20, 18);

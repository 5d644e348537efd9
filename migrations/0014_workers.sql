CREATE TABLE "sluice"."workers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"version" text NOT NULL,
	"queues" jsonb NOT NULL,
	"slots" integer NOT NULL,
	"running" jsonb NOT NULL,
	"started_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"beat_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "tasks_queued_idx" ON "sluice"."tasks" USING btree ("name","created_at") WHERE "sluice"."tasks"."status" = 'queued';
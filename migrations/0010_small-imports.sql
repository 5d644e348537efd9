ALTER TABLE "sluice"."imports" ADD COLUMN "content" "bytea";--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "small" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "tasks_small_idx" ON "sluice"."tasks" USING btree ("id") WHERE "sluice"."tasks"."status" = 'queued' and "sluice"."tasks"."small";
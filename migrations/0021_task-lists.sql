DROP INDEX "sluice"."tasks_parent_id_idx";--> statement-breakpoint
CREATE INDEX "tasks_retry_of_idx" ON "sluice"."tasks" USING btree ("retry_of") WHERE "sluice"."tasks"."retry_of" is not null;--> statement-breakpoint
CREATE INDEX "tasks_queued_idx" ON "sluice"."tasks" USING btree ("name","id") WHERE "sluice"."tasks"."status" = 'queued';--> statement-breakpoint
CREATE INDEX "tasks_ended_idx" ON "sluice"."tasks" USING btree ("name","status","id") WHERE "sluice"."tasks"."status" in ('succeeded', 'failed', 'cancelled');--> statement-breakpoint
CREATE INDEX "tasks_parent_id_idx" ON "sluice"."tasks" USING btree ("parent_id","id") WHERE "sluice"."tasks"."parent_id" is not null;--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (22, 18);

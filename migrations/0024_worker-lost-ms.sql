ALTER TABLE "sluice"."workers" ADD COLUMN "lost_ms" integer DEFAULT 20000 NOT NULL;--> statement-breakpoint
CREATE INDEX "unique_keys_task_id_idx" ON "sluice"."unique_keys" USING btree ("task_id");--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (25, 18);

CREATE INDEX "imports_files_idx" ON "sluice"."imports" USING btree ("dataset","id") WHERE "sluice"."imports"."files_removed_at" is null;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_event_id_idx" ON "sluice"."webhook_deliveries" USING btree ("event_id");
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (36, 18);

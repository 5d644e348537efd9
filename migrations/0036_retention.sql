CREATE INDEX "imports_erased_idx" ON "sluice"."imports" USING btree ("id") WHERE "sluice"."imports"."erased_at" is not null and "sluice"."imports"."files_removed_at" is null;
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (37, 18);

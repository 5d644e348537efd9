ALTER TABLE "sluice"."imports" ADD COLUMN "errors_removed_at" timestamp (3) with time zone;--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (16, 15);

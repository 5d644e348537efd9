ALTER TABLE "sluice"."imports" ADD COLUMN "plan" jsonb;--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (34, 18);

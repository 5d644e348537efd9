ALTER TABLE "sluice"."api_keys" ADD COLUMN "datasets" jsonb;--> statement-breakpoint
ALTER TABLE "sluice"."api_keys" ADD COLUMN "verbs" jsonb;--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (27, 18);

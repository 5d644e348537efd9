CREATE TABLE "sluice"."record_exports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"dataset" text NOT NULL,
	"format" text NOT NULL,
	"key" text NOT NULL,
	"records" bigint NOT NULL,
	"bytes" bigint NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "record_exports_expires_at_idx" ON "sluice"."record_exports" USING btree ("expires_at");
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (33, 18);

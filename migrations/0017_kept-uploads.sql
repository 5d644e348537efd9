CREATE TABLE "sluice"."uploads" (
	"id" uuid PRIMARY KEY NOT NULL,
	"file_name" text,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"packing" text,
	"options" jsonb NOT NULL,
	"parent_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" uuid NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "uploads_created_by_idx" ON "sluice"."uploads" USING btree ("created_by","id");--> statement-breakpoint
CREATE INDEX "uploads_expires_at_idx" ON "sluice"."uploads" USING btree ("expires_at");
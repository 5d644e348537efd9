CREATE TABLE "sluice"."dataset_versions" (
	"dataset" text NOT NULL,
	"version" integer NOT NULL,
	"document" jsonb NOT NULL,
	"managed_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" uuid,
	CONSTRAINT "dataset_versions_dataset_version_pk" PRIMARY KEY("dataset","version")
);
--> statement-breakpoint
ALTER TABLE "sluice"."datasets" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."datasets" ADD COLUMN "managed_by" text DEFAULT 'file' NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "dataset_version" integer;--> statement-breakpoint
INSERT INTO "sluice"."dataset_versions" ("dataset", "version", "document", "managed_by", "created_at")
SELECT name, version, document, managed_by, updated_at FROM "sluice"."datasets";--> statement-breakpoint
UPDATE "sluice"."imports" i SET "dataset_version" = d.version FROM "sluice"."datasets" d WHERE d.name = i.dataset AND d.document = i.document;--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (28, 18);

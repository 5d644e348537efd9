CREATE TABLE "sluice"."mappings" (
	"dataset" text NOT NULL,
	"fingerprint" text NOT NULL,
	"header" jsonb NOT NULL,
	"mapping" jsonb NOT NULL,
	"created_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "mappings_dataset_fingerprint_pk" PRIMARY KEY("dataset","fingerprint")
);
--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "mapping" jsonb;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "header_fingerprint" text;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "entry_name" text;
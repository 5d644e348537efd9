CREATE TABLE "sluice"."record_reads" (
	"dataset" text NOT NULL,
	"record" text NOT NULL,
	"reads" bigint NOT NULL,
	"last_read_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "record_reads_dataset_record_pk" PRIMARY KEY("dataset","record")
);
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (29, 18);

CREATE TABLE "sluice"."inbox_files" (
	"dataset" text NOT NULL,
	"path" text NOT NULL,
	"version" text NOT NULL,
	"import_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_files_dataset_path_version_pk" PRIMARY KEY("dataset","path","version")
);
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (26, 18);

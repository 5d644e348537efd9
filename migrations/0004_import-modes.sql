CREATE SCHEMA "sluice_staging";
--> statement-breakpoint
CREATE TABLE "sluice"."import_matches" (
	"import_id" uuid NOT NULL,
	"row" bigint NOT NULL,
	"id" uuid NOT NULL,
	CONSTRAINT "import_matches_import_id_row_pk" PRIMARY KEY("import_id","row")
);
--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "mode" text DEFAULT 'insert' NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "on_error" text DEFAULT 'reject' NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "max_errors" text;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "dry_run" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "commit_of" uuid;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "published" jsonb;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "digest" text;--> statement-breakpoint
ALTER TABLE "sluice"."import_matches" ADD CONSTRAINT "import_matches_import_id_imports_id_fk" FOREIGN KEY ("import_id") REFERENCES "sluice"."imports"("id") ON DELETE cascade ON UPDATE no action;
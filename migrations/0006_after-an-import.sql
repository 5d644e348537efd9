CREATE TABLE "sluice"."kept_rows" (
	"import_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"row" bigint NOT NULL,
	"referenced_by" text,
	CONSTRAINT "kept_rows_import_id_row_id_pk" PRIMARY KEY("import_id","row","id")
);
--> statement-breakpoint
CREATE TABLE "sluice"."retried_rows" (
	"root_id" uuid NOT NULL,
	"row" bigint NOT NULL,
	"import_id" uuid NOT NULL,
	CONSTRAINT "retried_rows_root_id_row_pk" PRIMARY KEY("root_id","row")
);
--> statement-breakpoint
ALTER TABLE "sluice"."import_row_errors" DROP CONSTRAINT "import_row_errors_import_id_row_no_pk";--> statement-breakpoint
ALTER TABLE "sluice"."import_row_errors" ADD CONSTRAINT "import_row_errors_import_id_row_line_no_pk" PRIMARY KEY("import_id","row","line","no");--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "parent_id" uuid;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "root_id" uuid;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "undo_id" uuid;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "kept" bigint;--> statement-breakpoint
ALTER TABLE "sluice"."kept_rows" ADD CONSTRAINT "kept_rows_import_id_imports_id_fk" FOREIGN KEY ("import_id") REFERENCES "sluice"."imports"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sluice"."retried_rows" ADD CONSTRAINT "retried_rows_import_id_imports_id_fk" FOREIGN KEY ("import_id") REFERENCES "sluice"."imports"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "retried_rows_import_id_idx" ON "sluice"."retried_rows" USING btree ("import_id","row");--> statement-breakpoint
CREATE INDEX "imports_parent_id_idx" ON "sluice"."imports" USING btree ("parent_id") WHERE "sluice"."imports"."parent_id" is not null;
--> statement-breakpoint
CREATE FUNCTION "sluice"."note_update"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- An update that changes nothing is none; a time that was set with it stays. clock_timestamp() also differs from the created_at of the same transaction.
  IF OLD *<> NEW AND (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at OR NEW.updated_at IS NOT DISTINCT FROM NEW.created_at) THEN
    NEW.updated_at := clock_timestamp();
  END IF;
  RETURN NEW;
END $$;

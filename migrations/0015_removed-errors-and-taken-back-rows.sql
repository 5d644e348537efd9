CREATE TABLE "sluice"."taken_back_rows" (
	"import_id" uuid NOT NULL,
	"first_row" bigint NOT NULL,
	"last_row" bigint NOT NULL,
	CONSTRAINT "taken_back_rows_import_id_first_row_pk" PRIMARY KEY("import_id","first_row")
);
--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "errors_removed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "sluice"."taken_back_rows" ADD CONSTRAINT "taken_back_rows_import_id_imports_id_fk" FOREIGN KEY ("import_id") REFERENCES "sluice"."imports"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
-- Of imports that were taken back before, only the rows that were kept are known: the others count as taken back.
INSERT INTO "sluice"."taken_back_rows" (import_id, first_row, last_row)
SELECT i.id, 0, greatest(i.records, r.records, 0) FROM "sluice"."imports" i LEFT JOIN "sluice"."imports" r ON r.id = i.root_id WHERE i.kept IS NOT NULL;

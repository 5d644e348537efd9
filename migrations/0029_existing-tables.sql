CREATE SCHEMA "sluice_provenance";
--> statement-breakpoint
CREATE TABLE "sluice"."existing_tables" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "sluice"."existing_tables_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"schema_name" text NOT NULL,
	"table_name" text NOT NULL,
	"as_read" jsonb NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "existing_tables_name_key" ON "sluice"."existing_tables" USING btree ("schema_name","table_name");
--> statement-breakpoint
-- Whether a type reads a text. Asked of values that were refused already, to tell whose they are.
CREATE FUNCTION "sluice"."fits"(value text, type text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  EXECUTE format('SELECT CAST($1 AS %s)', type) USING value;
  RETURN true;
EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
  RETURN false;
END $$;
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (30, 18);

CREATE SCHEMA IF NOT EXISTS "sluice";
--> statement-breakpoint
CREATE TABLE "sluice"."api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"hash" "bytea" NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" uuid
);
--> statement-breakpoint
CREATE TABLE "sluice"."datasets" (
	"name" text PRIMARY KEY NOT NULL,
	"document" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sluice"."import_chunks" (
	"import_id" uuid NOT NULL,
	"chunk_no" integer NOT NULL,
	"start_byte" bigint NOT NULL,
	"end_byte" bigint NOT NULL,
	"first_row" bigint NOT NULL,
	"first_line" bigint NOT NULL,
	"records" integer NOT NULL,
	"broken" jsonb NOT NULL,
	"status" text DEFAULT 'waiting' NOT NULL,
	"starts" integer DEFAULT 0 NOT NULL,
	"loaded" integer DEFAULT 0 NOT NULL,
	"rejected" integer DEFAULT 0 NOT NULL,
	"errors" integer DEFAULT 0 NOT NULL,
	"rejects_key" text,
	"done_at" timestamp (3) with time zone,
	CONSTRAINT "import_chunks_import_id_chunk_no_pk" PRIMARY KEY("import_id","chunk_no")
);
--> statement-breakpoint
CREATE TABLE "sluice"."import_row_errors" (
	"import_id" uuid NOT NULL,
	"row" bigint NOT NULL,
	"no" integer NOT NULL,
	"chunk_no" integer NOT NULL,
	"line" bigint NOT NULL,
	"line_end" bigint,
	"column_index" integer,
	"column_name" text,
	"code" text NOT NULL,
	"constraint_name" text,
	"value" text,
	"message" text NOT NULL,
	CONSTRAINT "import_row_errors_import_id_row_no_pk" PRIMARY KEY("import_id","row","no")
);
--> statement-breakpoint
CREATE TABLE "sluice"."imports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"dataset" text NOT NULL,
	"document" jsonb NOT NULL,
	"file_name" text,
	"storage_key" text NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"encoding" text NOT NULL,
	"had_bom" boolean NOT NULL,
	"dialect" jsonb NOT NULL,
	"columns" jsonb NOT NULL,
	"data_start" bigint NOT NULL,
	"data_line" bigint NOT NULL,
	"data_end" bigint NOT NULL,
	"planned_at" timestamp (3) with time zone,
	"records" bigint,
	"files_removed_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" uuid
);
--> statement-breakpoint
CREATE TABLE "sluice"."tasks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"args" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"cancel_rows" text,
	"cancelled_by" uuid,
	"result" jsonb,
	"error" jsonb,
	"version" integer DEFAULT 1 NOT NULL,
	"rung_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"created_by" uuid
);
--> statement-breakpoint
CREATE TABLE "sluice"."users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" uuid
);
--> statement-breakpoint
ALTER TABLE "sluice"."api_keys" ADD CONSTRAINT "api_keys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "sluice"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sluice"."import_chunks" ADD CONSTRAINT "import_chunks_import_id_imports_id_fk" FOREIGN KEY ("import_id") REFERENCES "sluice"."imports"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD CONSTRAINT "imports_id_tasks_id_fk" FOREIGN KEY ("id") REFERENCES "sluice"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_hash_key" ON "sluice"."api_keys" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "api_keys_user_id_idx" ON "sluice"."api_keys" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "imports_dataset_idx" ON "sluice"."imports" USING btree ("dataset","id");--> statement-breakpoint
CREATE INDEX "tasks_unfinished_idx" ON "sluice"."tasks" USING btree ("rung_at") WHERE "sluice"."tasks"."status" in ('queued', 'running', 'cancelling');--> statement-breakpoint
CREATE INDEX "tasks_finished_at_idx" ON "sluice"."tasks" USING btree ("finished_at");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "sluice"."users" USING btree (lower("email"));
CREATE TABLE "sluice"."bootstrap_admins" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sluice"."schema_info" (
	"version" integer PRIMARY KEY NOT NULL,
	"compatible_from" integer NOT NULL
);
--> statement-breakpoint
INSERT INTO "sluice"."bootstrap_admins" ("user_id")
SELECT DISTINCT "user_id" FROM "sluice"."api_keys" WHERE "name" = 'SLUICE_ADMIN_KEY' AND "created_by" IS NULL;
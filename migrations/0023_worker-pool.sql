CREATE TABLE "sluice"."worker_pool" (
	"wish" text DEFAULT 'on-demand' NOT NULL,
	"state" text DEFAULT 'stopped' NOT NULL,
	"changed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"holder" text,
	"host" text DEFAULT '' NOT NULL,
	"beat_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);

--> statement-breakpoint
INSERT INTO "sluice"."worker_pool" DEFAULT VALUES;--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (24, 18);

CREATE TABLE "sluice"."idempotency_keys" (
	"user_id" uuid NOT NULL,
	"key" text NOT NULL,
	"import_id" uuid NOT NULL,
	"options_hash" text NOT NULL,
	"sha256" text,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_user_id_key_pk" PRIMARY KEY("user_id","key")
);
--> statement-breakpoint
CREATE INDEX "idempotency_keys_expires_at_idx" ON "sluice"."idempotency_keys" USING btree ("expires_at");
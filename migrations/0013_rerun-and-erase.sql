ALTER TABLE "sluice"."idempotency_keys" ADD COLUMN "answer" jsonb;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "rerun_of" uuid;--> statement-breakpoint
ALTER TABLE "sluice"."imports" ADD COLUMN "erased_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "imports_rerun_of_key" ON "sluice"."imports" USING btree ("rerun_of") WHERE "sluice"."imports"."rerun_of" is not null;
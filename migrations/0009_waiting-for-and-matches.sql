ALTER TABLE "sluice"."tasks" ADD COLUMN "waiting_for" text;--> statement-breakpoint
CREATE INDEX "import_matches_id_idx" ON "sluice"."import_matches" USING btree ("id");
ALTER TABLE "sluice"."imports" ADD COLUMN "duplicate_of" uuid;--> statement-breakpoint
CREATE INDEX "imports_sha256_idx" ON "sluice"."imports" USING btree ("sha256");
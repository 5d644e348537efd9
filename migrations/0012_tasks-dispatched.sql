ALTER TABLE "sluice"."tasks" RENAME COLUMN "cancel_rows" TO "cancel_options";--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ALTER COLUMN "cancel_options" SET DATA TYPE jsonb USING CASE WHEN "cancel_options" IS NOT NULL THEN jsonb_build_object('rows', "cancel_options") END;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" RENAME COLUMN "rung_at" TO "dispatched_at";

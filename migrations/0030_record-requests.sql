CREATE TABLE "sluice"."record_requests" (
	"id" uuid PRIMARY KEY NOT NULL,
	"dataset" text NOT NULL,
	"request" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "sluice"."record_requests" ADD CONSTRAINT "record_requests_id_tasks_id_fk" FOREIGN KEY ("id") REFERENCES "sluice"."tasks"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (31, 18);

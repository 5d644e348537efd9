CREATE TABLE "sluice"."resumable_uploads" (
	"id" uuid PRIMARY KEY NOT NULL,
	"length" bigint NOT NULL,
	"received" bigint DEFAULT 0 NOT NULL,
	"file_name" text,
	"packing" text,
	"options" jsonb NOT NULL,
	"metadata" text NOT NULL,
	"finishing_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" uuid NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sluice"."upload_pieces" (
	"upload_id" uuid NOT NULL,
	"start_byte" bigint NOT NULL,
	"end_byte" bigint NOT NULL,
	"storage_key" text NOT NULL,
	CONSTRAINT "upload_pieces_upload_id_start_byte_pk" PRIMARY KEY("upload_id","start_byte")
);
--> statement-breakpoint
ALTER TABLE "sluice"."upload_pieces" ADD CONSTRAINT "upload_pieces_upload_id_resumable_uploads_id_fk" FOREIGN KEY ("upload_id") REFERENCES "sluice"."resumable_uploads"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "resumable_uploads_created_by_idx" ON "sluice"."resumable_uploads" USING btree ("created_by","id");--> statement-breakpoint
CREATE INDEX "resumable_uploads_expires_at_idx" ON "sluice"."resumable_uploads" USING btree ("expires_at");
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (35, 18);

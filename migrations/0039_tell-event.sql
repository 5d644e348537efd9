-- Tells webhooks of one moment of a task's life. The statements that are sent most often call it for the rows that they return, and only if
-- a webhook asks: to hold what it does in their plans would take Postgres longer, at each of them, than to claim a task.
CREATE FUNCTION "sluice"."tell_event"(its_task uuid, its_name text, its_queue text, its_event text, its_time timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sluice.webhook_deliveries (id, webhook_id, event_id, type, payload)
  SELECT sluice.uuid_v7(), d.webhook_id, d.event_id, d.type, d.payload
    FROM sluice.events_of(its_task, its_name, its_queue, its_event, NULL, its_time, NULL, NULL) d;
END $$;
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (40, 18);


CREATE FUNCTION "sluice"."note_update"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- An update that changes nothing is none; a time that was set with it stays. clock_timestamp() also differs from the created_at of the same transaction.
  IF OLD *<> NEW AND (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at OR NEW.updated_at IS NOT DISTINCT FROM NEW.created_at) THEN
    NEW.updated_at := clock_timestamp();
  END IF;
  RETURN NEW;
END $$;

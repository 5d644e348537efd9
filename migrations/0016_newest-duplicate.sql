-- The newest import of some bytes into a dataset that has landed or is under way, and whose rows were not taken back. One that failed or
-- was cancelled counts when rows of it had landed; only chunks that land directly leave any. VOLATILE, so that it sees what was committed
-- while the statement that calls it waited for a lock.
CREATE FUNCTION "sluice"."newest_duplicate"(its_dataset text, its_sha256 text) RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN (
    SELECT i.id FROM "sluice"."imports" i JOIN "sluice"."tasks" t ON t.id = i.id
     WHERE i.sha256 = its_sha256 AND i.dataset = its_dataset AND NOT i.dry_run AND i.kept IS NULL
       AND (t.status IN ('queued', 'running', 'succeeded')
            OR i.mode = 'insert' AND i.on_error = 'reject' AND i.commit_of IS NULL
               AND EXISTS (SELECT FROM "sluice"."import_chunks" c WHERE c.import_id = i.id AND c.status = 'done' AND c.loaded > 0))
     ORDER BY i.id DESC LIMIT 1);
END $$;

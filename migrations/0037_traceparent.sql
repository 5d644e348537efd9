-- The option "traceparent": the trace that a task belongs to.
CREATE OR REPLACE FUNCTION "sluice"."enqueue_all"(its_tasks jsonb, its_creator uuid DEFAULT NULL, tells boolean DEFAULT true)
RETURNS TABLE (place integer, id uuid, is_new boolean) LANGUAGE plpgsql SET enable_seqscan TO off AS $$
#variable_conflict use_column
DECLARE
  wrong text;
  queues text[];
  remaining jsonb := its_tasks;
  made uuid[];
  rung text[];
  -- Those that were not recorded, and the task that has the key of each.
  second uuid[] := '{}';
  first uuid[] := '{}';
  found_second uuid[];
  found_first uuid[];
BEGIN
  SELECT key INTO wrong FROM jsonb_array_elements(its_tasks) task, jsonb_object_keys(coalesce(nullif(task -> 'options', 'null'), '{}')) key
   WHERE key NOT IN ('queue', 'priority', 'delay', 'eta', 'expires', 'retries', 'backoff', 'timeLimit', 'softTimeLimit', 'unique', 'tags', 'parentId', 'key', 'concurrency', 'rate', 'traceparent')
   LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'a task has no option "%"', wrong USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Options are queue, priority, delay, eta, expires, retries, backoff, timeLimit, softTimeLimit, unique, tags, parentId, key, concurrency, rate, traceparent.';
  END IF;

  SELECT task -> 'options' ->> 'traceparent' INTO wrong FROM jsonb_array_elements(its_tasks) task
   WHERE task -> 'options' ->> 'traceparent' !~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION '"%" is no traceparent', left(wrong, 100) USING ERRCODE = 'invalid_parameter_value',
      HINT = 'It is 00-<32 hexadecimal digits>-<16>-<2>, in lower case (W3C Trace Context).';
  END IF;

  LOOP
    WITH asked AS MATERIALIZED (
      SELECT t.place, t.id, t.name, coalesce(t.args, '{}') AS args, o.o,
             coalesce(o ->> 'queue', d.document ->> 'queue', 'default') AS queue,
             coalesce(d.document ->> 'run', 'unknown') AS lane,
             coalesce((o ->> 'priority')::smallint, (d.document ->> 'priority')::smallint, 0) AS priority,
             coalesce((o ->> 'eta')::timestamptz, clock_timestamp() + sluice.duration_ms(o -> 'delay') * interval '1 millisecond') AS later,
             coalesce(sluice.instant_of(o -> 'expires'),
                      clock_timestamp() + (d.document ->> 'expiresMs')::bigint * interval '1 millisecond') AS expires_at,
             coalesce((o ->> 'retries')::smallint + 1, (d.document ->> 'maxAttempts')::smallint) AS max_attempts,
             o -> 'unique' ->> 'key' AS unique_key,
             sluice.duration_ms(o -> 'unique' -> 'for') AS unique_ms,
             CASE WHEN o ? 'key' THEN o ->> 'key'
                  WHEN d.document ? 'key' THEN coalesce(t.args #>> string_to_array(substr(d.document ->> 'key', 2), '/'), '')
                  WHEN o ?| ARRAY['concurrency', 'rate'] OR d.document ? 'limits' THEN '' END AS limit_key, t.group_id
        FROM ROWS FROM (jsonb_to_recordset(remaining) AS (id uuid, name text, args jsonb, options jsonb, "groupId" uuid)) WITH ORDINALITY AS t (id, name, args, options, group_id, place)
        CROSS JOIN LATERAL (SELECT coalesce(nullif(t.options, 'null'), '{}') AS o) o
        LEFT JOIN sluice.task_definitions d ON d.name = t.name),
    taken AS (
      INSERT INTO sluice.unique_keys AS u (name, key, task_id, expires_at)
      SELECT DISTINCT ON (name, unique_key) name, unique_key, id, clock_timestamp() + unique_ms * interval '1 millisecond'
        FROM asked WHERE unique_ms IS NOT NULL ORDER BY name, unique_key, place
      ON CONFLICT (name, key) DO UPDATE SET task_id = excluded.task_id, expires_at = excluded.expires_at WHERE u.expires_at <= clock_timestamp()
      RETURNING task_id),
    recorded AS (
      INSERT INTO sluice.tasks (id, name, args, queue, lane, priority, run_at, due, expires_at, max_attempts, options, unique_key, tags, parent_id, limit_key, limits, group_id, created_by)
      SELECT id, name, args, queue, lane, priority, coalesce(later, clock_timestamp()), (later IS NULL OR later <= clock_timestamp()) AND limit_key IS NULL, expires_at, max_attempts,
             CASE WHEN o ?| ARRAY['backoff', 'timeLimit', 'softTimeLimit', 'traceparent'] THEN jsonb_strip_nulls(jsonb_build_object(
               'backoff', CASE WHEN o ? 'backoff' THEN jsonb_build_object('type', o -> 'backoff' -> 'type', 'delayMs', sluice.duration_ms(o -> 'backoff' -> 'delay'),
                 'maxMs', sluice.duration_ms(o -> 'backoff' -> 'max'), 'jitter', o -> 'backoff' -> 'jitter') END,
               'timeLimitMs', sluice.duration_ms(o -> 'timeLimit'), 'softTimeLimitMs', sluice.duration_ms(o -> 'softTimeLimit'), 'traceparent', o -> 'traceparent')) END,
             CASE WHEN unique_ms IS NULL THEN unique_key END,
             CASE WHEN o ? 'tags' THEN ARRAY(SELECT jsonb_array_elements_text(o -> 'tags')) END,
             (o ->> 'parentId')::uuid, limit_key,
             CASE WHEN o ?| ARRAY['concurrency', 'rate'] THEN jsonb_strip_nulls(jsonb_build_object(
               'concurrency', (o -> 'concurrency' ->> 'limit')::integer,
               'rate', CASE WHEN o ? 'rate' THEN jsonb_build_object('limit', (o -> 'rate' ->> 'limit')::integer, 'perMs', sluice.duration_ms(o -> 'rate' -> 'per')) END)) END,
             group_id, its_creator
        FROM asked WHERE unique_ms IS NULL OR id IN (SELECT task_id FROM taken)
       ORDER BY place
      ON CONFLICT DO NOTHING RETURNING id, queue, due OR limit_key IS NOT NULL AS rings)
    SELECT array_agg(id), array_agg(DISTINCT queue), array_agg(DISTINCT queue) FILTER (WHERE rings) INTO made, queues, rung FROM recorded;

    SELECT queue INTO wrong FROM unnest(queues) queue WHERE (queue !~ '^[a-z0-9][a-z0-9_.-]{0,63}$' OR queue IN ('imports', 'chunks')) LIMIT 1;
    IF wrong IS NOT NULL THEN
      RAISE EXCEPTION '"%" is no queue for tasks', wrong USING ERRCODE = 'invalid_parameter_value',
        HINT = 'A queue has a name of up to 64 of a-z, 0-9, "_", "." and "-". "imports" and "chunks" are for imports.';
    END IF;
    IF tells THEN PERFORM pg_notify('sluice_tasks', queue) FROM unnest(rung) queue; END IF;

    EXIT WHEN cardinality(made) = jsonb_array_length(remaining);
    -- A statement of its own: it sees who was there first. One that has ended meanwhile has left the key free.
    SELECT array_agg(id) FILTER (WHERE holder IS NOT NULL), array_agg(holder) FILTER (WHERE holder IS NOT NULL), jsonb_agg(task) FILTER (WHERE holder IS NULL)
      INTO found_second, found_first, remaining
      FROM (SELECT task, (task ->> 'id')::uuid AS id, coalesce(
                     (SELECT id FROM sluice.tasks WHERE id = (task ->> 'id')::uuid),
                     (SELECT id FROM sluice.tasks WHERE name = task ->> 'name' AND unique_key = task -> 'options' -> 'unique' ->> 'key'
                         AND status IN ('queued', 'running', 'cancelling')),
                     (SELECT task_id FROM sluice.unique_keys WHERE name = task ->> 'name' AND key = task -> 'options' -> 'unique' ->> 'key'
                         AND expires_at > clock_timestamp())) AS holder
              FROM jsonb_array_elements(remaining) task
             WHERE (task ->> 'id')::uuid <> ALL (coalesce(made, '{}'))) others;
    second := second || found_second;
    first := first || found_first;
    EXIT WHEN remaining IS NULL;
  END LOOP;
  RETURN QUERY
    SELECT t.place::integer, coalesce(first[array_position(second, t.id)], t.id), array_position(second, t.id) IS NULL
      FROM ROWS FROM (jsonb_to_recordset(its_tasks) AS (id uuid)) WITH ORDINALITY AS t (id, place) ORDER BY t.place;
END $$;
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (38, 18);

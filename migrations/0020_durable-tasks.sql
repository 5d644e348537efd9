CREATE TABLE "sluice"."group_ends" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "sluice"."group_ends_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"group_id" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sluice"."group_members" (
	"group_id" uuid NOT NULL,
	"place" integer NOT NULL,
	"member" jsonb NOT NULL,
	"is_callback" boolean DEFAULT false NOT NULL,
	"status" text DEFAULT 'waiting' NOT NULL,
	"task_id" uuid,
	"child_id" uuid,
	"result" jsonb,
	"error" jsonb,
	CONSTRAINT "group_members_group_id_place_pk" PRIMARY KEY("group_id","place")
);
--> statement-breakpoint
CREATE TABLE "sluice"."groups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"status" text DEFAULT 'running' NOT NULL,
	"parent_id" uuid,
	"cancels_rest" boolean DEFAULT false NOT NULL,
	"result" jsonb,
	"error" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"created_by" uuid,
	"cancelled_by" uuid
);
--> statement-breakpoint
CREATE TABLE "sluice"."key_turns" (
	"queue" text NOT NULL,
	"priority" smallint NOT NULL,
	"name" text NOT NULL,
	"limit_key" text NOT NULL,
	CONSTRAINT "key_turns_queue_priority_pk" PRIMARY KEY("queue","priority")
);
--> statement-breakpoint
CREATE TABLE "sluice"."task_cursors" (
	"task_id" uuid PRIMARY KEY NOT NULL,
	"cursor" json NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sluice"."task_signals" (
	"task_id" uuid NOT NULL,
	"no" integer NOT NULL,
	"name" text NOT NULL,
	"payload" json NOT NULL,
	"sent_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"sent_by" uuid,
	"wait" integer,
	CONSTRAINT "task_signals_task_id_no_pk" PRIMARY KEY("task_id","no")
);
--> statement-breakpoint
CREATE TABLE "sluice"."task_steps" (
	"task_id" uuid NOT NULL,
	"name" text NOT NULL,
	"result" json NOT NULL,
	"start" integer NOT NULL,
	"ended_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "task_steps_task_id_name_pk" PRIMARY KEY("task_id","name")
);
--> statement-breakpoint
CREATE TABLE "sluice"."task_waits" (
	"task_id" uuid NOT NULL,
	"signal" text NOT NULL,
	"no" integer NOT NULL,
	"until" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "task_waits_task_id_signal_no_pk" PRIMARY KEY("task_id","signal","no")
);
--> statement-breakpoint
DROP INDEX "sluice"."tasks_to_come_idx";--> statement-breakpoint
DROP INDEX "sluice"."tasks_expiring_idx";--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "signals" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "limit_key" text;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "limits" jsonb;--> statement-breakpoint
ALTER TABLE "sluice"."tasks" ADD COLUMN "group_id" uuid;--> statement-breakpoint
ALTER TABLE "sluice"."group_members" ADD CONSTRAINT "group_members_group_id_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "sluice"."groups"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sluice"."task_cursors" ADD CONSTRAINT "task_cursors_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "sluice"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sluice"."task_signals" ADD CONSTRAINT "task_signals_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "sluice"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sluice"."task_steps" ADD CONSTRAINT "task_steps_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "sluice"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sluice"."task_waits" ADD CONSTRAINT "task_waits_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "sluice"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "group_members_task_id_idx" ON "sluice"."group_members" USING btree ("task_id") WHERE "sluice"."group_members"."task_id" is not null;--> statement-breakpoint
CREATE INDEX "group_members_child_id_idx" ON "sluice"."group_members" USING btree ("child_id") WHERE "sluice"."group_members"."child_id" is not null;--> statement-breakpoint
CREATE INDEX "groups_cancels_rest_idx" ON "sluice"."groups" USING btree ("id") WHERE "sluice"."groups"."cancels_rest";--> statement-breakpoint
CREATE INDEX "groups_finished_at_idx" ON "sluice"."groups" USING btree ("finished_at") WHERE "sluice"."groups"."finished_at" is not null and "sluice"."groups"."parent_id" is null;--> statement-breakpoint
CREATE INDEX "groups_parent_id_idx" ON "sluice"."groups" USING btree ("parent_id") WHERE "sluice"."groups"."parent_id" is not null;--> statement-breakpoint
CREATE INDEX "tasks_held_idx" ON "sluice"."tasks" USING btree ("queue","priority","name","limit_key","run_at","id") WHERE "sluice"."tasks"."status" = 'queued' and not "sluice"."tasks"."due" and "sluice"."tasks"."limit_key" is not null;--> statement-breakpoint
CREATE INDEX "tasks_placed_idx" ON "sluice"."tasks" USING btree ("name","limit_key") WHERE "sluice"."tasks"."limit_key" is not null and ("sluice"."tasks"."status" in ('running', 'cancelling') or "sluice"."tasks"."status" = 'queued' and "sluice"."tasks"."due");--> statement-breakpoint
CREATE INDEX "tasks_key_starts_idx" ON "sluice"."tasks" USING btree ("name","limit_key","claimed_at") WHERE "sluice"."tasks"."limit_key" is not null;--> statement-breakpoint
CREATE INDEX "tasks_to_come_idx" ON "sluice"."tasks" USING btree ("run_at") WHERE "sluice"."tasks"."status" = 'queued' and not "sluice"."tasks"."due" and "sluice"."tasks"."limit_key" is null;--> statement-breakpoint
CREATE INDEX "tasks_expiring_idx" ON "sluice"."tasks" USING btree ("expires_at") WHERE "sluice"."tasks"."status" = 'queued' and "sluice"."tasks"."expires_at" is not null and "sluice"."tasks"."starts" = 0;
--> statement-breakpoint
-- Records tasks: [{"id", "name", "args", "options", "groupId"}, …]; the options are those of core/tasks/task-options.ts. One that would be the second
-- of its unique key is not recorded, and the first is returned in its place. Workers are told at the commit.
CREATE FUNCTION "sluice"."enqueue_all"(its_tasks jsonb, its_creator uuid DEFAULT NULL, tells boolean DEFAULT true)
RETURNS TABLE (place integer, id uuid, is_new boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  wrong text;
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
   WHERE key NOT IN ('queue', 'priority', 'delay', 'eta', 'expires', 'retries', 'backoff', 'timeLimit', 'softTimeLimit', 'unique', 'tags', 'parentId', 'key', 'concurrency', 'rate')
   LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'a task has no option "%"', wrong USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Options are queue, priority, delay, eta, expires, retries, backoff, timeLimit, softTimeLimit, unique, tags, parentId, key, concurrency, rate.';
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
             CASE WHEN o ?| ARRAY['backoff', 'timeLimit', 'softTimeLimit'] THEN jsonb_strip_nulls(jsonb_build_object(
               'backoff', CASE WHEN o ? 'backoff' THEN jsonb_build_object('type', o -> 'backoff' -> 'type', 'delayMs', sluice.duration_ms(o -> 'backoff' -> 'delay'),
                 'maxMs', sluice.duration_ms(o -> 'backoff' -> 'max'), 'jitter', o -> 'backoff' -> 'jitter') END,
               'timeLimitMs', sluice.duration_ms(o -> 'timeLimit'), 'softTimeLimitMs', sluice.duration_ms(o -> 'softTimeLimit'))) END,
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
    SELECT array_agg(id), array_agg(DISTINCT queue) FILTER (WHERE rings) INTO made, rung FROM recorded;

    SELECT queue INTO wrong FROM sluice.tasks WHERE id = ANY(made) AND (queue !~ '^[a-z0-9][a-z0-9_.-]{0,63}$' OR queue IN ('imports', 'chunks')) LIMIT 1;
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
-- One task, in whatever transaction: its commit lets a worker begin, its rollback leaves nothing.
CREATE FUNCTION "sluice"."enqueue"(name text, args jsonb DEFAULT '{}', options jsonb DEFAULT '{}') RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT e.id FROM sluice.enqueue_all(jsonb_build_array(jsonb_build_object('id', sluice.uuid_v7(), 'name', name, 'args', args, 'options', options))) e
$$;
--> statement-breakpoint
-- Waits for a signal, from within an attempt: the wait of that number for that name. "signal" comes with the payload and "timeout"
-- without; "waiting" with how many signals the task was sent so far, which the end of the attempt is to say. "over": the attempt is.
CREATE FUNCTION "sluice"."wait_for_signal"(its_task uuid, its_start integer, its_signal text, its_no integer, its_timeout_ms bigint)
RETURNS TABLE (state text, payload text, signals integer, wait_ms float8) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  its_wait sluice.task_waits;
BEGIN
  -- Read before the signals: one that is sent later counts as not known.
  SELECT t.signals INTO signals FROM sluice.tasks t WHERE id = its_task AND starts = its_start AND status = 'running';
  IF NOT FOUND THEN
    state := 'over';
    RETURN NEXT;
    RETURN;
  END IF;
  INSERT INTO sluice.task_waits (task_id, signal, no, until)
  VALUES (its_task, its_signal, its_no, clock_timestamp() + its_timeout_ms * interval '1 millisecond') ON CONFLICT DO NOTHING;
  SELECT * INTO its_wait FROM sluice.task_waits WHERE task_id = its_task AND signal = its_signal AND no = its_no;
  IF its_wait.ended_at IS NULL THEN
    UPDATE sluice.task_signals SET wait = its_no
     WHERE task_id = its_task AND no = (SELECT min(no) FROM sluice.task_signals WHERE task_id = its_task AND name = its_signal AND wait IS NULL);
    IF FOUND OR its_wait.until <= clock_timestamp() THEN
      UPDATE sluice.task_waits SET ended_at = clock_timestamp() WHERE task_id = its_task AND signal = its_signal AND no = its_no;
    ELSE
      state := 'waiting';
      wait_ms := extract(epoch FROM its_wait.until - clock_timestamp()) * 1000;
      RETURN NEXT;
      RETURN;
    END IF;
  END IF;
  SELECT s.payload::text INTO payload FROM sluice.task_signals s WHERE task_id = its_task AND name = its_signal AND wait = its_no;
  state := CASE WHEN FOUND THEN 'signal' ELSE 'timeout' END;
  RETURN NEXT;
END $$;
--> statement-breakpoint
-- Sends a signal to a task, in whatever transaction. It is kept until the task waits for it; a task that waits is due at once.
-- Returns its number among those of the task; null when the task is not there, has ended, or is an import or undo.
CREATE FUNCTION "sluice"."send_signal"(its_task uuid, its_name text, its_payload json DEFAULT 'null', its_sender uuid DEFAULT NULL)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  its_no integer;
  its_queue text;
  wakes boolean;
BEGIN
  IF its_name !~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$' THEN
    RAISE EXCEPTION '"%" is no name for a signal', its_name USING ERRCODE = 'invalid_parameter_value',
      HINT = 'A signal has a name of up to 100 of A-Z, a-z, 0-9, "_", "." and "-".';
  END IF;
  -- The row of the task is what this and the end of an attempt agree by: the later of both sees the other.
  UPDATE sluice.tasks t SET signals = signals + 1, version = version + 1,
         run_at = CASE WHEN status = 'queued' AND waiting_for LIKE 'the signal "%' THEN clock_timestamp() ELSE run_at END,
         due = due OR status = 'queued' AND waiting_for IS NOT NULL AND waiting_for LIKE 'the signal "%' AND limit_key IS NULL
   WHERE id = its_task AND status IN ('queued', 'running') AND queue <> 'imports'
  RETURNING signals, queue, status = 'queued' INTO its_no, its_queue, wakes;
  IF its_no IS NULL THEN RETURN NULL; END IF;
  INSERT INTO sluice.task_signals (task_id, no, name, payload, sent_by) VALUES (its_task, its_no, its_name, coalesce(its_payload, 'null'), its_sender);
  IF wakes THEN PERFORM pg_notify('sluice_tasks', its_queue); END IF;
  RETURN its_no;
END $$;
--> statement-breakpoint
-- Gives tasks with a key their turn: makes due up to so many of a queue, less those whose turn has come and that nobody has taken yet.
-- Key by key, in rounds, going on behind the key that was last. What runs and what has begun is counted in the tasks themselves, so that
-- nothing has to be given back when a worker dies. `next_ms`: when a rate allows the next.
CREATE FUNCTION "sluice"."release_held"(its_queue text, its_names text[], most integer)
RETURNS TABLE (released integer, next_ms float8) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  -- Keys looked at for one priority; the others' turn is the next time.
  most_looked_at CONSTANT integer := 1000;
  room integer;
  its_priority smallint := -32768;
  turn record;
  at_name text;
  at_key text;
  passes_name boolean;
  found_name text;
  found_key text;
  found_limits jsonb;
  is_wrapped boolean;
  looked_at integer;
  allowed integer;
  placed integer;
  waiting integer;
  begun integer;
  per interval;
  oldest timestamptz;
  names text[];
  keys text[];
  allowances integer[];
  moved integer;
  last_no integer;
  now_at timestamptz;
BEGIN
  released := 0;
  PERFORM FROM sluice.tasks WHERE queue = its_queue AND status = 'queued' AND NOT due AND limit_key IS NOT NULL LIMIT 1;
  IF NOT FOUND OR EXISTS (SELECT FROM sluice.queues WHERE name = its_queue AND paused_at IS NOT NULL) THEN
    RETURN NEXT;
    RETURN;
  END IF;
  -- One at a time: what another has released is seen by the statements after this one.
  PERFORM pg_advisory_xact_lock(727, 13);
  now_at := clock_timestamp();
  SELECT most - count(*) INTO room FROM sluice.tasks
   WHERE limit_key IS NOT NULL AND status = 'queued' AND due AND queue = its_queue AND name = ANY(its_names);
  WHILE room > 0 LOOP
    SELECT priority INTO its_priority FROM sluice.tasks
     WHERE queue = its_queue AND status = 'queued' AND NOT due AND limit_key IS NOT NULL AND priority >= its_priority ORDER BY priority LIMIT 1;
    EXIT WHEN NOT FOUND;
    SELECT k.name, k.limit_key INTO turn FROM sluice.key_turns k WHERE queue = its_queue AND priority = its_priority;
    at_name := coalesce(turn.name, '');
    at_key := coalesce(turn.limit_key, '');
    is_wrapped := turn.name IS NULL;
    passes_name := is_wrapped;
    names := '{}';
    keys := '{}';
    allowances := '{}';
    looked_at := 0;
    LOOP
      IF passes_name THEN
        SELECT name, limit_key, limits INTO found_name, found_key, found_limits FROM sluice.tasks
         WHERE queue = its_queue AND priority = its_priority AND status = 'queued' AND NOT due AND limit_key IS NOT NULL
           AND name > at_name ORDER BY name, limit_key, run_at, id LIMIT 1;
      ELSE
        SELECT name, limit_key, limits INTO found_name, found_key, found_limits FROM sluice.tasks
         WHERE queue = its_queue AND priority = its_priority AND status = 'queued' AND NOT due AND limit_key IS NOT NULL
           AND (name, limit_key) > (at_name, at_key) ORDER BY name, limit_key, run_at, id LIMIT 1;
      END IF;
      IF NOT FOUND THEN
        EXIT WHEN is_wrapped;
        is_wrapped := true;
        at_name := '';
        passes_name := true;
        CONTINUE;
      END IF;
      EXIT WHEN is_wrapped AND turn.name IS NOT NULL AND (found_name, found_key) > (turn.name, turn.limit_key);
      at_name := found_name;
      at_key := found_key;
      passes_name := found_name <> ALL(its_names);
      CONTINUE WHEN passes_name;
      looked_at := looked_at + 1;
      SELECT coalesce(d.document -> 'limits', '{}') || coalesce(found_limits, '{}') INTO found_limits
        FROM (SELECT) one LEFT JOIN sluice.task_definitions d ON d.name = found_name;
      allowed := room;
      SELECT count(*), count(*) FILTER (WHERE status = 'queued') INTO placed, waiting FROM sluice.tasks
       WHERE limit_key IS NOT NULL AND (status IN ('running', 'cancelling') OR status = 'queued' AND due) AND name = found_name AND limit_key = found_key;
      IF found_limits ? 'concurrency' THEN
        allowed := least(allowed, (found_limits ->> 'concurrency')::integer - placed);
      END IF;
      IF allowed > 0 AND found_limits ? 'rate' THEN
        per := (found_limits -> 'rate' ->> 'perMs')::float8 * interval '1 millisecond';
        SELECT count(*) + coalesce(sum(CASE WHEN t.starts > 1 THEN (SELECT count(*) FROM sluice.task_attempts a
                 WHERE a.task_id = t.id AND a.start < t.starts AND a.started_at > now_at - per) ELSE 0 END), 0), min(t.claimed_at)
          INTO begun, oldest FROM sluice.tasks t
         WHERE t.name = found_name AND t.limit_key = found_key AND t.limit_key IS NOT NULL AND t.claimed_at > now_at - per;
        allowed := least(allowed, (found_limits -> 'rate' ->> 'limit')::integer - begun - waiting);
        IF allowed <= 0 AND oldest IS NOT NULL THEN
          next_ms := least(next_ms, greatest(extract(epoch FROM oldest + per - now_at) * 1000, 1));
        END IF;
      END IF;
      IF allowed > 0 THEN
        names := names || found_name;
        keys := keys || found_key;
        allowances := allowances || allowed;
      END IF;
      EXIT WHEN looked_at >= most_looked_at OR cardinality(names) >= room;
    END LOOP;

    WITH chosen AS (
      SELECT t.id, k.no, row_number() OVER (PARTITION BY k.no ORDER BY t.run_at, t.id) AS round
        FROM unnest(names, keys, allowances) WITH ORDINALITY AS k (name, key, allowed, no)
        CROSS JOIN LATERAL (
          SELECT id, run_at FROM sluice.tasks
           WHERE queue = its_queue AND priority = its_priority AND status = 'queued' AND NOT due AND limit_key IS NOT NULL
             AND name = k.name AND limit_key = k.key AND run_at <= now_at
           ORDER BY run_at, id LIMIT least(k.allowed, room)) t),
    next AS MATERIALIZED (SELECT * FROM chosen ORDER BY round, no LIMIT room),
    released AS (
      UPDATE sluice.tasks SET due = true WHERE id IN (SELECT id FROM next) AND status = 'queued' AND NOT due RETURNING id)
    SELECT (SELECT count(*) FROM released), (SELECT no FROM next ORDER BY round DESC, no DESC LIMIT 1) INTO moved, last_no;

    IF last_no IS NOT NULL OR looked_at >= most_looked_at THEN
      INSERT INTO sluice.key_turns (queue, priority, name, limit_key)
      VALUES (its_queue, its_priority, coalesce(names[last_no], at_name), coalesce(keys[last_no], at_key))
      ON CONFLICT (queue, priority) DO UPDATE SET name = excluded.name, limit_key = excluded.limit_key;
    END IF;
    IF looked_at >= most_looked_at THEN next_ms := least(next_ms, 50); END IF;
    released := released + moved;
    room := room - moved;
    EXIT WHEN its_priority = 32767;
    its_priority := its_priority + 1;
  END LOOP;
  RETURN NEXT;
END $$;
--> statement-breakpoint
-- Begins members of a group whose turn has come. `previous`: what comes before them, in JSON; null: nothing does.
CREATE FUNCTION "sluice"."begin_members"(its_group uuid, places integer[], previous jsonb, previous_errors jsonb, its_creator uuid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  nested record;
  begun jsonb;
BEGIN
  FOR nested IN
    UPDATE sluice.group_members SET child_id = sluice.uuid_v7(), status = 'running'
     WHERE group_id = its_group AND place = ANY(places) AND NOT member ? 'name' RETURNING child_id, member
  LOOP
    PERFORM sluice.create_group(nested.child_id, nested.member, its_creator, its_group, previous, previous_errors);
  END LOOP;
  WITH tasks AS (
    UPDATE sluice.group_members SET task_id = sluice.uuid_v7(), status = 'running'
     WHERE group_id = its_group AND place = ANY(places) AND member ? 'name' RETURNING place, task_id, member)
  SELECT jsonb_agg(jsonb_build_object(
           'id', task_id, 'name', member -> 'name', 'groupId', its_group,
           'options', coalesce(member -> 'options', '{}'),
           'args', coalesce(member -> 'args', '{}')
             || CASE WHEN member ? 'into' AND previous IS NOT NULL THEN jsonb_build_object(member ->> 'into', previous) ELSE '{}' END
             || CASE WHEN member ? 'errorsInto' AND previous_errors IS NOT NULL THEN jsonb_build_object(member ->> 'errorsInto', previous_errors) ELSE '{}' END)
         ORDER BY place) INTO begun FROM tasks;
  IF begun IS NOT NULL THEN PERFORM sluice.enqueue_all(begun, its_creator, true); END IF;
END $$;
--> statement-breakpoint
-- Records a chain, group or chord as core/tasks/canvas.ts describes it, in whatever transaction, and begins it.
CREATE FUNCTION "sluice"."create_group"(its_id uuid, canvas jsonb, its_creator uuid DEFAULT NULL, its_parent uuid DEFAULT NULL, previous jsonb DEFAULT NULL, previous_errors jsonb DEFAULT NULL)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  members jsonb := coalesce(canvas -> 'chain', canvas -> 'group');
  wrong jsonb;
BEGIN
  IF jsonb_typeof(members) IS DISTINCT FROM 'array' OR jsonb_array_length(members) = 0 THEN
    RAISE EXCEPTION 'a chain or group needs members' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Write {"chain": [{"name": "add", "args": {…}}, …]}, or {"group": […], "callback": {…}}.';
  END IF;
  SELECT member INTO wrong FROM jsonb_array_elements(members || jsonb_build_array(canvas -> 'callback')) member
   WHERE jsonb_typeof(member) <> 'null' AND (jsonb_typeof(member) <> 'object' OR NOT member ?| ARRAY['name', 'chain', 'group'] OR member -> 'options' ? 'unique') LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a chain or group cannot have the member %', wrong USING ERRCODE = 'invalid_parameter_value',
      HINT = 'A member has a "name", or is itself a "chain" or "group"; it cannot be "unique".';
  END IF;
  INSERT INTO sluice.groups (id, kind, parent_id, created_by)
  VALUES (its_id, CASE WHEN canvas ? 'chain' THEN 'chain' WHEN canvas ? 'callback' THEN 'chord' ELSE 'group' END, its_parent, its_creator);
  INSERT INTO sluice.group_members (group_id, place, member, is_callback)
  SELECT its_id, place - 1, jsonb_build_object('whenItFails', coalesce(canvas -> 'whenOneFails', '"fail"')) || member, place > jsonb_array_length(members)
    FROM jsonb_array_elements(members || CASE WHEN canvas ? 'callback' THEN jsonb_build_array(canvas -> 'callback') ELSE '[]' END) WITH ORDINALITY AS m (member, place);
  PERFORM sluice.begin_members(its_id,
    CASE WHEN canvas ? 'chain' THEN ARRAY[0] ELSE ARRAY(SELECT generate_series(0, jsonb_array_length(members) - 1)) END,
    previous, previous_errors, its_creator);
  RETURN its_id;
END $$;
--> statement-breakpoint
-- The same for who has no id for it: SELECT sluice.start_group('{"chain": […]}').
CREATE FUNCTION "sluice"."start_group"(canvas jsonb) RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT sluice.create_group(sluice.uuid_v7(), canvas)
$$;
--> statement-breakpoint
-- Ends a group that runs, and tells the one of which it is a member. Members that have not begun never will.
CREATE FUNCTION "sluice"."end_group"(its_id uuid, its_status text, its_result jsonb, its_error jsonb, its_canceller uuid DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  its_parent uuid;
BEGIN
  UPDATE sluice.groups SET status = its_status, result = its_result, error = its_error, finished_at = clock_timestamp(), cancelled_by = its_canceller,
         cancels_rest = EXISTS (SELECT FROM sluice.group_members WHERE group_id = its_id AND status = 'running')
   WHERE id = its_id AND status = 'running' RETURNING parent_id INTO its_parent;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE sluice.group_members SET status = 'cancelled' WHERE group_id = its_id AND status = 'waiting';
  IF its_parent IS NOT NULL THEN
    UPDATE sluice.group_members SET status = its_status, result = its_result, error = its_error WHERE child_id = its_id AND status = 'running';
    INSERT INTO sluice.group_ends (group_id) VALUES (its_parent);
  END IF;
  RETURN true;
END $$;
--> statement-breakpoint
-- What comes next in a group of which a member has ended.
CREATE FUNCTION "sluice"."settle_group"(its_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  -- Larger lists of results are for a table.
  most_bytes CONSTANT integer := 16777216;
  its sluice.groups;
  bad record;
  running integer;
  next_place integer;
  results jsonb;
  errors jsonb;
BEGIN
  SELECT * INTO its FROM sluice.groups WHERE id = its_id FOR UPDATE;
  IF NOT FOUND OR its.status <> 'running' THEN RETURN; END IF;
  SELECT place, status, error, task_id, coalesce(member ->> 'name', 'a chain or group') AS name INTO bad FROM sluice.group_members
   WHERE group_id = its_id AND status IN ('failed', 'cancelled') AND member ->> 'whenItFails' IS DISTINCT FROM 'continue' ORDER BY place LIMIT 1;
  IF FOUND THEN
    PERFORM sluice.end_group(its_id, 'failed', NULL, jsonb_strip_nulls(jsonb_build_object(
      'code', 'member-' || bad.status, 'place', bad.place, 'taskId', bad.task_id,
      'message', 'Member ' || bad.place || ' (' || bad.name || ') '
        || CASE bad.status WHEN 'failed' THEN 'has failed: ' || coalesce(bad.error ->> 'message', 'it says nothing of why') ELSE 'was cancelled.' END)));
    RETURN;
  END IF;
  SELECT count(*) FILTER (WHERE status = 'running'), min(place) FILTER (WHERE status = 'waiting') INTO running, next_place
    FROM sluice.group_members WHERE group_id = its_id;
  IF running > 0 THEN RETURN; END IF;
  IF its.kind = 'chain' THEN
    SELECT coalesce(result, 'null'), coalesce(error, 'null') INTO results, errors FROM sluice.group_members
     WHERE group_id = its_id AND place < coalesce(next_place, 2147483647) ORDER BY place DESC LIMIT 1;
  ELSIF its.kind = 'chord' AND next_place IS NULL THEN
    SELECT coalesce(result, 'null') INTO results FROM sluice.group_members WHERE group_id = its_id AND is_callback;
  ELSE
    IF (SELECT sum(pg_column_size(result)) FROM sluice.group_members WHERE group_id = its_id) > most_bytes THEN
      RAISE EXCEPTION 'the results of its members have more than % bytes together', most_bytes USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT jsonb_agg(coalesce(result, 'null') ORDER BY place), jsonb_agg(CASE status WHEN 'cancelled' THEN coalesce(error, '{"code": "cancelled", "message": "It was cancelled."}') ELSE coalesce(error, 'null') END ORDER BY place)
      INTO results, errors FROM sluice.group_members WHERE group_id = its_id AND NOT is_callback;
  END IF;
  IF next_place IS NULL THEN
    PERFORM sluice.end_group(its_id, 'succeeded', results, NULL);
  ELSE
    PERFORM sluice.begin_members(its_id, ARRAY[next_place], results, errors, its.created_by);
  END IF;
END $$;
--> statement-breakpoint
-- Takes up to so many ends of members, and does what comes next in their groups. Two at once never do the same: each group is locked.
-- Returns in how many groups it has; what it has done may have ended more.
CREATE FUNCTION "sluice"."settle_groups"(most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  its_id uuid;
  settled integer := 0;
BEGIN
  FOR its_id IN
    WITH taken AS (
      DELETE FROM sluice.group_ends WHERE id IN (SELECT id FROM sluice.group_ends ORDER BY id LIMIT most FOR UPDATE SKIP LOCKED) RETURNING group_id)
    SELECT DISTINCT group_id FROM taken ORDER BY group_id
  LOOP
    BEGIN
      PERFORM sluice.settle_group(its_id);
    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
      -- What was asked for cannot be done: it would not go better the next time.
      PERFORM sluice.end_group(its_id, 'failed', NULL, jsonb_build_object('code', 'cannot-go-on', 'message', 'What comes next could not be begun: ' || SQLERRM || '.'));
    END;
    settled := settled + 1;
  END LOOP;
  RETURN settled;
END $$;
--> statement-breakpoint
-- Cancels what still runs of groups that have ended before their members. Tasks that are being ended by others are left for the next time.
CREATE FUNCTION "sluice"."cancel_rest"() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  its record;
  child uuid;
BEGIN
  FOR its IN SELECT id, cancelled_by FROM sluice.groups WHERE cancels_rest ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED LOOP
    FOR child IN SELECT child_id FROM sluice.group_members WHERE group_id = its.id AND status = 'running' AND child_id IS NOT NULL ORDER BY child_id LOOP
      PERFORM sluice.end_group(child, 'cancelled', NULL, NULL, its.cancelled_by);
    END LOOP;
    UPDATE sluice.tasks SET status = CASE status WHEN 'queued' THEN 'cancelled' ELSE 'cancelling' END, version = version + 1, waiting_for = NULL,
           finished_at = CASE status WHEN 'queued' THEN clock_timestamp() END, cancelled_by = its.cancelled_by
     WHERE status IN ('queued', 'running') AND id IN (
       SELECT id FROM sluice.tasks WHERE status IN ('queued', 'running')
          AND id IN (SELECT task_id FROM sluice.group_members WHERE group_id = its.id AND status = 'running' AND task_id IS NOT NULL)
          FOR UPDATE SKIP LOCKED);
    UPDATE sluice.groups SET cancels_rest = EXISTS (
      SELECT FROM sluice.group_members m JOIN sluice.tasks t ON t.id = m.task_id
       WHERE m.group_id = its.id AND m.status = 'running' AND t.status IN ('queued', 'running')) WHERE id = its.id;
  END LOOP;
END $$;
--> statement-breakpoint
-- A member's end is known to its group in the same transaction, whoever ends it.
CREATE FUNCTION "sluice"."member_has_ended"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sluice.group_members SET status = NEW.status, result = NEW.result, error = NEW.error WHERE task_id = NEW.id;
  INSERT INTO sluice.group_ends (group_id) VALUES (NEW.group_id);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "tasks_member_has_ended" AFTER UPDATE OF status ON "sluice"."tasks" FOR EACH ROW
  WHEN (NEW.group_id IS NOT NULL AND NEW.status IN ('succeeded', 'failed', 'cancelled') AND OLD.status NOT IN ('succeeded', 'failed', 'cancelled'))
  EXECUTE FUNCTION "sluice"."member_has_ended"();
--> statement-breakpoint
INSERT INTO "sluice"."schema_info" VALUES (21, 18);

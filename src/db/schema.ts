// Sluice's own tables, in the Postgres schema `sluice`; the tables of datasets live elsewhere (db/datasets/dataset-tables.ts).
// A change here needs `npm run migrations:generate`; migrations go forward only.
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  json,
  jsonb,
  pgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { BrokenRecord, FileDialect, Rescan } from '../core/csv/types.ts';
import type { UndecodablePlace } from '../core/csv/text/undecodable.ts';
import type { ColumnMapping } from '../core/dataset/header/mapping.ts';
import type { ExistingTable } from '../core/dataset/tables/existing-table.ts';
import type { Dataset, DatasetManager, FileColumn } from '../core/dataset/types.ts';
import type { TableDigest } from './datasets/table-digest.ts';
import type { PublishedCounts } from '../core/imports/import-counts.ts';
import type { IfDuplicate, ImportMode, OnError } from '../core/imports/import-mode.ts';
import type { ScopeVerb } from '../core/access/key-scope.ts';
import type { Role } from '../core/access/roles.ts';
import type { AuditAction, AuditSubject, AuditVia } from '../core/audit/audit.ts';
import type { Misfire } from '../core/schedules/due-runs.ts';
import type { TaskError } from '../core/tasks/task.ts';
import type { TaskOptions } from '../core/tasks/task-options.ts';
import type { Lane } from '../core/tasks/lane.ts';
import type { AttemptOptions, AttemptOutcome, LogLevel } from '../core/tasks/attempt.ts';
import type { CanvasMember, GroupError, GroupKind, GroupStatus, MemberStatus } from '../core/tasks/canvas.ts';
import type { KeyLimits } from '../core/tasks/key-limits.ts';
import type { TaskDocument } from '../core/tasks/task-document.ts';
import type { TaskStatus } from '../core/tasks/task-status.ts';
import type { PoolState, PoolWish } from '../core/workers/worker-pool.ts';
import type { WorkerCommandName, WorkerPhase } from '../core/workers/worker-state.ts';
import type { RowErrorCode, ConstraintName } from '../core/imports/row-error.ts';

export const sluice = pgSchema('sluice');
/** Rows of imports on their way: tables that come and go, see db/landing/staging.ts. */
export const sluiceStaging = pgSchema('sluice_staging');
/** Beside each table that exists one that knows who brought which row, see db/datasets/existing-tables.ts. */
export const sluiceProvenance = pgSchema('sluice_provenance');

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 });
const count = (name: string) => bigint(name, { mode: 'number' });

export const users = sluice.table(
  'users',
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    email: text().notNull(),
    role: text().$type<Role>().notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: uuid('created_by'),
  },
  (t) => [uniqueIndex('users_email_key').on(sql`lower(${t.email})`)],
);

export const apiKeys = sluice.table(
  'api_keys',
  {
    id: uuid().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    /** The first characters of the key, for people to tell keys apart. */
    prefix: text().notNull(),
    /** SHA-256 of the key; a key has 256 random bits, so a slow hash would add nothing. */
    hash: bytea().notNull(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
    /** Kept to the minute. */
    lastUsedAt: instant('last_used_at'),
    /** When its user last said that they stop working; they are active again with the next use. */
    signedOutAt: instant('signed_out_at'),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: uuid('created_by'),
    /** Those it may be used with; null: all. */
    datasets: jsonb().$type<readonly string[]>(),
    /** Which kinds of calls it may make; null: all that its user's role may. */
    verbs: jsonb().$type<readonly ScopeVerb[]>(),
  },
  (t) => [uniqueIndex('api_keys_hash_key').on(t.hash), index('api_keys_user_id_idx').on(t.userId)],
);

/**
 * The users made for SLUICE_ADMIN_KEY. A row outlives its user, so that no later start brings back whom an admin has removed.
 */
export const bootstrapAdmins = sluice.table('bootstrap_admins', {
  userId: uuid('user_id').primaryKey(),
  createdAt: instant('created_at').notNull().defaultNow(),
});

/** What a migration says of the schema it makes: which older code can work with it. Read in db/schema-version.ts. */
export const schemaInfo = sluice.table('schema_info', {
  version: integer().primaryKey(),
  compatibleFrom: integer('compatible_from').notNull(),
});

export const datasets = sluice.table('datasets', {
  name: text().primaryKey(),
  document: jsonb().$type<Dataset>().notNull(),
  /** The newest of its versions; goes on counting when a deleted dataset is made again. */
  version: integer().notNull().default(1),
  managedBy: text('managed_by').$type<DatasetManager>().notNull().default('file'),
  createdAt: instant('created_at').notNull().defaultNow(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});

/** Every document that a dataset has had. They outlive it: imports name the version that they began with. */
export const datasetVersions = sluice.table(
  'dataset_versions',
  {
    dataset: text().notNull(),
    version: integer().notNull(),
    document: jsonb().$type<Dataset>().notNull(),
    managedBy: text('managed_by').$type<DatasetManager>().notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** Null: the command line. */
    createdBy: uuid('created_by'),
  },
  (t) => [primaryKey({ columns: [t.dataset, t.version] })],
);

/** Tables that exist, which datasets land in. `sluice_provenance.rows_<id>` is beside each. */
export const existingTables = sluice.table(
  'existing_tables',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    schemaName: text('schema_name').notNull(),
    tableName: text('table_name').notNull(),
    /** What the catalog had of it when a dataset over it was applied last. */
    asRead: jsonb('as_read').$type<ExistingTable>().notNull(),
  },
  (t) => [uniqueIndex('existing_tables_name_key').on(t.schemaName, t.tableName)],
);

export const tasks = sluice.table(
  'tasks',
  {
    /** UUID v7; an import has its task's id. */
    id: uuid().primaryKey(),
    /** Of the definition that a worker has of it. */
    name: text().notNull(),
    args: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    status: text().$type<TaskStatus>().notNull().default('queued'),
    /** Which workers take it. `imports` is for imports and undos, which ring in BullMQ one by one. */
    queue: text().notNull().default('imports'),
    /** Who claims it: of those that know its name, the thread of I/O tasks or a slot. */
    lane: text().$type<Lane>().notNull().default('io'),
    /** The lower, the sooner, among those that are due. */
    priority: smallint().notNull().default(0),
    /** When it may begin: put off when it was asked for, by a failed attempt, or by itself. */
    runAt: instant('run_at').notNull().defaultNow(),
    /** Whether `runAt` is past, as far as a worker has noticed: those to come are kept out of the index that claims read. */
    due: boolean().notNull().default(true),
    /** Cancelled instead of begun from then on. */
    expiresAt: instant('expires_at'),
    /** How often it was claimed; an attempt is known by this number, so that one whose time is over cannot end the next one. */
    starts: integer().notNull().default(0),
    /** Times its worker was lost while it ran. */
    lost: smallint().notNull().default(0),
    /** After so many failed attempts it has failed; null: as its definition says. */
    maxAttempts: smallint('max_attempts'),
    /** What was asked for besides the columns here; over the definition's own. */
    options: jsonb().$type<AttemptOptions>(),
    /** No other unfinished task of this name has the same one. */
    uniqueKey: text('unique_key'),
    tags: text().array(),
    /** The task that has asked for it. */
    parentId: uuid('parent_id'),
    /** The ended task that it does again. */
    retryOf: uuid('retry_of'),
    /** How many signals were sent to it: whoever gives it back to wait for one says how many it knew of. */
    signals: integer().notNull().default(0),
    /** It shares limits and its turn with the tasks of its name that have the same one; null: it has none, and is claimed as soon as it is due. */
    limitKey: text('limit_key'),
    /** The limits of its key, where they were asked for; over the definition's own. */
    limits: jsonb().$type<KeyLimits>(),
    /** The chain or group of which it is a member. */
    groupId: uuid('group_id'),
    /** Who runs it, or ran it last. */
    workerId: uuid('worker_id'),
    /** When the last attempt began. */
    claimedAt: instant('claimed_at'),
    /** What the task itself says of how far it is. */
    progress: jsonb(),
    /** Of an import: so small that workers take it from here, several at a time, without a job in the queue (tasks/import/land-small.ts). */
    small: boolean().notNull().default(false),
    attempts: integer().notNull().default(0),
    /** What the request to cancel it said, as the task's kind describes; null: there was none, or it left all as usual. */
    cancelOptions: jsonb('cancel_options').$type<Record<string, unknown>>(),
    cancelledBy: uuid('cancelled_by'),
    /** What it waits for that is no part of Sluice, such as a lock that another program holds; null while work goes on. */
    waitingFor: text('waiting_for'),
    result: jsonb().$type<Record<string, unknown>>(),
    error: jsonb().$type<TaskError>(),
    /** Goes up with every change a client can see; the ETag. */
    version: integer().notNull().default(1),
    /** When the queue was last told of it, by the clock of Postgres; the sweep looks at those told long ago. */
    dispatchedAt: instant('dispatched_at'),
    createdAt: instant('created_at').notNull().defaultNow(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    createdBy: uuid('created_by'),
  },
  (t) => [
    index('tasks_unfinished_idx')
      .on(t.dispatchedAt)
      .where(sql`${t.queue} = 'imports' and ${t.status} in ('queued', 'running', 'cancelling')`),
    // Claims read it from where the last one ended, so that what is dead but not yet vacuumed costs them nothing.
    index('tasks_due_idx')
      .on(t.queue, t.lane, t.priority, t.runAt, t.id)
      .where(sql`${t.status} = 'queued' and ${t.due}`),
    index('tasks_to_come_idx')
      .on(t.runAt)
      .where(sql`${t.status} = 'queued' and not ${t.due} and ${t.limitKey} is null`),
    // Those with a key are due when their turn has come (sluice.release_held): from here, key by key.
    index('tasks_held_idx')
      .on(t.queue, t.priority, t.name, t.limitKey, t.runAt, t.id)
      .where(sql`${t.status} = 'queued' and not ${t.due} and ${t.limitKey} is not null`),
    // Those that have a place of their key: they run, or their turn has come.
    index('tasks_placed_idx')
      .on(t.name, t.limitKey)
      .where(
        sql`${t.limitKey} is not null and (${t.status} in ('running', 'cancelling') or ${t.status} = 'queued' and ${t.due})`,
      ),
    // When they began: what a rate counts.
    index('tasks_key_starts_idx')
      .on(t.name, t.limitKey, t.claimedAt)
      .where(sql`${t.limitKey} is not null`),
    index('tasks_expiring_idx')
      .on(t.expiresAt)
      .where(sql`${t.status} = 'queued' and ${t.expiresAt} is not null and ${t.starts} = 0`),
    index('tasks_running_idx')
      .on(t.workerId)
      .where(sql`${t.status} = 'running'`),
    index('tasks_cancelling_idx')
      .on(t.id)
      .where(sql`${t.status} = 'cancelling'`),
    index('tasks_finished_at_idx')
      .on(t.finishedAt)
      .where(sql`${t.finishedAt} is not null`),
    uniqueIndex('tasks_unique_key')
      .on(t.name, t.uniqueKey)
      .where(sql`${t.uniqueKey} is not null and ${t.status} in ('queued', 'running', 'cancelling')`),
    index('tasks_parent_id_idx')
      .on(t.parentId, t.id)
      .where(sql`${t.parentId} is not null`),
    index('tasks_retry_of_idx')
      .on(t.retryOf)
      .where(sql`${t.retryOf} is not null`),
    // Lists (db/tasks/list-tasks.ts). A claim writes into neither.
    index('tasks_queued_idx')
      .on(t.name, t.id)
      .where(sql`${t.status} = 'queued'`),
    index('tasks_ended_idx')
      .on(t.name, t.status, t.id)
      .where(sql`${t.status} in ('succeeded', 'failed', 'cancelled')`),
    index('tasks_small_idx')
      .on(t.id)
      .where(sql`${t.status} = 'queued' and ${t.small}`),
  ],
);

/** What workers have said of the tasks they know: what requests are checked against, and where a task goes that says nothing of it. */
export const taskDefinitions = sluice.table('task_definitions', {
  name: text().primaryKey(),
  document: jsonb().$type<TaskDocument>().notNull(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});

/** Queues that tasks were put into; `imports` and `chunks` are BullMQ's alone. */
export const queues = sluice.table('queues', {
  name: text().primaryKey(),
  /** No task of it is claimed while this is set. */
  pausedAt: instant('paused_at'),
  pausedBy: uuid('paused_by'),
  createdAt: instant('created_at').notNull().defaultNow(),
});

/** Keys that a task has taken for a time, whether or not it has ended by then. */
export const uniqueKeys = sluice.table(
  'unique_keys',
  {
    name: text().notNull(),
    key: text().notNull(),
    taskId: uuid('task_id').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.name, t.key] }),
    index('unique_keys_expires_at_idx').on(t.expiresAt),
    index('unique_keys_task_id_idx').on(t.taskId),
  ],
);

/** Attempts that did not end well. Of the one that did, the task itself says all. */
export const taskAttempts = sluice.table(
  'task_attempts',
  {
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    /** The task's `starts` while it ran. */
    start: integer().notNull(),
    /** The number of the attempt, as it counts against the most there may be. */
    attempt: integer().notNull(),
    workerId: uuid('worker_id'),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at').notNull(),
    outcome: text().$type<AttemptOutcome>().notNull(),
    error: jsonb().$type<TaskError>(),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.start] })],
);

/** What tasks have said by `ctx.log`. */
export const taskLogs = sluice.table(
  'task_logs',
  {
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    start: integer().notNull(),
    no: integer().notNull(),
    at: instant('at').notNull(),
    level: text().$type<LogLevel>().notNull(),
    message: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.start, t.no] })],
);

/** What steps of tasks have given (`ctx.step`): a later attempt gets it from here. */
export const taskSteps = sluice.table(
  'task_steps',
  {
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    /** Not jsonb: it is given back to the byte. */
    result: json().$type<unknown>().notNull(),
    start: integer().notNull(),
    endedAt: instant('ended_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.name] })],
);

/** How far tasks have come (`ctx.cursor`). */
export const taskCursors = sluice.table('task_cursors', {
  taskId: uuid('task_id')
    .primaryKey()
    .references(() => tasks.id, { onDelete: 'cascade' }),
  cursor: json().$type<unknown>().notNull(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});

/** Signals that were sent to tasks; the first of a name is for the first wait for it. */
export const taskSignals = sluice.table(
  'task_signals',
  {
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    /** Counts those of the task, from 1 on. */
    no: integer().notNull(),
    name: text().notNull(),
    payload: json().$type<unknown>().notNull(),
    sentAt: instant('sent_at').notNull().defaultNow(),
    sentBy: uuid('sent_by'),
    /** Which wait for its name has it. */
    wait: integer(),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.no] })],
);

/** What tasks wait for, or have waited for (`ctx.waitForSignal`). */
export const taskWaits = sluice.table(
  'task_waits',
  {
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    signal: text().notNull(),
    /** Counts the waits for this signal, from 1 on. */
    no: integer().notNull(),
    /** Null: for as long as it takes. */
    until: instant('until'),
    endedAt: instant('ended_at'),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.signal, t.no] })],
);

/** Whose turn was last among the keys of a queue and priority. */
export const keyTurns = sluice.table(
  'key_turns',
  {
    queue: text().notNull(),
    priority: smallint().notNull(),
    name: text().notNull(),
    limitKey: text('limit_key').notNull(),
  },
  (t) => [primaryKey({ columns: [t.queue, t.priority] })],
);

/** Chains and groups of tasks. */
export const groups = sluice.table(
  'groups',
  {
    /** UUID v7. */
    id: uuid().primaryKey(),
    kind: text().$type<GroupKind>().notNull(),
    status: text().$type<GroupStatus>().notNull().default('running'),
    /** The group of which it is a member. */
    parentId: uuid('parent_id'),
    /** Of a group that has ended before its members: those that go on are to be cancelled. */
    cancelsRest: boolean('cancels_rest').notNull().default(false),
    result: jsonb(),
    error: jsonb().$type<GroupError>(),
    createdAt: instant('created_at').notNull().defaultNow(),
    finishedAt: instant('finished_at'),
    createdBy: uuid('created_by'),
    cancelledBy: uuid('cancelled_by'),
  },
  (t) => [
    index('groups_cancels_rest_idx')
      .on(t.id)
      .where(sql`${t.cancelsRest}`),
    index('groups_finished_at_idx')
      .on(t.finishedAt)
      .where(sql`${t.finishedAt} is not null and ${t.parentId} is null`),
    index('groups_parent_id_idx')
      .on(t.parentId)
      .where(sql`${t.parentId} is not null`),
  ],
);

/** In their order. They keep what became of them, so that a group outlives the tasks it began with. */
export const groupMembers = sluice.table(
  'group_members',
  {
    groupId: uuid('group_id')
      .notNull()
      .references(() => groups.id, { onDelete: 'cascade' }),
    place: integer().notNull(),
    /** As core/tasks/canvas.ts describes it. */
    member: jsonb().$type<CanvasMember>().notNull(),
    /** Of a chord, the one that gets the results of the others. */
    isCallback: boolean('is_callback').notNull().default(false),
    /** `waiting`: its turn has not come. */
    status: text().$type<MemberStatus>().notNull().default('waiting'),
    taskId: uuid('task_id'),
    childId: uuid('child_id'),
    result: jsonb(),
    error: jsonb().$type<GroupError>(),
  },
  (t) => [
    primaryKey({ columns: [t.groupId, t.place] }),
    index('group_members_task_id_idx')
      .on(t.taskId)
      .where(sql`${t.taskId} is not null`),
    index('group_members_child_id_idx')
      .on(t.childId)
      .where(sql`${t.childId} is not null`),
  ],
);

/** Groups of which a member has ended; written together with its end, and taken by who looks what is next (sluice.settle_groups). */
export const groupEnds = sluice.table('group_ends', {
  id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  groupId: uuid('group_id').notNull(),
});

export const imports = sluice.table(
  'imports',
  {
    id: uuid()
      .primaryKey()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    /** The dataset as it was at upload: a later change of it does not change this import. */
    dataset: text().notNull(),
    document: jsonb().$type<Dataset>().notNull(),
    /** Which of the dataset's versions that is; null: it is none of them. */
    datasetVersion: integer('dataset_version'),
    fileName: text('file_name'),
    storageKey: text('storage_key').notNull(),
    /** The file itself, as it would be stored, where it is so small that a row holds it; null: it is in the storage. */
    content: bytea(),
    /** As sent, before decoding. */
    bytes: count('bytes').notNull(),
    /** Hex SHA-256 of the bytes as sent. */
    sha256: text().notNull(),
    mode: text().$type<ImportMode>().notNull().default('insert'),
    onError: text('on_error').$type<OnError>().notNull().default('reject'),
    /** As in core/imports/max-errors.ts; null: no limit. */
    maxErrors: text('max_errors'),
    dryRun: boolean('dry_run').notNull().default(false),
    /** The dry run that this import commits. */
    commitOf: uuid('commit_of'),
    /** What becomes of a file whose bytes are in the dataset already. */
    ifDuplicate: text('if_duplicate').$type<IfDuplicate>().notNull().default('allow'),
    /** The newest import of the same bytes into the same dataset, if one had landed or was under way when this one was taken. */
    duplicateOf: uuid('duplicate_of'),
    encoding: text().notNull(),
    hadBom: boolean('had_bom').notNull(),
    dialect: jsonb().$type<FileDialect>().notNull(),
    columns: jsonb().$type<FileColumn[]>().notNull(),
    /** As the sender gave it, or as it was saved; null: columns were matched by their headers. */
    mapping: jsonb().$type<ColumnMapping>(),
    /** What a mapping is saved by (core/dataset/header/mapping.ts); null for a file without a header. */
    headerFingerprint: text('header_fingerprint'),
    /** The CSV's name in the ZIP archive it came in. */
    entryName: text('entry_name'),
    /** Lines with bytes that are no text in `encoding`; their records are rejected. */
    undecodable: jsonb().$type<UndecodablePlace[]>().notNull().default([]),
    /** Stored (UTF-8) bytes: the header ends and the records begin at `dataStart`, on physical line `dataLine`. */
    dataStart: count('data_start').notNull(),
    dataLine: count('data_line').notNull(),
    dataEnd: count('data_end').notNull(),
    /** Set when all chunks are known. */
    plannedAt: instant('planned_at'),
    records: count('records'),
    /** What publishing did; of a dry run, what it would do. Null before, and for imports whose chunks land directly. */
    published: jsonb().$type<PublishedCounts>(),
    /** Of a dry run: what it found in the tables, for the check at commit. */
    digest: jsonb().$type<TableDigest>(),
    /** Of a retry: the import whose rejects it mends, and the first in that chain. */
    parentId: uuid('parent_id'),
    rootId: uuid('root_id'),
    /** The failed or cancelled import that this one runs again. */
    rerunOf: uuid('rerun_of'),
    /** The newest task that was asked to take its rows back. */
    undoId: uuid('undo_id'),
    /** Set when its rows were taken back (undo, or cancel with rollback): rows that still stand, see `kept_rows`. */
    kept: count('kept'),
    /** Set when retention has removed upload and rejects. */
    filesRemovedAt: instant('files_removed_at'),
    /** Set when retention begins to remove its row errors. */
    errorsRemovedAt: instant('errors_removed_at'),
    /** Set when its erasure was asked for: names and values are gone then, and the files as soon as the storage has removed them. */
    erasedAt: instant('erased_at'),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: uuid('created_by'),
  },
  // History is read by id: UUID v7 is in the order of creation.
  (t) => [
    index('imports_dataset_idx').on(t.dataset, t.id),
    index('imports_sha256_idx').on(t.sha256),
    index('imports_commit_of_idx')
      .on(t.commitOf)
      .where(sql`${t.commitOf} is not null`),
    index('imports_parent_id_idx')
      .on(t.parentId)
      .where(sql`${t.parentId} is not null`),
    // An import is run again once; what fails again is run again itself.
    uniqueIndex('imports_rerun_of_key')
      .on(t.rerunOf)
      .where(sql`${t.rerunOf} is not null`),
  ],
);

/** Files that are kept as they were sent, until they are imported, deleted or expired: for a question, or to be looked at. */
export const uploads = sluice.table(
  'uploads',
  {
    /** UUID v7; also names its folder in the storage. */
    id: uuid().primaryKey(),
    fileName: text('file_name'),
    bytes: count('bytes').notNull(),
    /** Hex. */
    sha256: text().notNull(),
    /** What the request said of its packing; null: its first bytes say it. */
    packing: text().$type<'gzip' | 'zip'>(),
    /** The options it was sent with, as texts; they hold for its import unless that says otherwise. */
    options: jsonb().$type<Readonly<Record<string, string>>>().notNull(),
    /** Sent as a retry of this import. */
    parentId: uuid('parent_id'),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: uuid('created_by').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [
    index('uploads_created_by_idx').on(t.createdBy, t.id),
    index('uploads_expires_at_idx').on(t.expiresAt),
  ],
);

/** Mappings that imports succeeded with. */
export const mappings = sluice.table(
  'mappings',
  {
    dataset: text().notNull(),
    fingerprint: text().notNull(),
    /** The header it was used with last, for people. */
    header: jsonb().$type<string[]>().notNull(),
    mapping: jsonb().$type<ColumnMapping>().notNull(),
    createdBy: uuid('created_by'),
    createdAt: instant('created_at').notNull().defaultNow(),
    usedAt: instant('used_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.dataset, t.fingerprint] })],
);

/** Files of the inbox that have become imports, each version of a file once for a dataset (db/imports/inbox-files.ts). */
export const inboxFiles = sluice.table(
  'inbox_files',
  {
    dataset: text().notNull(),
    /** From the inbox's folder. */
    path: text().notNull(),
    /** Of its content, as the storage tells it. */
    version: text().notNull(),
    importId: uuid('import_id').notNull(),
    taskId: uuid('task_id').notNull(),
    /** When it was last there. */
    seenAt: instant('seen_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.dataset, table.path, table.version] })],
);

export const idempotencyKeys = sluice.table(
  'idempotency_keys',
  {
    userId: uuid('user_id').notNull(),
    key: text().notNull(),
    /**
     * The import, or the task, that the request which holds the slot is about to make; nobody else has this id, so it also proves
     * the holding.
     */
    importId: uuid('import_id').notNull(),
    /** SHA-256 of the options, hex. */
    optionsHash: text('options_hash').notNull(),
    /**
     * Of the file, hex; empty for a request without one. Null: reserved, the request is under way. Set in the transaction that
     * records what the request makes.
     */
    sha256: text(),
    /** The answer, when it is more than the import or the task as it is now. */
    answer: jsonb().$type<Record<string, unknown>>(),
    /** Reserved: the end of the lease, then the slot may be taken over. Settled: until then it is kept. */
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.key] }),
    index('idempotency_keys_expires_at_idx').on(t.expiresAt),
  ],
);

export const importChunks = sluice.table(
  'import_chunks',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => imports.id, { onDelete: 'cascade' }),
    chunkNo: integer('chunk_no').notNull(),
    startByte: count('start_byte').notNull(),
    endByte: count('end_byte').notNull(),
    firstRow: count('first_row').notNull(),
    firstLine: count('first_line').notNull(),
    records: integer().notNull(),
    broken: jsonb().$type<BrokenRecord[] | Rescan>().notNull(),
    /** `done` is written in the transaction that lands its rows; `undone` when a cancel has taken them back. */
    status: text().$type<'waiting' | 'done' | 'undone'>().notNull().default('waiting'),
    /** Times it was begun, also by workers that died: what a poison chunk is known by. */
    starts: integer().notNull().default(0),
    /** Rows that landed: in the tables or, when the import is staged, in its staging tables. */
    loaded: integer().notNull().default(0),
    rejected: integer().notNull().default(0),
    /** Row errors found, stored or not. */
    errors: integer().notNull().default(0),
    /** Where its rejects are (JSON lines); a fresh key for every attempt, so that a late worker cannot touch it. */
    rejectsKey: text('rejects_key'),
    doneAt: instant('done_at'),
  },
  (t) => [primaryKey({ columns: [t.importId, t.chunkNo] })],
);

/** Rows of an upsert that were there before it, updated or unchanged; its inserted rows have its import_id. */
export const importMatches = sluice.table(
  'import_matches',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => imports.id, { onDelete: 'cascade' }),
    /** The record that stands for the key. */
    row: count('row').notNull(),
    /** Of the row in the dataset's table. */
    id: uuid().notNull(),
  },
  // An undo asks of each row whether an upsert holds it.
  (t) => [primaryKey({ columns: [t.importId, t.row] }), index('import_matches_id_idx').on(t.id)],
);

/** Rows that an undo left in their table. */
export const keptRows = sluice.table(
  'kept_rows',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => imports.id, { onDelete: 'cascade' }),
    /** Of the row in the dataset's table. */
    id: uuid().notNull(),
    /** Its record in the file; 0 when somebody has taken its `import_row` away. */
    row: count('row').notNull(),
    /** The table that refers to it; null: it was changed, or an upsert holds it. */
    referencedBy: text('referenced_by'),
  },
  (t) => [primaryKey({ columns: [t.importId, t.row, t.id] })],
);

/** Records whose rows were taken out of the table again, as runs of their numbers. `kept_rows` may have some of them: copies that others have made. */
export const takenBackRows = sluice.table(
  'taken_back_rows',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => imports.id, { onDelete: 'cascade' }),
    firstRow: count('first_row').notNull(),
    lastRow: count('last_row').notNull(),
  },
  (t) => [primaryKey({ columns: [t.importId, t.firstRow] })],
);

/** Rejected records that a retry has landed: each lands once, however many retries there are of a file. */
export const retriedRows = sluice.table(
  'retried_rows',
  {
    /** The first import, whose numbers the rows have. */
    rootId: uuid('root_id').notNull(),
    row: count('row').notNull(),
    /** The retry. */
    importId: uuid('import_id')
      .notNull()
      .references(() => imports.id, { onDelete: 'cascade' }),
  },
  (t) => [
    primaryKey({ columns: [t.rootId, t.row] }),
    index('retried_rows_import_id_idx').on(t.importId, t.row),
  ],
);

export const importRowErrors = sluice.table(
  'import_row_errors',
  {
    importId: uuid('import_id').notNull(),
    row: count('row').notNull(),
    /** Numbers the errors of one record, from 0. */
    no: integer().notNull(),
    chunkNo: integer('chunk_no').notNull(),
    line: count('line').notNull(),
    lineEnd: count('line_end'),
    columnIndex: integer('column_index'),
    columnName: text('column_name'),
    code: text().$type<RowErrorCode>().notNull(),
    /** `constraint` is a word of SQL. */
    constraintName: text('constraint_name').$type<ConstraintName>(),
    value: text(),
    message: text().notNull(),
  },
  // Two records of a retry may claim the same row.
  (t) => [primaryKey({ columns: [t.importId, t.row, t.line, t.no] })],
);

/** Workers that are there, or were there a short while ago: each says so again and again. */
export const workers = sluice.table('workers', {
  id: uuid().primaryKey(),
  /** As the operator calls it; what it was told to do holds also for the next worker of this name. Empty: it has none. */
  name: text().notNull().default(''),
  host: text().notNull(),
  pid: integer().notNull(),
  version: text().notNull(),
  phase: text().$type<WorkerPhase>().notNull().default('running'),
  /** Empty: all. */
  queues: jsonb().$type<readonly string[]>().notNull(),
  slots: integer().notNull(),
  /** How many I/O tasks it runs at the same time. */
  concurrency: integer().notNull().default(0),
  /** The names of the tasks it knows. */
  tasks: jsonb().$type<readonly string[]>().notNull().default([]),
  /** The tasks that have work in it. */
  running: jsonb().$type<readonly string[]>().notNull(),
  slotsBusy: integer('slots_busy').notNull().default(0),
  ioBusy: integer('io_busy').notNull().default(0),
  /** Attempts that have ended in it, and tasks that have failed, since its start. */
  processed: count('processed').notNull().default(0),
  failed: count('failed').notNull().default(0),
  /** Of its process. */
  memoryBytes: count('memory_bytes').notNull().default(0),
  /** 99 of 100 turns of its event loops came no later than this, since the beat before. */
  loopDelayMs: doublePrecision('loop_delay_ms').notNull().default(0),
  startedAt: instant('started_at').notNull().defaultNow(),
  beatAt: instant('beat_at').notNull(),
  /** Milliseconds that it may say nothing until it is taken for lost, as its own settings have it. */
  lostMs: integer('lost_ms').notNull().default(20_000),
});

/** What workers were told to do. A row, so that it holds whatever is away at the moment. */
export const workerCommands = sluice.table(
  'worker_commands',
  {
    id: uuid().primaryKey(),
    workerId: uuid('worker_id').notNull(),
    /** Of the worker; the next one of this name does the same. */
    workerName: text('worker_name').notNull().default(''),
    command: text().$type<WorkerCommandName>().notNull(),
    options: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: uuid('created_by'),
    /** When the worker has done it, or has begun to. */
    acknowledgedAt: instant('acknowledged_at'),
  },
  (t) => [
    index('worker_commands_open_idx')
      .on(t.workerId, t.id)
      .where(sql`${t.acknowledgedAt} is null`),
    index('worker_commands_name_idx')
      .on(t.workerName, t.id)
      .where(sql`${t.workerName} <> ''`),
  ],
);

/** One row: workers on demand. It is there also while nobody starts any, so that what was wanted of them last still holds. */
export const workerPool = sluice.table('worker_pool', {
  wish: text().$type<PoolWish>().notNull().default('on-demand'),
  state: text().$type<PoolState>().notNull().default('stopped'),
  /** Since when the state is this one. */
  changedAt: instant('changed_at').notNull().defaultNow(),
  /** The `sluice up` that starts and stops the worker: its machine and its home. Null: there is none. */
  holder: text(),
  /** Its machine, for people. */
  host: text().notNull().default(''),
  beatAt: instant('beat_at').notNull().defaultNow(),
});

/** Who did what. */
export const auditLog = sluice.table(
  'audit_log',
  {
    /** UUID v7: the order of the entries. */
    id: uuid().primaryKey(),
    at: instant('at').notNull().defaultNow(),
    /** Null: the command line, or Sluice itself. */
    userId: uuid('user_id'),
    /** As it was then: it stays when the user goes. */
    userName: text('user_name'),
    via: text().$type<AuditVia>().notNull(),
    action: text().$type<AuditAction>().notNull(),
    subjectType: text('subject_type').$type<AuditSubject>().notNull(),
    subjectId: text('subject_id'),
    details: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [
    index('audit_log_subject_idx').on(t.subjectType, t.subjectId, t.id),
    index('audit_log_user_idx').on(t.userId, t.id),
    index('audit_log_action_idx').on(t.action, t.id),
  ],
);

/** How many tasks have ended, counted as they do (worker/upkeep/count-ended.ts), so that nobody has to read all of them. */
export const taskTotals = sluice.table(
  'task_totals',
  {
    queue: text().notNull(),
    name: text().notNull(),
    status: text().$type<TaskStatus>().notNull(),
    tasks: count('tasks').notNull(),
    /** Of imports: rows that landed, and bytes of their files as they were sent. */
    rows: count('rows').notNull().default(0),
    bytes: count('bytes').notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.queue, t.name, t.status] })],
);

/** How long they waited and ran, as histograms. */
export const taskTimes = sluice.table(
  'task_times',
  {
    name: text().notNull(),
    what: text().$type<'wait' | 'run'>().notNull(),
    /** Place in TIME_BUCKETS_S (core/tasks/time-buckets.ts): the first bound that is not less; one more for those above all. */
    bucket: smallint().notNull(),
    tasks: count('tasks').notNull(),
    seconds: doublePrecision().notNull(),
  },
  (t) => [primaryKey({ columns: [t.name, t.what, t.bucket] })],
);

/** How many of a queue have ended in 10 seconds, for its rate. */
export const taskRates = sluice.table(
  'task_rates',
  {
    slice: instant('slice').notNull(),
    queue: text().notNull(),
    tasks: count('tasks').notNull(),
  },
  (t) => [primaryKey({ columns: [t.slice, t.queue] })],
);

/** One row: those that ended before this are counted. */
export const taskCounting = sluice.table('task_counting', { countedTo: instant('counted_to').notNull() });

/** Rules by which the clock makes tasks. All times are by the clock of Postgres. */
export const schedules = sluice.table(
  'schedules',
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    /** When it runs: one of these three, as people wrote it. */
    cron: text(),
    every: text(),
    at: instant('at'),
    timeZone: text('time_zone').notNull(),
    startAt: instant('start_at'),
    endAt: instant('end_at'),
    /** When its times were given: what `every` counts from when there is no start. */
    timedAt: instant('timed_at').notNull(),
    misfire: text().$type<Misfire>().notNull(),
    enabled: boolean().notNull(),
    taskName: text('task_name').notNull(),
    taskArgs: jsonb('task_args').$type<Record<string, unknown>>().notNull(),
    taskOptions: jsonb('task_options').$type<TaskOptions>().notNull(),
    /** Null: it is not enabled, or runs no more. */
    nextRunAt: instant('next_run_at'),
    /** When `next_run_at` was found; later than now when the clock has been put back since. */
    plannedAt: instant('planned_at').notNull(),
    /** When it last made a task, also by hand. */
    lastRunAt: instant('last_run_at'),
    createdAt: instant('created_at').notNull(),
    createdBy: uuid('created_by'),
    updatedAt: instant('updated_at').notNull(),
    updatedBy: uuid('updated_by'),
  },
  (t) => [
    uniqueIndex('schedules_name_key').on(t.name),
    index('schedules_next_run_at_idx')
      .on(t.nextRunAt)
      .where(sql`${t.enabled}`),
    index('schedules_planned_at_idx')
      .on(t.plannedAt)
      .where(sql`${t.enabled}`),
  ],
);

/** Tasks that schedules have made. A row outlives its task, so that no due time is run twice. */
export const scheduleRuns = sluice.table(
  'schedule_runs',
  {
    /** UUID v7: in the order in which they were made. Also the id of the task, if it was recorded. */
    id: uuid().primaryKey(),
    scheduleId: uuid('schedule_id')
      .notNull()
      .references(() => schedules.id, { onDelete: 'cascade' }),
    /** The task, or the one that has its unique key. */
    taskId: uuid('task_id').notNull(),
    /** The time of the rule that the task was made for; null: it was run by hand. */
    dueAt: instant('due_at'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    index('schedule_runs_schedule_id_idx').on(t.scheduleId, t.id),
    // Two leaders, or a clock that goes back, cannot run the same time twice.
    uniqueIndex('schedule_runs_due_at_key').on(t.scheduleId, t.dueAt),
    index('schedule_runs_created_at_idx').on(t.createdAt),
  ],
);

/** How often records were read one by one, as API processes have counted (db/records/read-counts.ts). */
export const recordReads = sluice.table(
  'record_reads',
  {
    dataset: text().notNull(),
    /** The record's key, as it stands in a path. */
    record: text().notNull(),
    reads: count('reads').notNull(),
    lastReadAt: instant('last_read_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.dataset, t.record] })],
);

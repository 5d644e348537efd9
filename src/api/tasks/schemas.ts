// Tasks as JSON.
import { Type, type TSchema } from '@fastify/type-provider-typebox';
import { CELERY_STATES, celeryState } from '../../core/tasks/celery-state.ts';
import { TASK_ERROR_CODES } from '../../core/tasks/task-errors.ts';
import type { TaskView } from '../../db/tasks/task-views.ts';
import { component } from '../http/components.ts';
import {
  CountsSchema,
  ImportErrorSchema,
  ProgressSchema,
  StatusName,
  UndoErrorSchema,
  UndoResultSchema,
  WaitingFor,
} from '../imports/outcome-schema.ts';
import { CreatedBy, Id, Instant, nullable } from '../http/schemas.ts';

const ImportResult = component(
  'ImportResult',
  Type.Object(
    {
      ...CountsSchema.properties,
      rows: Type.Optional(
        Type.Enum(['keep', 'rollback'], {
          type: 'string',
          description: 'Of a cancelled import: whether rows that had landed were kept or taken back.',
        }),
      ),
    },
    { description: 'What became of the records, as `counts` of the import.' },
  ),
);

/** What is particular to the tasks of one name. */
interface Particulars {
  readonly does: string;
  readonly progress: TSchema;
  readonly result: TSchema;
  readonly error: TSchema;
}

const TASKS: Record<string, Particulars> = {
  import: {
    does: 'Lands a file.',
    progress: nullable(ProgressSchema),
    result: nullable(ImportResult),
    error: nullable(ImportErrorSchema),
  },
  undo: {
    does: 'Takes the rows of an import back.',
    progress: Type.Null({ description: 'An undo is one transaction.' }),
    result: nullable(UndoResultSchema),
    error: nullable(UndoErrorSchema),
  },
};

export const OtherTaskError = component(
  'TaskError',
  Type.Object(
    {
      code: Type.Enum([...TASK_ERROR_CODES.task], {
        type: 'string',
        description: 'What a program may branch on.',
      }),
      message: Type.String({ description: 'Why it failed.' }),
      type: Type.Optional(Type.String({ description: 'The name of the error that the task threw.' })),
      stack: Type.Optional(Type.String({ description: 'Where in the code of the task it was thrown.' })),
    },
    { description: 'Why it failed.' },
  ),
);

export const WorkerOfTask = component(
  'TaskWorker',
  Type.Object(
    {
      id: Id('The worker.'),
      host: nullable(Type.String({ description: 'Null when the worker is forgotten.' })),
    },
    { description: 'Who runs it, or ran it last.' },
  ),
);

const CeleryStateName = component(
  'CeleryState',
  Type.Enum([...CELERY_STATES], { type: 'string', description: 'The status in the words of Celery.' }),
);

const COMMON = {
  id: Id('The task.'),
  name: Type.String({ description: 'What it does.' }),
  args: Type.Object({}, { additionalProperties: true, description: 'Its arguments.' }),
  status: StatusName,
  celeryState: CeleryStateName,
  queue: Type.String({ description: 'Which workers take it.' }),
  priority: Type.Integer({ description: 'The lower, the sooner.' }),
  runAt: Instant('It begins from then on.'),
  expiresAt: nullable(Instant('If it has not begun by then, it is cancelled.')),
  maxAttempts: nullable(
    Type.Integer({ description: 'After so many failed attempts it has failed; null: its kind says.' }),
  ),
  tags: Type.Array(Type.String(), { description: 'Words to find it by.' }),
  parentId: nullable(Id('The task that has asked for it.')),
  retryOf: nullable(Id('The ended task that it does again.')),
  worker: nullable(WorkerOfTask),
  attempts: Type.Integer({ minimum: 0, description: 'How often it was begun.' }),
  waitingFor: nullable(WaitingFor),
  createdAt: Instant('When it was asked for.'),
  startedAt: nullable(Instant('When a worker began.')),
  finishedAt: nullable(Instant('When it ended.')),
  createdBy: nullable(CreatedBy),
};

/** Of all tasks that are neither imports nor undos. */
const OTHER_KIND = 'task';
const KIND_TEXT = 'What the other properties are like: those of an import, of an undo, or of any other task.';
const isKind = (name: string): boolean => Object.hasOwn(TASKS, name);

const documented = Type.Unsafe<unknown>({
  description: 'Background work; `kind` says what its result, error and progress are like.',
  oneOf: [
    ...Object.entries(TASKS).map(([name, { does, progress, result, error }]) =>
      component(
        `${name.charAt(0).toUpperCase()}${name.slice(1)}Task`,
        Type.Object(
          {
            ...COMMON,
            kind: Type.Literal(name, { description: KIND_TEXT }),
            name: Type.Literal(name, { description: does }),
            progress,
            result,
            error,
          },
          { description: does },
        ),
      ),
    ),
    component(
      'OtherTask',
      Type.Object(
        {
          ...COMMON,
          kind: Type.Literal(OTHER_KIND, { description: KIND_TEXT }),
          name: Type.String({
            pattern: `^(?!(?:${Object.keys(TASKS).join('|')})$)`,
            description: 'What it does, as its definition says.',
          }),
          progress: Type.Unknown({ description: 'What the task itself says of how far it is.' }),
          result: Type.Unknown({ description: 'What the task has given back.' }),
          error: nullable(OtherTaskError),
        },
        { description: 'A task that ships with Sluice, or one of the operator’s own.' },
      ),
    ),
  ],
});

/** Any task, as the document tells of it. It is sent as text (`taskText`), so the serializer need not know it. */
export const TaskSchema = component(
  'Task',
  Type.Unsafe<string>(Type.Object({ id: Type.String() })),
  documented,
);

/** An answer with one task. */
export const taskAnswer = (description: string, headers: object = {}) => ({
  description,
  ...(Object.keys(headers).length === 0 ? {} : { headers }),
  content: { 'application/json': { schema: TaskSchema } },
});

export const TAKEN_HEADERS = {
  Location: { type: 'string' },
  'Retry-After': { type: 'integer' },
  'Idempotent-Replayed': {
    type: 'string',
    description: '`true` when the request was sent before, and this is its task as it is now.',
  },
};

/** The Content-Type of what is sent as text. */
export const JSON_TYPE = 'application/json; charset=utf-8';

/** JSON. What Postgres has as JSON goes through as it is. */
export function taskText(view: TaskView): string {
  const known = JSON.stringify({
    id: view.id,
    kind: isKind(view.name) ? view.name : OTHER_KIND,
    name: view.name,
    status: view.status,
    celeryState: celeryState(view.status, view.attempts),
    queue: view.queue,
    priority: view.priority,
    attempts: view.attempts,
    maxAttempts: view.maxAttempts,
    waitingFor: view.waitingFor,
    runAt: view.runAt,
    expiresAt: view.expiresAt,
    createdAt: view.createdAt,
    startedAt: view.startedAt,
    finishedAt: view.finishedAt,
    // Not all of whoever has asked.
    createdBy: view.createdBy && { id: view.createdBy.id, name: view.createdBy.name },
    worker: view.worker,
    tags: view.tags,
    parentId: view.parentId,
    retryOf: view.retryOf,
    error: view.error,
  });
  const progress = view.progress === null ? (view.ownProgress ?? 'null') : JSON.stringify(view.progress);
  return `${known.slice(0, -1)},"args":${view.args},"progress":${progress},"result":${view.result ?? 'null'}}`;
}

export const TaskListSchema = component(
  'TaskList',
  Type.Unsafe<string>(Type.Object({ data: Type.Array(TaskSchema) })),
);

/** Tasks in one answer, as text. */
export function tasksText(views: readonly TaskView[]): string {
  return `{"data":[${views.map(taskText).join(',')}]}`;
}

/** A page of a list, as text. */
export function taskPageText(views: readonly TaskView[], nextCursor: string | null): string {
  return `{"data":[${views.map(taskText).join(',')}],"nextCursor":${JSON.stringify(nextCursor)}}`;
}

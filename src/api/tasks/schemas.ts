// Tasks as JSON.
import { Type, type Static, type TSchema } from '@fastify/type-provider-typebox';
import { TASK_ERROR_CODES } from '../../core/tasks/task-errors.ts';
import type { TaskError } from '../../core/tasks/task.ts';
import type { TaskView } from '../../db/tasks/task-views.ts';
import { component } from '../http/components.ts';
import {
  CountsSchema,
  ImportErrorSchema,
  ProgressSchema,
  StatusName,
  toTimes,
  UndoErrorSchema,
  UndoResultSchema,
  WaitingFor,
} from '../imports/schemas.ts';
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

const OtherTaskError = component(
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

const COMMON = {
  id: Id('The task.'),
  name: Type.String({ description: 'What it does.' }),
  status: StatusName,
  attempts: Type.Integer({ minimum: 0, description: 'How often it was begun.' }),
  waitingFor: nullable(WaitingFor),
  createdAt: Instant('When it was asked for.'),
  startedAt: nullable(Instant('When a worker began.')),
  finishedAt: nullable(Instant('When it ended.')),
  createdBy: nullable(CreatedBy),
};

const documented = Type.Unsafe<unknown>({
  description: 'Background work; `name` says of which kind.',
  oneOf: [
    ...Object.entries(TASKS).map(([name, { does, progress, result, error }]) =>
      component(
        `${name.charAt(0).toUpperCase()}${name.slice(1)}Task`,
        Type.Object(
          { ...COMMON, name: Type.Literal(name, { description: does }), progress, result, error },
          { description: does },
        ),
      ),
    ),
    component(
      'OtherTask',
      Type.Object(
        {
          ...COMMON,
          progress: nullable(Type.Unknown({ description: 'What the task itself says of how far it is.' })),
          result: nullable(Type.Unknown({ description: 'What the task has given back.' })),
          error: nullable(OtherTaskError),
        },
        { description: 'A task that ships with Sluice, or one of the operator’s own.' },
      ),
    ),
  ],
});

/** Any task, for the serializer; the document tells them apart by their names. */
export const TaskSchema = component(
  'Task',
  Type.Object({
    ...COMMON,
    progress: Type.Unknown(),
    result: Type.Unknown(),
    error: nullable(Type.Unsafe<TaskError>(Type.Object({}, { additionalProperties: true }))),
  }),
  documented,
);

export function toTask(view: TaskView): Static<typeof TaskSchema> {
  const { id, name, status, progress, result, error, attempts, waitingFor, createdBy } = view;
  return { id, name, status, progress, result, error, attempts, waitingFor, ...toTimes(view), createdBy };
}

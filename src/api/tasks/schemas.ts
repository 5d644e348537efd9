// Tasks as JSON.
import { Type, type Static } from '@fastify/type-provider-typebox';
import type { TaskView } from '../../db/tasks/task-views.ts';
import { ProgressSchema, StatusName, TaskErrorSchema, toTimes, WaitingFor } from '../imports/schemas.ts';
import { CreatedBy, Id, Instant, nullable } from '../http/schemas.ts';

export const TaskSchema = Type.Object({
  id: Id('The task.'),
  name: Type.String({
    description: 'What it does: `import`, or `undo`, which takes the rows of an import back.',
  }),
  status: StatusName,
  progress: nullable(ProgressSchema),
  result: nullable(
    Type.Object(
      {},
      {
        additionalProperties: true,
        description: 'What came out: the counts of an import; what an undo has deleted and kept.',
      },
    ),
  ),
  error: nullable(TaskErrorSchema),
  attempts: Type.Integer({ minimum: 0 }),
  waitingFor: nullable(WaitingFor),
  createdAt: Instant('When it was asked for.'),
  startedAt: nullable(Instant('When a worker began.')),
  finishedAt: nullable(Instant('When it ended.')),
  createdBy: nullable(CreatedBy),
});

export function toTask(view: TaskView): Static<typeof TaskSchema> {
  const { id, name, status, progress, result, error, attempts, waitingFor, createdBy } = view;
  return { id, name, status, progress, result, error, attempts, waitingFor, ...toTimes(view), createdBy };
}

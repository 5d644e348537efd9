// Bodies that ask for tasks. The checks here are rough, so that what is wrong with arguments and options is told with the task's own words
// (check-tasks.ts); the document has all of it.
import { Type } from '@fastify/type-provider-typebox';
import { TASK_OPTIONS } from '../../core/tasks/task-options.ts';
import { component } from '../http/components.ts';

/** In one batch. */
export const MOST_IN_BATCH = 1000;

const Backoff = component('TaskBackoff', { ...TASK_OPTIONS.backoff });
const Unique = component('TaskUnique', { ...TASK_OPTIONS.unique });

/** Options as the document has them: objects have names there. */
export const DOCUMENTED_OPTIONS = {
  ...TASK_OPTIONS,
  backoff: Type.Optional(Backoff),
  unique: Type.Optional(Unique),
};

const name = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'What it does: a task that a worker knows. `GET /v1/tasks/registered` lists them.',
  examples: ['add'],
});
const args = Type.Object(
  {},
  {
    additionalProperties: true,
    description: 'Its arguments, as its definition describes them; integers of any size stay what they are.',
    examples: [{ a: 1, b: 2 }],
  },
);

export const TaskRequest = component(
  'TaskRequest',
  Type.Object({ name, args: Type.Optional(args) }, { additionalProperties: true }),
  Type.Object(
    { name, args: Type.Optional(args), ...DOCUMENTED_OPTIONS },
    { additionalProperties: false, description: 'A task to be recorded.' },
  ),
);

export const TaskBatch = component(
  'TaskBatch',
  Type.Object(
    {
      tasks: Type.Array(TaskRequest, {
        minItems: 1,
        maxItems: MOST_IN_BATCH,
        description: 'All are recorded, or none.',
      }),
    },
    { additionalProperties: false },
  ),
);

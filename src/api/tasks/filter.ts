// The filter of lists of tasks, and of what is done with many.
import { Type, type Static } from '@fastify/type-provider-typebox';
import type { TaskFilter } from '../../db/tasks/list-tasks.ts';
import { Label } from '../http/schemas.ts';
import { readFilter } from '../imports/history-filter.ts';

const WHEN =
  'a time such as 2026-01-31T09:00:00Z (RFC 3339), or a date such as 2026-01-31, which is the start of that day in UTC.';

/** All but the status, which is written otherwise in a query than in a body. */
export const FILTER = {
  name: Type.Optional(Label('Only tasks of this name.')),
  queue: Type.Optional(Label('Only tasks of this queue.')),
  worker: Type.Optional(
    Type.String({ format: 'uuid', description: 'Only what this worker runs, or ran last.' }),
  ),
  tag: Type.Optional(Label('Only tasks with this tag.')),
  parentId: Type.Optional(Type.String({ format: 'uuid', description: 'Only what this task has asked for.' })),
  createdAfter: Type.Optional(Type.String({ description: `Only what was asked for then or later: ${WHEN}` })),
  createdBefore: Type.Optional(Type.String({ description: `Only what was asked for before then: ${WHEN}` })),
  q: Type.Optional(
    Label('Only tasks with this text in their arguments or in the message of their error, in any case.'),
  ),
};

const Filter = Type.Object(FILTER);

/** @throws AppError INVALID_REQUEST naming the parameter */
export function readTaskFilter({
  status,
  createdAfter,
  createdBefore,
  ...filter
}: Static<typeof Filter> & { readonly status?: string | string[] }): TaskFilter {
  const read = readFilter({
    ...(status === undefined ? {} : { status }),
    ...(createdAfter === undefined ? {} : { createdAfter }),
    ...(createdBefore === undefined ? {} : { createdBefore }),
  });
  return { ...filter, ...read };
}

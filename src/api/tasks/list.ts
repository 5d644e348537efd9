// GET /v1/tasks
import { Type } from '@fastify/type-provider-typebox';
import { listTaskViews } from '../../db/tasks/list-tasks.ts';
import { commaList } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { IdPageQuery, Page, problems } from '../http/schemas.ts';
import { StatusName } from '../imports/outcome-schema.ts';
import type { TasksContext } from './context.ts';
import { FILTER, readTaskFilter } from './filter.ts';
import { JSON_TYPE, taskPageText, TaskSchema } from './schemas.ts';

const Query = Type.Object(
  {
    ...IdPageQuery.properties,
    ...FILTER,
    status: Type.Optional(commaList(StatusName, 'Only these statuses: one, or several with commas.')),
  },
  { additionalProperties: false },
);

export function listRoute(app: App, { deps }: TasksContext): void {
  app.get(
    '/tasks',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['tasks'],
        operationId: 'listTasks',
        summary: 'Tasks, newest first',
        description:
          'All filters together. A page may have fewer tasks than `limit`, or none, and still a `nextCursor`: for filters that few tasks match, a page looks through so many rows and no more. Go on until `nextCursor` is null.',
        querystring: Query,
        response: {
          200: {
            description: 'One page of tasks.',
            content: {
              'application/json': { schema: Type.Unsafe<string>(Page(TaskSchema, 'One page of tasks.')) },
            },
          },
          ...problems(400),
        },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...filter } = request.query;
      const page = { limit, before: cursor };
      const { views, next } = await listTaskViews(deps.database.pool, readTaskFilter(filter), page);
      return reply.type(JSON_TYPE).send(taskPageText(views, next));
    },
  );
}

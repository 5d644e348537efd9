// /v1/groups: chains, groups and chords of tasks.
import { randomFillSync } from 'node:crypto';
import { Type } from '@fastify/type-provider-typebox';
import {
  GROUP_KINDS,
  GROUP_STATUSES,
  MEMBER_STATUSES,
  memberSchema,
  tasksWithin,
  type Canvas,
  withTraceparent,
} from '../../core/tasks/canvas.ts';
import { createUuidV7 } from '../../core/uuid.ts';
import { databaseError, SQLSTATE } from '../../db/errors.ts';
import {
  cancelGroup,
  createGroup,
  findGroup,
  listMembers,
  settleGroups,
  type GroupView,
} from '../../db/tasks/groups.ts';
import { AppError } from '../../errors.ts';
import { currentTraceparent } from '../../tracing/tracing.ts';
import type { ApiDeps } from '../deps.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { Id, IdParams, Instant, nullable, problems } from '../http/schemas.ts';
import { refuse, taskItems } from '../tasks/check-tasks.ts';
import { createDefinitions } from '../tasks/definitions.ts';
import { addExactBodies, exactBody } from '../tasks/exact-body.ts';

/** As large as a batch of tasks. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;
const MOST_ON_A_PAGE = 1000;

const GroupErrorSchema = component(
  'GroupError',
  Type.Object(
    {
      code: Type.String({ description: 'What a program may branch on.' }),
      message: Type.String({ description: 'Why.' }),
      place: Type.Optional(Type.Integer({ description: 'The member, from 0 on.' })),
      taskId: Type.Optional(Id('The task.')),
    },
    { description: 'Why it has failed.' },
  ),
);

const GroupSchema = component(
  'Group',
  Type.Object(
    {
      id: Id('The chain, group or chord.'),
      kind: Type.Enum([...GROUP_KINDS], { type: 'string', description: 'What it is.' }),
      status: Type.Enum([...GROUP_STATUSES], { type: 'string', description: 'How the whole stands.' }),
      parentId: nullable(Id('The one of which it is a member.')),
      members: Type.Object(
        Object.fromEntries(
          MEMBER_STATUSES.map((status) => [
            status,
            Type.Integer({ minimum: 0, description: `Members that are ${status}.` }),
          ]),
        ),
        { description: 'How many members there are of each status; `waiting`: their turn has not come.' },
      ),
      result: Type.Unknown({
        description:
          'Of a chain or chord that of the last task, of a group the list of results in their order.',
      }),
      error: nullable(GroupErrorSchema),
      createdAt: Instant('When it was asked for.'),
      finishedAt: nullable(Instant('When it ended.')),
    },
    { description: 'Tasks that belong together.' },
  ),
);

const MemberSchema = component(
  'GroupMember',
  Type.Object(
    {
      place: Type.Integer({ minimum: 0, description: 'From 0 on.' }),
      name: nullable(Type.String({ description: 'The task; null of a chain or group.' })),
      status: Type.Enum([...MEMBER_STATUSES], { type: 'string', description: 'How it stands.' }),
      taskId: nullable(Id('The task, when its turn has come.')),
      groupId: nullable(Id('The chain or group, when its turn has come.')),
      result: Type.Unknown({ description: 'What it has given.' }),
      error: nullable(Type.Object({}, { additionalProperties: true, description: 'Why it has failed.' })),
    },
    { description: 'A member.' },
  ),
);

const MembersPage = component(
  'GroupMembers',
  Type.Object(
    {
      data: Type.Array(MemberSchema),
      nextCursor: nullable(Type.Integer({ description: 'Null on the last page.' })),
    },
    { description: 'A page of members.' },
  ),
);

const CanvasSchema = component('Canvas', memberSchema(component));

export async function groupsRoutes(app: App, { database: { pool }, logger }: ApiDeps): Promise<void> {
  const readDefinitions = createDefinitions(pool, logger);
  addExactBodies(app);
  const newId = createUuidV7(randomFillSync);

  app.post(
    '/groups',
    {
      config: { role: 'operator' },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        tags: ['tasks'],
        operationId: 'createGroup',
        summary: 'Begin a chain, group or chord of tasks',
        description:
          'A chain does one after the other, a group all at the same time, a chord gives the results of a group to a task. Members may be chains and groups themselves.',
        body: CanvasSchema,
        response: { 202: GroupSchema, ...problems(400, 422) },
      },
    },
    async (request, reply) => {
      const canvas = exactBody(request) as Canvas;
      await requireTasks(canvas);
      const id = newId(Date.now());
      try {
        const trace = currentTraceparent();
        const traced = trace === undefined ? canvas : withTraceparent(canvas, trace);
        await createGroup(pool, id, traced, request.user.id);
      } catch (error) {
        if (databaseError(error)?.code !== SQLSTATE.invalidParameterValue) throw error;
        throw new AppError('INVALID_REQUEST', `${databaseError(error)!.message}.`);
      }
      return reply.code(202).send(toGroup(await requireGroup(id)));
    },
  );

  app.get(
    '/groups/:id',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['tasks'],
        operationId: 'getGroup',
        summary: 'Status of a chain, group or chord',
        params: IdParams,
        response: { 200: GroupSchema, ...problems(400, 404) },
      },
    },
    async (request) => toGroup(await requireGroup(request.params.id)),
  );

  app.get(
    '/groups/:id/members',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['tasks'],
        operationId: 'listGroupMembers',
        summary: 'Members of a chain, group or chord, in their order',
        params: IdParams,
        querystring: Type.Object({
          limit: Type.Integer({
            minimum: 1,
            maximum: MOST_ON_A_PAGE,
            default: 50,
            description: 'How many at most.',
          }),
          cursor: Type.Optional(
            Type.Integer({
              minimum: 0,
              description: 'The `nextCursor` of the page before; without, the first page.',
            }),
          ),
        }),
        response: {
          200: MembersPage,
          ...problems(400, 404),
        },
      },
    },
    async (request) => {
      const { limit, cursor = -1 } = request.query;
      await requireGroup(request.params.id);
      const found = await listMembers(pool, request.params.id, cursor, limit + 1);
      const data = found.slice(0, limit);
      return {
        data: data.map((member) => ({ ...member, error: member.error as Record<string, unknown> | null })),
        nextCursor: found.length > limit ? data.at(-1)!.place : null,
      };
    },
  );

  app.delete(
    '/groups/:id',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['tasks'],
        operationId: 'cancelGroup',
        summary: 'Cancel a chain, group or chord',
        description:
          'The whole is cancelled at once, members whose turn has not come never begin, and what runs of it is cancelled as any task.',
        params: IdParams,
        response: { 202: GroupSchema, ...problems(400, 404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { status } = await requireGroup(id);
      if (!(await cancelGroup(pool, id, request.user.id)) && status !== 'cancelled')
        throw new AppError('TASK_FINAL', `It has ended already: ${(await requireGroup(id)).status}.`, {
          taskStatus: status,
        });
      // Workers do the same; the answer tells more when it is done here at once.
      await settleGroups(pool);
      return reply.code(202).send(toGroup(await requireGroup(id)));
    },
  );

  async function requireGroup(id: string): Promise<GroupView> {
    const found = await findGroup(pool, id);
    if (found === undefined) throw new AppError('NOT_FOUND', `There is no chain or group ${id}.`);
    return found;
  }

  /** @throws AppError TASK_UNKNOWN, TASK_INVALID */
  async function requireTasks(canvas: Canvas): Promise<void> {
    const tasks = tasksWithin(canvas);
    const definitions = await readDefinitions(tasks.map(({ task }) => task.name));
    refuse(
      tasks.flatMap(({ task: { name, args = {}, into, errorsInto }, pointer }) => {
        const items = taskItems({ name, args }, pointer, definitions);
        // What comes before is an argument too; the worker checks all of them.
        return into === undefined && errorsInto === undefined
          ? items
          : items.filter((item) => item.pointer === `${pointer}/name`);
      }),
    );
  }
}

function toGroup(view: GroupView) {
  return {
    ...view,
    createdAt: view.createdAt.toISOString(),
    finishedAt: view.finishedAt?.toISOString() ?? null,
  };
}

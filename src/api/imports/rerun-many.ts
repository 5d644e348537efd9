// POST /v1/imports/rerun: all failed imports that match a filter.
import { Type, type Static } from '@fastify/type-provider-typebox';
import { counted } from '../../core/counted.ts';
import { countRerunnable, listRerunnable, type RerunFilter } from '../../db/imports/reruns.ts';
import { AppError } from '../../errors.ts';
import { rerunImport } from '../../intake/rerun-import.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { Id, problems } from '../http/schemas.ts';
import type { ImportsContext } from './context.ts';
import { readFilter } from './history-filter.ts';
import { answerOnce } from './idempotency.ts';
import { askedOf, IDEMPOTENT, intakeOf } from './taken.ts';

/** So many imports in one request. */
const MOST_AT_ONCE = 1000;

const Body = component(
  'RerunRequest',
  Type.Object(
    {
      status: Type.Optional(
        Type.Enum(['failed', 'cancelled'], {
          type: 'string',
          description: 'Only imports that ended like this. Without it: those that have failed.',
        }),
      ),
      dataset: Type.Optional(Type.String({ description: 'Only this dataset.' })),
      createdAfter: Type.Optional(
        Type.String({ description: 'Only what was sent at this date or time, or later.' }),
      ),
      createdBefore: Type.Optional(
        Type.String({ description: 'Only what was sent before this date or time.' }),
      ),
      expect: Type.Integer({
        minimum: 0,
        description: `How many imports you expect to be run again, at most ${MOST_AT_ONCE}; 409 says how many it would be.`,
      }),
    },
    { additionalProperties: false },
  ),
);

const Reruns = component(
  'Reruns',
  Type.Object({
    data: Type.Array(
      Type.Object({ importId: Id('The new import.'), rerunOf: Id('The one that it runs again.') }),
      { description: 'Oldest first.' },
    ),
    declined: Type.Array(
      Type.Object({
        importId: Id('An import that could not be run again.'),
        code: Type.String({ description: 'As a rerun of this one alone would be answered.' }),
        detail: Type.String(),
      }),
    ),
    remaining: Type.Integer({ description: 'How many more match: send the request again.' }),
  }),
);

type Answer = Static<typeof Reruns>;

export function rerunManyRoute(app: App, { deps, nextId }: ImportsContext): void {
  const { db } = deps.database;

  app.post(
    '/imports/rerun',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['imports'],
        operationId: 'rerunImports',
        summary: 'Run failed imports again',
        description: [
          'All that match a filter, oldest first, as `POST /v1/imports/{id}/rerun` does each of them. Imports that cannot be run again, because rows of them are in the table, their file is no longer kept, or they were run again already, do not match.',
          `\`expect\` must be the number of imports that the request runs again: those that match, at most ${MOST_AT_ONCE}. If it is another one nothing is done, and the 409 says the number (\`matching\`).`,
        ].join('\n\n'),
        headers: IDEMPOTENT,
        body: Body,
        response: { 202: Reruns, ...problems(400, 409, 422, 507) },
      },
    },
    async (request, reply) => {
      const filter = filterOf(request.body);
      const says = { rerunMany: JSON.stringify(request.body) };
      const { answer, replayed } = await answerOnce<Answer>(
        deps,
        askedOf(request, nextId(), says),
        async (settle) => {
          const matching = await countRerunnable(db, filter);
          requireExpected(matching, request.body.expect);
          const ids = await listRerunnable(db, filter, request.body.expect);
          const reruns = { ...(await rerunEach(ids)), remaining: matching - ids.length };
          await settle?.(db, undefined, reruns);
          return reruns;
        },
        async (first) => first.answer as Answer,
      );
      if (replayed) void reply.header('Idempotent-Replayed', 'true');
      return reply.code(202).send(answer);

      async function rerunEach(ids: readonly string[]): Promise<Omit<Answer, 'remaining'>> {
        const data: Answer['data'] = [];
        const declined: Answer['declined'] = [];
        for (const id of ids) {
          const importId = nextId();
          try {
            await rerunImport(intakeOf(deps, request), id, { importId, sender: request.user });
            data.push({ importId, rerunOf: id });
          } catch (error) {
            // What a rerun of it alone would be told; without Postgres or room none of the others goes either.
            if (!(error instanceof AppError) || error.status >= 500) throw error;
            declined.push({ importId: id, code: error.code, detail: error.message });
          }
        }
        return { data, declined };
      }
    },
  );
}

function filterOf({ status = 'failed', expect: _expect, ...body }: Static<typeof Body>): RerunFilter {
  return { ...readFilter({ ...body }), status: [status] };
}

/** @throws AppError CONFLICT */
function requireExpected(matching: number, expected: number): void {
  const touched = Math.min(matching, MOST_AT_ONCE);
  if (touched === expected) return;
  throw new AppError(
    'CONFLICT',
    `The request would run ${counted(touched, 'import')} again, not ${expected}${matching > touched ? ` (${matching} match, and ${MOST_AT_ONCE} are the most in one request)` : ''}. Nothing was done. Look at what matches, and send it with expect=${touched}.`,
    { matching: touched },
  );
}

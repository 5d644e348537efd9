// POST /v1/imports/{id}/commit
import { commitDryRun } from '../../intake/commit-dry-run.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import type { ImportsContext } from './context.ts';
import { answerOnce } from './idempotency.ts';
import { audited } from '../http/audited.ts';
import { askedOf, IDEMPOTENT, intakeOf, sendTakenImport } from './taken.ts';
import { TAKEN } from './upload-schema.ts';

export function commitRoute(app: App, { deps, nextId, requireImport }: ImportsContext): void {
  app.post(
    '/imports/:id/commit',
    {
      config: { role: 'operator', scope: { verbs: ['import'], dataset: 'import' } },
      schema: {
        tags: ['imports'],
        operationId: 'commitImport',
        summary: 'Load what a dry run has tried',
        description:
          'Takes a new import with the file and the options of a dry run that has succeeded. It does what the dry run said, or nothing: 412 when the dataset, the tables’ definition or rows that matter have changed since; a change that comes after the answer makes the import fail (`table-changed`). 409 when it is no dry run that has succeeded, or was committed already (`importId`).',
        params: IdParams,
        headers: IDEMPOTENT,
        response: { 202: TAKEN, ...problems(400, 404, 409, 410, 412, 422, 507) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const importId = nextId();
      const answered = await answerOnce(
        deps,
        askedOf(request, importId, { commit: id }),
        (settle) =>
          commitDryRun(intakeOf(deps, request), id, {
            importId,
            sender: request.user,
            together: audited(settle, {
              by: request.user,
              action: 'import.commit',
              subject: { type: 'import', id },
              details: { importId },
            }),
          }),
        ({ importId: first }) => requireImport(first),
      );
      return sendTakenImport(deps, reply, answered);
    },
  );
}

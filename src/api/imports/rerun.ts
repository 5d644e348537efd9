// POST /v1/imports/{id}/rerun
import { rerunImport } from '../../intake/rerun-import.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import type { ImportsContext } from './context.ts';
import { answerOnce } from './idempotency.ts';
import { audited } from '../http/audited.ts';
import { askedOf, IDEMPOTENT, intakeOf, sendTakenImport } from './taken.ts';
import { TAKEN } from './upload-schema.ts';

export function rerunRoute(app: App, { deps, nextId, requireImport }: ImportsContext): void {
  app.post(
    '/imports/:id/rerun',
    {
      config: { role: 'operator', scope: { verbs: ['import'], dataset: 'import' } },
      schema: {
        tags: ['imports'],
        operationId: 'rerunImport',
        summary: 'Run a failed import again',
        description:
          'Takes a new import (`rerunOf`) with the file and the options of one that has failed or was cancelled. 409 while rows of it are in the table: take them back with an undo first. 409 too when it was run again already (`importId`; if that has failed, run that one again), when its dataset was changed since, and for the commit of a dry run, which is committed again. 410 when its file is no longer kept.',
        params: IdParams,
        headers: IDEMPOTENT,
        response: { 202: TAKEN, ...problems(400, 404, 409, 410, 422, 507) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const importId = nextId();
      const answered = await answerOnce(
        deps,
        askedOf(request, importId, { rerun: id }),
        (settle) =>
          rerunImport(intakeOf(deps, request), id, {
            importId,
            sender: request.user,
            together: audited(settle, {
              by: request.user,
              action: 'import.rerun',
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

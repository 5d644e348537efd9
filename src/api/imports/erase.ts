// DELETE /v1/imports/{id}
import { eraseImport, markFilesErased } from '../../db/imports/erase.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { withdraw } from '../../queue/dispatch.ts';
import { importFolder } from '../../storage/keys.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import type { ImportsContext } from './context.ts';
import { ImportSchema, toImport } from './import-schema.ts';

export function eraseRoute(app: App, { deps, requireImport }: ImportsContext): void {
  const { db } = deps.database;

  app.delete(
    '/imports/:id',
    {
      // Of what it takes away nothing comes back.
      config: { role: 'admin', scope: { verbs: ['import'], dataset: 'import' } },
      schema: {
        tags: ['imports'],
        operationId: 'eraseImport',
        summary: 'Erase what an import holds of people',
        description: [
          'Removes its file and rejects, the rows that a dry run has staged, the names of the file (`fileName`, `entryName`), also from what webhooks were told, and the values and messages of its row errors and of its failure. Its downloads, retries, rerun and commit answer 410 `FILE_GONE` then. Counts, times, options, headers of columns, and the codes and places of row errors stay, and so do its rows in the table: take them back with an undo first, if they are to go.',
          'Retries, reruns and the commit of a dry run are imports with files of their own: erase them too (`retries`, `rerunOf`, `commitOf`). 409 while the import, an undo or a retry of it is under way. May be sent again: the answer is the same, with the same `erasedAt`.',
        ].join('\n\n'),
        params: IdParams,
        response: { 200: ImportSchema, ...problems(400, 404, 409) },
      },
    },
    async (request) => {
      const { id } = request.params;
      await eraseImport(db, id, (tx) =>
        recordAudit(tx, { by: request.user, action: 'import.erase', subject: { type: 'import', id } }),
      );
      await deps.storage.removeFolder(importFolder(id));
      await markFilesErased(db, id);
      // Redis keeps messages of failed jobs for a while.
      request.afterResponse([
        {
          failure: 'the job of an erased import stays in Redis for its time',
          run: () => withdraw(deps.queues, { id }),
        },
      ]);
      return toImport(await requireImport(id), deps.config.basePath);
    },
  );
}

// /v1/imports: send a file, follow it, read what did not land.
import multipart from '@fastify/multipart';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { commitRoute } from './commit.ts';
import { createContext } from './context.ts';
import { createRoute } from './create.ts';
import { downloadRoutes } from './downloads.ts';
import { eraseRoute } from './erase.ts';
import { errorsRoute } from './errors.ts';
import { followRoute } from './follow.ts';
import { importUploadRoute } from './import-upload.ts';
import { listRoute } from './list.ts';
import { rerunRoute } from './rerun.ts';
import { rerunManyRoute } from './rerun-many.ts';
import { retryRoute } from './retry.ts';
import { showRoute } from './show.ts';
import { undoRoute } from './undo.ts';

export async function importsRoutes(app: App, deps: ApiDeps): Promise<void> {
  const stopping = new AbortController();
  app.addHook('preClose', (done) => {
    stopping.abort();
    done();
  });
  const context = createContext(deps, stopping.signal);

  // Takes a body of JSON.
  rerunManyRoute(app, context);
  await app.register(async (scope: App) => {
    await leaveBodiesUnread(scope);
    createRoute(scope, context);
    retryRoute(scope, context);
    importUploadRoute(scope, context);
    listRoute(scope, context);
    showRoute(scope, context);
    errorsRoute(scope, context);
    downloadRoutes(scope, context);
    followRoute(scope, context);
    commitRoute(scope, context);
    undoRoute(scope, context);
    rerunRoute(scope, context);
    eraseRoute(scope, context);
  });
}

/** A file is read where it is stored, never into memory, and what is no file is refused unread. */
async function leaveBodiesUnread(scope: App): Promise<void> {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  await scope.register(multipart);
}

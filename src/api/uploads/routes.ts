// /v1/uploads: files that are kept, and looked at before they are imported.
import { randomFillSync } from 'node:crypto';
import { createUuidV7 } from '../../core/uuid.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { createRoute } from './create.ts';
import { deleteRoute } from './delete.ts';
import { listRoute } from './list.ts';
import { showRoute } from './show.ts';

export async function uploadsRoutes(app: App, deps: ApiDeps): Promise<void> {
  const nextId = createUuidV7((bytes) => randomFillSync(bytes));
  listRoute(app, deps);
  showRoute(app, deps);
  deleteRoute(app, deps);
  await app.register((scope: App) => createRoute(scope, deps, () => nextId(Date.now())));
}

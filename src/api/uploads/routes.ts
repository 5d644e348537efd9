// /v1/uploads: files that are kept, and looked at before they are imported.
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { deleteRoute } from './delete.ts';
import { listRoute } from './list.ts';

export async function uploadsRoutes(app: App, deps: ApiDeps): Promise<void> {
  listRoute(app, deps);
  deleteRoute(app, deps);
}

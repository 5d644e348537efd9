// Records: what stands in the tables of datasets, one by one and by filters.
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { addLosslessBodies } from './bodies.ts';
import { changeManyRoutes } from './change-many.ts';
import { changeRoutes } from './change.ts';
import { createRecordsContext } from './context.ts';
import { createRoute } from './create.ts';
import { exportRoutes } from './export.ts';
import { exportedRoute } from './exported.ts';
import { listRoutes } from './list.ts';
import { openApiRoute } from './openapi.ts';
import { originRoute } from './origin.ts';
import { showRoute } from './show.ts';
import { statsRoute } from './stats.ts';

export async function recordsRoutes(app: App, deps: ApiDeps): Promise<void> {
  const context = createRecordsContext(deps);
  addLosslessBodies(app);
  listRoutes(app, context);
  showRoute(app, context);
  exportRoutes(app, context);
  exportedRoute(app, context);
  createRoute(app, context);
  changeRoutes(app, context);
  changeManyRoutes(app, context);
  originRoute(app, context);
  openApiRoute(app, context);
  statsRoute(app, context);
  app.addHook('onClose', async () => {
    await context.tasks.ring.close();
    await context.reads.close();
  });
}

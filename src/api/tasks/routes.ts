// Tasks: asking for them, how they stand, their history, and what is done with them.
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { cancelRoute } from './cancel-route.ts';
import { createTasksContext } from './context.ts';
import { createRoutes } from './create.ts';
import { historyRoutes } from './history.ts';
import { listRoute } from './list.ts';
import { manyRoutes } from './many.ts';
import { registeredRoute } from './registered.ts';
import { retryRoute } from './retry.ts';
import { showRoute } from './show.ts';

export async function tasksRoutes(app: App, deps: ApiDeps): Promise<void> {
  const context = createTasksContext(deps);
  app.addHook('onClose', () => context.ring.close());
  listRoute(app, context);
  showRoute(app, context);
  cancelRoute(app, deps);
  historyRoutes(app, context);
  createRoutes(app, context);
  retryRoute(app, context);
  manyRoutes(app, context);
  registeredRoute(app, context);
}

// /v1/schedules: rules by which the clock makes tasks. A worker makes them (worker/upkeep/run-schedules.ts).
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { addExactBodies } from '../tasks/exact-body.ts';
import { changeRoutes } from './change.ts';
import { createSchedulesContext } from './context.ts';
import { createRoutes } from './create.ts';
import { previewRoute } from './preview.ts';
import { readRoutes } from './read.ts';
import { runRoute } from './run.ts';

export async function schedulesRoutes(app: App, deps: ApiDeps): Promise<void> {
  const context = createSchedulesContext(deps);
  addExactBodies(app);
  readRoutes(app, context);
  createRoutes(app, context);
  previewRoute(app);
  changeRoutes(app, context);
  runRoute(app, context);
}

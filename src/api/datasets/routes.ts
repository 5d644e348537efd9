// /v1/datasets
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { changeRoutes } from './change.ts';
import { inferRoute } from './infer.ts';
import { mappingRoutes } from './mappings.ts';
import { readRoutes } from './read.ts';
import { templateRoutes } from './templates.ts';

export async function datasetsRoutes(app: App, deps: ApiDeps): Promise<void> {
  readRoutes(app, deps);
  changeRoutes(app, deps);
  templateRoutes(app, deps);
  mappingRoutes(app, deps);
  await app.register((scope: App) => inferRoute(scope, deps));
}
